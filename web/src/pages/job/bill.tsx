// What a job cost: each bill with how its price was counted, the entries of the journal behind it, and who contests it.

import { useState } from 'preact/hooks';

import { ask, at, download } from '../../api/client';
import { changed, useLive } from '../../api/live';
import { may } from '../../api/session';
import type { Schemas } from '../../api/coming';
import type { Job, JobEvent } from '../../api/types';
import { type Bill, type Billed, carbonKg, coreHours, creditOf, deviceHours, type Entry, type Facts as JobFacts, feeOf, kwhOf, standing, yuanOf } from '../../parts/bundle';
import { said, who } from '../../parts/said';
import { AreaField, type Column, common, Dialog, ENDED, Figure, Form, format, known, Part, Problem, SelectField, Table, TextField, Time, Yuan } from '../../ui';
import { t } from './words';

type DisputeRow = Schemas['DisputeView'];

/** The price in its parts, each with its sum. */
function counted(bill: Bill): { text: string; value: number }[] {
  const { parts, rate, agreed } = bill;
  const rates = agreed?.hours?.length ? [t('hourly')] : [
    ...(bill.devices > 0 ? [t('devicesTimes', { hours: format.figure(deviceHours(bill)), rate: format.yuan(yuanOf(rate.device_hour)) })] : []),
    ...(bill.cores > 0 ? [t('coresTimes', { hours: format.figure(coreHours(bill)), rate: format.yuan(yuanOf(rate.core_hour)) })] : []),
  ];
  const run = [t('part.run'), rates.join(' + ')].filter(Boolean).join(': ');
  const adjusted = bill.adjusted ?? 0;
  const lines = parts
    ? [
      { text: run, value: parts.run },
      { text: t('part.idle'), value: parts.idle ?? 0 },
      { text: t('part.kept'), value: parts.kept ?? 0 },
      { text: t('part.minimum'), value: parts.minimum ?? 0 },
      { text: t('part.discount'), value: -(parts.discount ?? 0) },
    ]
    : [{ text: run, value: bill.price - adjusted }];
  return [...lines, { text: t('part.adjusted'), value: adjusted }].filter((line, index) => index === 0 || line.value !== 0);
}

function Counted({ billed, job, several }: { billed: Billed; job: Job; several: boolean }) {
  const { bill } = billed;
  const name = (account: Bill['postings'][number]['debit']): string => {
    if (account === 'Hub' || account === 'Grants') return t('theHub');
    if ('Provider' in account) return account.Provider;
    return 'Credit' in account ? t('credits', { tenant: job.tenant }) : job.tenant;
  };
  const lines = counted(bill);
  return (
    <table role="table" class="table job-counted">
      <caption>{t('counted')}{several && <span class="aside">{t('countedOf', { n: bill.attempt ?? 1 })}</span>}</caption>
      <thead role="rowgroup" class="unseen"><tr role="row"><th role="columnheader" scope="col">{t('counted')}</th><th role="columnheader" scope="col">{t('price')}, {common('yuan')}</th></tr></thead>
      <tbody role="rowgroup">
        {lines.map((line) => (
          <tr key={line.text} role="row"><th role="rowheader" scope="row">{line.text}</th><td role="cell" class="num" data-label={common('yuan')}><Yuan value={yuanOf(line.value)} /></td></tr>
        ))}
        {lines.length > 1 && <tr role="row" class="job-sum"><th role="rowheader" scope="row">{t('price')}</th><td role="cell" class="num" data-label={common('yuan')}><Yuan value={yuanOf(bill.price)} /></td></tr>}
        {bill.postings.map((posting, index) => (
          <tr key={index} role="row" class="job-posting">
            <th role="rowheader" scope="row">{t('pays', { from: name(posting.debit), to: name(posting.credit) })}</th>
            <td role="cell" class="num" data-label={common('yuan')}><Yuan value={yuanOf(posting.amount)} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function FactsBehind({ job, facts }: { job: Job; facts: JobFacts }) {
  const [problem, setProblem] = useState<unknown>(null);
  const bundle = async (): Promise<void> => {
    setProblem(null);
    try {
      await download(at('/v1/jobs/{id}/bundle', { id: job.id }), `${job.id}.bundle.json`);
    } catch (error) {
      setProblem(error);
    }
  };
  const columns: Column<Entry>[] = [
    { id: 'entry', head: t('entry'), num: true, cell: (entry) => entry.seq },
    { id: 'at', head: t('when'), cell: (entry) => <Time at={entry.at} /> },
    { id: 'kind', head: t('kind'), name: true, cell: (entry) => <span lang="en">{entry.kind}</span> },
    { id: 'hash', head: t('hash'), cell: (entry) => (entry.sha256 ? <span class="mono job-hash" title={entry.sha256}>{entry.sha256.slice(0, 16)}…</span> : ''), narrow: 'line' },
  ];
  return (
    <div>
      <div class="actions">
        <button type="button" onClick={() => void bundle()}>{t('bundle')}</button>
        <span class="note job-beside">{t('bundleNote')}</span>
      </div>
      {problem !== null && <Problem error={problem} alert />}
      <details class="job-facts">
        <summary>{t('facts')} <span class="note">{t('factsSome', { n: facts.entries.length, m: facts.rules.length })}</span></summary>
        <Table caption={t('facts')} columns={columns} rows={[...facts.entries, ...facts.rules]} rowKey={(entry) => `${entry.seq}`} order="facts" sticky={false} />
      </details>
    </div>
  );
}

function Contest({ job, attempts, open, onClose }: { job: Job; attempts: readonly number[]; open: boolean; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const [attempt, setAttempt] = useState('');
  const send = async (): Promise<void> => {
    await ask(at('/v1/jobs/{id}/disputes', { id: job.id }), { method: 'POST', body: { reason, ...(attempt ? { attempt: Number(attempt) } : {}) } });
    changed('money', 'job');
    setReason('');
    onClose();
  };
  return (
    <Dialog open={open} title={t('contestTitle', { job: job.id })} onClose={onClose}>
      <p class="dialog-text">{t('contestLead')}</p>
      <Form send={send}>
        {(busy) => (
          <>
            {attempts.length > 1 && (
              <SelectField name="attempt" label={t('contestAttempt')} value={attempt} onValue={setAttempt} options={[{ value: '', label: t('lastAttempt') }, ...attempts.map((n) => ({ value: String(n), label: String(n) }))]} />
            )}
            <AreaField name="reason" label={t('reason')} value={reason} onValue={setReason} rows={4} />
            <div class="actions">
              <button type="submit" class="primary" disabled={busy}>{t('contestSend')}</button>
              <button type="button" onClick={onClose}>{common('cancel')}</button>
            </div>
          </>
        )}
      </Form>
    </Dialog>
  );
}

function Settle({ dispute, onClose }: { dispute: DisputeRow | null; onClose: () => void }) {
  const [finding, setFinding] = useState('');
  const [price, setPrice] = useState('');
  const send = async (): Promise<void> => {
    // The hub takes money as it is written: the number goes as it was typed.
    const plain = price.trim();
    const body = JSON.stringify({ finding });
    const number = /^-?\d+(\.\d+)?$/.test(plain) ? plain : JSON.stringify(plain);
    await ask(at('/v1/disputes/{id}/verdict', { id: dispute?.id }), { method: 'POST', body: plain ? `${body.slice(0, -1)},"price_yuan":${number}}` : body });
    changed('money', 'job');
    setFinding('');
    setPrice('');
    onClose();
  };
  return (
    <Dialog open={dispute !== null} title={t('settleTitle', { n: String(dispute?.id ?? '') })} onClose={onClose}>
      <p class="dialog-text">{dispute?.reason}</p>
      <Form send={send}>
        {(busy) => (
          <>
            <AreaField name="finding" label={t('finding')} hint={t('findingHint')} value={finding} onValue={setFinding} rows={4} />
            <TextField name="price_yuan" label={t('newPrice')} unit={common('yuan')} hint={t('newPriceHint')} type="number" value={price} onValue={setPrice} />
            <div class="actions">
              <button type="submit" class="primary" disabled={busy}>{t('settleSend')}</button>
              <button type="button" onClick={onClose}>{common('cancel')}</button>
            </div>
          </>
        )}
      </Form>
    </Dialog>
  );
}

export function Bills({ job, facts, problem, events }: { job: Job; facts: JobFacts | null; problem: unknown; events: readonly JobEvent[] }) {
  const [contesting, setContesting] = useState(false);
  const [settling, setSettling] = useState<DisputeRow | null>(null);
  const disputes = useLive(at('/v1/disputes'), ['money']);
  const bills = facts?.bills ?? [];
  const own = disputes.data?.disputes.filter((dispute) => dispute.job === job.id) ?? [];
  const holding = standing(bills);
  const over = ENDED.has(job.state);
  if (bills.length === 0) {
    return (
      <Part title={t('bill')}>
        {problem !== null && problem !== undefined ? <Problem error={problem} /> : <p class="none">{t(over && !job.placed_at ? 'billNever' : 'billEmpty')}</p>}
        {facts && <FactsBehind job={job} facts={facts} />}
      </Part>
    );
  }
  const attempts = [...new Set(bills.map(({ bill }) => bill.attempt ?? 1))];
  const poolOf = (billed: Billed): string | null => events.find((event) => event.entry === billed.entry)?.pool ?? null;
  const replaced = (billed: Billed): boolean => !holding.includes(billed);
  const columns: (Column<Billed> | false)[] = [
    { id: 'entry', head: t('entry'), num: true, cell: (billed) => billed.entry },
    attempts.length > 1 && { id: 'attempt', head: t('attempt', { n: '' }).trim(), num: true, cell: ({ bill }: Billed) => bill.attempt ?? 1 },
    {
      id: 'pool',
      head: t('pool'),
      name: true,
      cell: (billed) => {
        const pool = poolOf(billed) ?? (attempts.length === 1 ? job.pool : null) ?? billed.bill.place?.[1] ?? '';
        return <>{pool}{billed.corrects && <span class="under">{t('replaces', { n: String(billed.corrects.of), why: said(billed.corrects.why).text })}</span>}{replaced(billed) && <span class="under">{t('replaced')}</span>}</>;
      },
    },
    { id: 'run', head: t('runOf'), num: true, cell: ({ bill }) => format.span(bill.run / 1000) },
    { id: 'devices', head: t('deviceHours'), num: true, cell: ({ bill }) => <Figure value={deviceHours(bill)} /> },
    { id: 'cores', head: t('coreHours'), num: true, cell: ({ bill }) => <Figure value={coreHours(bill)} /> },
    { id: 'energy', head: t('energy'), unit: 'kWh', num: true, cell: ({ bill }) => <Figure value={bill.energy_source === 'unknown' ? null : kwhOf(bill.energy)} about={bill.energy_source === 'modelled'} /> },
    { id: 'carbon', head: t('carbon'), unit: 'kg CO₂', num: true, cell: ({ bill }) => <Figure value={known(bill.carbon) ? carbonKg(bill.carbon) : null} about={bill.energy_source === 'modelled'} /> },
    holding.some(({ bill }) => creditOf(bill) > 0) && { id: 'credit', head: t('credit'), unit: common('yuan'), num: true, cell: ({ bill }: Billed) => <Figure value={yuanOf(creditOf(bill))} as="yuan" /> },
    holding.some(({ bill }) => feeOf(bill) > 0) && { id: 'fee', head: t('fee'), unit: common('yuan'), num: true, cell: ({ bill }: Billed) => <Figure value={yuanOf(feeOf(bill))} as="yuan" /> },
    { id: 'price', head: t('price'), unit: common('yuan'), num: true, narrow: 'beside', cell: (billed) => (replaced(billed) ? <s><Figure value={yuanOf(billed.bill.price)} as="yuan" /></s> : <b><Figure value={yuanOf(billed.bill.price)} as="yuan" /></b>) },
  ];
  const disputed: Column<DisputeRow>[] = [
    { id: 'at', head: t('when'), cell: (dispute) => <Time at={dispute.at} /> },
    { id: 'by', head: t('contestedBy'), name: true, cell: (dispute) => <>{who(dispute.by)}<span class="under">{dispute.reason}</span></> },
    {
      id: 'outcome',
      head: t('outcome'),
      narrow: 'line',
      cell: (dispute) => {
        if (dispute.settled_at) return t('settled', { at: format.moment(Date.parse(dispute.settled_at)), finding: dispute.finding ?? '' });
        return may('operator') ? <button type="button" onClick={() => setSettling(dispute)}>{t('settle')}</button> : t('open');
      },
    },
  ];
  return (
    <Part title={t('bill')} id="bill">
      <Table caption={t('bills')} columns={columns} rows={bills} rowKey={(billed) => billed.entry} order="bills" sticky={false} class="job-bills" />
      {holding.slice(-3).map((billed) => <Counted key={billed.entry} billed={billed} job={job} several={attempts.length > 1} />)}
      {own.length > 0 && <Table caption={t('disputes')} titled columns={disputed} rows={own} rowKey={(dispute) => dispute.id} order="disputes" sticky={false} />}
      <div class="actions"><button type="button" onClick={() => setContesting(true)}>{t('contest')}</button></div>
      {facts && <FactsBehind job={job} facts={facts} />}
      <Contest job={job} attempts={attempts} open={contesting} onClose={() => setContesting(false)} />
      <Settle dispute={settling} onClose={() => setSettling(null)} />
    </Part>
  );
}
