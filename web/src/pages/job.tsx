import '../style/pages/job.css';

import { useMemo, useState } from 'preact/hooks';

import { type Address, ask, at } from '../api/client';
import { changed, type Event, useLive } from '../api/live';
import { may } from '../api/session';
import type { Job } from '../api/types';
import { Budget } from '../parts/budget';
import { type Bundle, readBundle, standing, yuanOf } from '../parts/bundle';
import { receipt } from '../parts/receipt';
import { said } from '../parts/said';
import { type SmallerView, Why } from '../parts/why';
import type { PageProps } from '../routes';
import { Bar, common, Confirm, Count, Counts, ENDED, Figure, format, JobState, known, Notice, Page, Part, Shown, Skeleton, Span, Time, Unknown, Yuan } from '../ui';
import { Bills } from './job/bill';
import { Course } from './job/course';
import { Output } from './job/output';
import { Asks, Place, Use } from './job/place';
import { t } from './job/words';

/** The form for the same job with one change. */
const changeLink = (job: string, { field, to }: SmallerView): string => `/submit?${new URLSearchParams({ like: job, [field]: to })}`;

function Ending({ job }: { job: Job }) {
  if (!job.end) return null;
  const { text, lang } = said(job.end);
  return <span lang={lang}>{text}</span>;
}

/** Counted on from the last reading, so that it grows as the job does. */
function SoFar({ job, rate, readAt }: { job: Job; rate: { device_hour: number; core_hour: number }; readAt: number }) {
  const devices = (job.part ?? job.devices) * job.replicas;
  const cores = job.cpu * job.replicas;
  const hours = ((job.run_s ?? 0) + (performance.now() - readAt) / 1000) / 3600;
  return <span title={t('soFarNote')}><Figure value={yuanOf(hours * (devices * rate.device_hour + cores * rate.core_hour))} as="yuan" unit={common('yuan')} about /></span>;
}

function Glance({ job, readAt, starts, rate }: { job: Job; readAt: number; starts: string | null | undefined; rate: { device_hour: number; core_hour: number } | null }) {
  const over = ENDED.has(job.state);
  const waits = job.state === 'waiting' || job.state === 'placed';
  const runs = job.state === 'running' || job.state === 'stopping';
  const about = job.energy_source === 'modelled';
  const limit = job.time_limit_s;
  return (
    <div class="job-glance">
      <Counts>
        <Count name={t(waits ? 'waits' : 'waited')}><Span seconds={job.wait_s} since={waits ? readAt : undefined} />{!waits && !!job.wait_by_choice_s && <small> {t('byChoice', { span: format.span(job.wait_by_choice_s) })}</small>}</Count>
        {job.state === 'waiting' && <Count name={t('starts')}>{starts ? <Time at={starts} short ago /> : <Unknown />}</Count>}
        {known(job.run_s) && (
          <Count name={t(runs ? 'runs' : 'ran')}>
            <Span seconds={job.run_s} since={runs ? readAt : undefined} />
            {runs && known(limit) && <small> {t('ofLimit', { limit: format.span(limit) })}</small>}
            {runs && known(limit) && <Bar share={job.run_s / limit} />}
          </Count>
        )}
        {known(job.exit_code) && <Count name={t('exit')}><span class={job.exit_code === 0 ? undefined : 'bad'}>{String(job.exit_code)}</span></Count>}
        {over && job.started_at && (
          <>
            <Count name={t('energy')}><Figure value={job.energy_kwh} unit="kWh" about={about} /></Count>
            <Count name={t('carbon')}><Figure value={job.carbon_kg} unit="kg CO₂" about={about} /></Count>
          </>
        )}
        {over && known(job.cost_yuan) && <Count name={t('cost')}><Yuan value={job.cost_yuan} /></Count>}
        {runs && rate && <Count name={t('soFar')}><SoFar job={job} rate={rate} readAt={readAt} /></Count>}
      </Counts>
    </div>
  );
}

export default function JobPage({ params }: PageProps) {
  const id = params.id ?? '';
  const only = (event: Event): boolean => event.id === id || event.job === id;
  const live = useLive(at('/v1/jobs/{id}', { id }), ['job', 'money'], { only });
  const history = useLive(at('/v1/jobs/{id}/history', { id }), ['job', 'money'], { only });
  // A provider is shown the facts once there is a bill of its own.
  const billed = history.data?.events.some((event) => event.what === 'billed' || event.what === 'corrected') ?? false;
  const bundle = useLive(may('provider') && !billed ? null : (at('/v1/jobs/{id}/bundle', { id }) as Address<Bundle>), ['job', 'money'], { only, every: 3000 });
  const waiting = live.data?.state === 'waiting' && may('operator', 'tenant');
  const why = useLive(waiting ? at('/v1/jobs/{id}/why', { id }) : null, ['job', 'pool', 'closing', 'tenant'], { every: 3000 });
  const [cancelling, setCancelling] = useState(false);
  const facts = useMemo(() => (bundle.data ? readBundle(bundle.data) : null), [bundle.data]);

  const job = live.data;
  const over = job !== null && ENDED.has(job.state);
  const begun = job !== null && (over ? job.started_at !== null : job.state !== 'waiting');
  const mayChange = may('operator', 'tenant');
  const cancel = async (): Promise<void> => {
    await ask(at('/v1/jobs/{id}/cancel', { id }), { method: 'POST' });
    changed('job');
  };
  const told = receipt.value?.job === id ? receipt.value : null;
  const last = facts ? standing(facts.bills).at(-1)?.bill ?? null : null;
  const rate = facts?.place && !facts.place.agreed?.hours?.length ? facts.place.rate : null;
  return (
    <Page
      title={job ? `${id} ${job.name}` : id}
      heading={job ? <>{job.name} <small class="mono">{id}</small></> : id}
      crumbs={[{ href: '/jobs', text: t('title') }]}
      lead={job && (
        <span class="job-lead">
          <JobState of={job.state} />
          {job.exit_code !== 0 && job.end !== 'was cancelled' && <Ending job={job} />}
          <span>{t.rich('by', { tenant: mayChange ? <a href={`/tenants/${encodeURIComponent(job.tenant)}`}>{job.tenant}</a> : <b>{job.tenant}</b> })}</span>
          {job.pool && <span>{t.rich(over || job.state === 'waiting' ? 'wasAt' : 'atPool', { pool: <a href={`/pools/${encodeURIComponent(job.pool)}`}>{job.pool}</a> })}</span>}
        </span>
      )}
      aside={job && mayChange && (
        <>
          <a class="button" href={`/submit?like=${id}`}>{t('again')}</a>
          {!over && job.state !== 'stopping' && <button type="button" class="danger" onClick={() => setCancelling(true)}>{t('cancel')}</button>}
        </>
      )}
    >
      {told && <Notice tone={told.warning ? 'ochre' : 'malachite'}><p>{t('receipt')} {told.warning && <span lang="en">{told.warning}</span>}</p></Notice>}
      <Shown of={live} lines={8}>
        {(shown) => (
          <>
            <Glance job={shown} readAt={live.readAt} starts={why.data?.starts_at} rate={rate} />
            {waiting && (
              <Part title={t('why')}>
                <Shown of={why}>
                  {(reason) => (
                    <Why
                      why={reason}
                      replicas={shown.replicas}
                      change={(smaller) => <a class="button" href={changeLink(id, smaller)}>{t('withChange')}</a>}
                    />
                  )}
                </Shown>
                <Budget tenant={shown.tenant} />
              </Part>
            )}
            {begun && <Output job={shown} />}
            {history.data ? <Course job={shown} events={history.data.events} /> : <Part title={t('course')}>{history.error ? <Shown of={history}>{() => null}</Shown> : <Skeleton lines={4} />}</Part>}
            {!begun && <Output job={shown} />}
            <Place job={shown} facts={facts} />
            <Use job={shown} bill={last} />
            <Bills job={shown} facts={facts} problem={bundle.error} events={history.data?.events ?? []} />
            <Asks job={shown} spec={facts?.spec ?? null} />
            <Confirm open={cancelling} title={t('cancelTitle', { job: id })} action={t('cancelAction')} danger onYes={cancel} onClose={() => setCancelling(false)}>
              {t(shown.state === 'waiting' ? 'cancelWaiting' : 'cancelRunning')}
            </Confirm>
          </>
        )}
      </Shown>
    </Page>
  );
}
