// Bills that are contested: tenants and providers open disputes, operators settle them.

import { useState } from 'preact/hooks';

import { useQuery } from '../../address';
import { at, download } from '../../api/client';
import { changed, type Live } from '../../api/live';
import type { Schemas } from '../../api/types';
import { words } from '../../i18n';
import en from '../../i18n/en/statements';
import zh from '../../i18n/zh/statements';
import { decimal, filled, millionths, Money, send, useExact, whole, yuanText } from '../../parts/money';
import { AreaField, Choices, common, Dialog, Empty, Fact, Facts, Form, Mark, Part, Problem, Table, TextField, Time } from '../../ui';

const t = words(en, zh);

type Dispute = Schemas['DisputeView'];

/** "tenant llm-lab" → in the reader's words. */
function By({ by }: { by: string }) {
  const [role = '', ...name] = by.split(' ');
  return <>{t.of('by', role)} <b>{name.join(' ')}</b></>;
}

export function Disputes({ live, operator }: { live: Live<{ disputes: Dispute[] }>; operator: boolean }) {
  const query = useQuery();
  const [trouble, setTrouble] = useState<unknown>(null);
  const which = query.get('state');
  const rows = live.data?.disputes.filter((one) => which === 'all' || (which === 'settled' ? one.settled_at : !one.settled_at));
  const bring = async (job: string): Promise<void> => {
    setTrouble(null);
    try {
      await download(at('/v1/jobs/{id}/bundle', { id: job }), `${job}-facts.json`);
    } catch (caught) {
      setTrouble(caught);
    }
  };
  return (
    <Part
      title={t('disputes')}
      wide
      aside={(
        <>
          <Choices name="state" label={t('whichDisputes')} options={[{ value: '', label: t('open') }, { value: 'settled', label: t('settled') }, { value: 'all', label: common('all') }]} />
          <a class="button" href={query.href({ contest: 'new' })}>{t('contestBill')}</a>
        </>
      )}
    >
      {trouble !== null && <Problem error={trouble} alert />}
      <Table
        caption={t('disputes')}
        rows={rows}
        live={live}
        rowKey={(one) => one.id}
        mark={(one) => one.settled_at ?? ''}
        empty={<Empty command="shugu dispute open job-7 --reason '…'">{t(which === 'settled' ? 'noneSettled' : which === 'all' ? 'noDispute' : 'noneOpen')}</Empty>}
        columns={[
          { id: 'id', head: t('number'), cell: (one) => <span class="mono">{one.id}</span>, sort: (one) => one.id, class: 'statements-number' },
          { id: 'job', head: t('job'), cell: (one) => <><a class="mono" href={`/jobs/${one.job}`}>{one.job}</a>{one.attempt > 1 && <span class="unit"> {t('attempt', { n: one.attempt })}</span>}</>, name: true, sort: (one) => Number(one.job.replace(/\D/g, '')) },
          { id: 'state', head: t('state'), cell: (one) => (one.settled_at ? <Mark shape="tick" tone="malachite">{t('settled')}</Mark> : <Mark shape="warning" tone="ochre">{t('open')}</Mark>), narrow: 'beside' },
          { id: 'by', head: t('by'), cell: (one) => <By by={one.by} />, narrow: 'line' },
          { id: 'at', head: t('since'), cell: (one) => <Time at={one.at} ago />, sort: (one) => one.at, narrow: 'line' },
          { id: 'reason', head: t('reason'), cell: (one) => <span class="statements-reason">{one.reason}</span>, narrow: 'line' },
          {
            id: 'finding',
            head: t('finding'),
            cell: (one) => (one.settled_at ? <><span class="statements-reason">{one.finding}</span> <span class="under"><Time at={one.settled_at} /></span></> : <span class="none">{t('notYet')}</span>),
            narrow: 'line',
          },
          {
            id: 'do',
            head: t('facts'),
            cell: (one) => (
              <span class="statements-do">
                <button type="button" class="plain" aria-label={t('bundleOf', { job: one.job })} title={t('bundleWhat')} onClick={() => void bring(one.job)}>{t('bundle')}</button>
                {operator && !one.settled_at && <a href={query.href({ settle: one.id })} aria-label={t('settleOf', { n: one.id })}>{t('settle')}</a>}
              </span>
            ),
            narrow: 'line',
          },
        ]}
      />
      {operator && <Settle disputes={live.data?.disputes ?? null} />}
      <Contest />
    </Part>
  );
}

// ---------------------------------------------------------------- a verdict

function Settle({ disputes }: { disputes: readonly Dispute[] | null }) {
  const query = useQuery();
  const id = query.get('settle');
  const dispute = disputes?.find((one) => String(one.id) === id && !one.settled_at);
  const close = (): void => query.set({ settle: null }, true);
  return (
    <Dialog open={dispute !== undefined} title={t('settleTitle', { n: id })} onClose={close}>
      {dispute && <SettleForm key={dispute.id} dispute={dispute} onClose={close} />}
    </Dialog>
  );
}

function SettleForm({ dispute, onClose }: { dispute: Dispute; onClose: () => void }) {
  const [finding, setFinding] = useState('');
  const [price, setPrice] = useState('');
  const job = useExact<Schemas['JobView']>(at('/v1/jobs/{id}', { id: dispute.job }), ['job', 'money']);
  const judge = async (): Promise<void> => {
    await send(at<unknown>('/v1/disputes/{id}/verdict', { id: dispute.id }), 'POST', {
      finding: filled('finding', finding),
      price_yuan: price.trim() === '' ? null : decimal('price_yuan', price),
    });
    changed('money', 'job');
    onClose();
  };
  const changes = /^\d+(\.\d+)?$/.test(price.trim());
  return (
    <>
      <Facts>
        <Fact name={t('job')}><a href={`/jobs/${dispute.job}`}>{dispute.job}</a> {job.data?.name}</Fact>
        <Fact name={t('attemptNumber')}>{dispute.attempt}</Fact>
        <Fact name={t('by')}><By by={dispute.by} /></Fact>
        <Fact name={t('costsNow')}>{job.data ? <Money of={job.data.cost_yuan} unit /> : '…'}</Fact>
        <Fact name={t('reason')} wide>{dispute.reason}</Fact>
      </Facts>
      <Form send={judge} class="form statements-prose">
        {(busy) => (
          <>
            <AreaField name="finding" label={t('findingField')} rows={3} value={finding} onValue={setFinding} hint={t('findingHint')} />
            <TextField name="price_yuan" label={t('priceInstead')} unit={common('yuan')} type="number" value={price} onValue={setPrice} hint={t('priceInsteadHint')} />
            <div class="actions">
              <button type="submit" class="primary" disabled={busy}>{changes ? t('settleAt', { amount: yuanText(millionths(price.trim())) }) : t('letStand')}</button>
              <button type="button" onClick={onClose}>{t('notNow')}</button>
            </div>
          </>
        )}
      </Form>
    </>
  );
}

// ---------------------------------------------------------------- to contest

/** `?contest=job-7&attempt=1`, or `?contest=new` where the reader says which. */
export function Contest() {
  const query = useQuery();
  const job = query.get('contest');
  const close = (): void => query.set({ contest: null, attempt: null }, true);
  return (
    <Dialog open={job !== ''} title={job === 'new' ? t('contestBill') : t('contestTitle', { job })} onClose={close}>
      <ContestForm key={job} job={job === 'new' ? '' : job} attempt={query.get('attempt')} onClose={close} />
    </Dialog>
  );
}

function ContestForm({ job, attempt, onClose }: { job: string; attempt: string; onClose: () => void }) {
  const query = useQuery();
  const [which, setWhich] = useState(job);
  const [tried, setTried] = useState(attempt);
  const [reason, setReason] = useState('');
  const contest = async (): Promise<void> => {
    await send(at<unknown>('/v1/jobs/{id}/disputes', { id: filled('job', which) }), 'POST', { attempt: whole('attempt', tried), reason: filled('reason', reason) });
    changed('money');
    query.set({ tab: 'disputes', contest: null, attempt: null, state: null });
  };
  return (
    <Form send={contest} class="form statements-prose">
      {(busy) => (
        <>
          {job === '' && (
            <div class="row">
              <TextField name="job" label={t('job')} value={which} onValue={setWhich} placeholder="job-7" mono />
              <TextField name="attempt" label={t('attemptNumber')} type="number" value={tried} onValue={setTried} placeholder={t('lastAttempt')} />
            </div>
          )}
          <AreaField name="reason" label={t('why')} rows={4} value={reason} onValue={setReason} hint={t('whyHint')} />
          <p class="note">{t('contestWhat')}</p>
          <div class="actions">
            <button type="submit" class="primary" disabled={busy}>{t('contest')}</button>
            <button type="button" onClick={onClose}>{t('notNow')}</button>
          </div>
        </>
      )}
    </Form>
  );
}
