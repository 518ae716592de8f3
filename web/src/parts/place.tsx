// What the pages of a site and of a pool have in common: load by hour, and the jobs that hold a place there.

import '../style/pages/place.css';

import { useQuery, withQuery } from '../address';
import { at } from '../api/client';
import { now } from '../api/hub';
import { type Live, useLive } from '../api/live';
import { may } from '../api/session';
import type { Schemas } from '../api/types';
import { words } from '../i18n';
import en from '../i18n/en/place';
import zh from '../i18n/zh/place';
import { Choices, format, JobState, Nothing, Shown, Span, Table, Time } from '../ui';
import { TimeChart } from '../ui/chart';
import { HOLDING, HOUR, type JobRow } from './holding';

const t = words(en, zh);

/** A site or a pool, as the API asks for either. */
export type Place = { site: string } | { pool: string };

const SPANS = [24, 168, 720] as const;

/** How many hours back a page looks, by its address. */
export function useSpan(): number {
  const chosen = Number(useQuery().get('hours'));
  return SPANS.find((hours) => hours === chosen) ?? 24;
}

export const SpanChoice = () => (
  <Choices
    name="hours"
    label={t('span')}
    clears={[]}
    options={SPANS.map((hours) => ({ value: hours === 24 ? '' : String(hours), label: t(`span.${hours}`) }))}
  />
);

type Hours = Schemas['LoadView']['hours'];

/** Hours are summed up to days of the hub's clock, from the first whole one on. */
function byDay(hours: Hours): { at: number; devices: number; cores: number }[] {
  const days = new Map<string, { at: number; devices: number; cores: number }>();
  for (const { from, device_hours: devices, core_hours: cores } of hours) {
    const start = Date.parse(from);
    const name = format.day(start);
    const day = days.get(name) ?? { at: start, devices: 0, cores: 0 };
    day.devices += devices;
    day.cores += cores;
    days.set(name, day);
  }
  return [...days.values()].filter((day) => format.clock(day.at, false) < '01:00');
}

/** What jobs held there, hour by hour, or day by day over a month. */
export function LoadCharts({ place, hours }: { place: Place; hours: number }) {
  const load = useLive(at('/v1/load', { ...place, hours }), ['job', 'pool'], { every: 5000, poll: 60_000 });
  const days = hours > 168;
  return (
    <Shown of={load} lines={6}>
      {(read) => {
        const steps = days
          ? byDay(read.hours)
          : read.hours.map((hour) => ({ at: Date.parse(hour.from), devices: hour.device_hours, cores: hour.core_hours }));
        const size = days ? 24 : 1;
        const chart = { as: 'bars', interval: size * HOUR, unfinished: true, height: 160 } as const;
        const used = steps.some((step) => step.devices > 0);
        return (
          <>
            <div class="columns">
              {(read.devices > 0 || used) && (
                <TimeChart
                  {...chart}
                  title={t('devices')}
                  unit={t(days ? 'deviceDays' : 'deviceHours')}
                  series={[{ name: t('devices'), points: steps.map((step) => ({ at: step.at, value: step.devices })) }]}
                  limit={read.devices > 0 ? { name: t('most'), value: read.devices * size } : undefined}
                />
              )}
              <TimeChart
                {...chart}
                title={t('cores')}
                unit={t(days ? 'coreDays' : 'coreHours')}
                series={[{ name: t('cores'), points: steps.map((step) => ({ at: step.at, value: step.cores })) }]}
                limit={read.cores > 0 ? { name: t('most'), value: read.cores * size } : undefined}
              />
            </div>
            <p class="note place-more">{t('loadNote')}</p>
          </>
        );
      }}
    </Shown>
  );
}

const SHOWN = 20;

/** Jobs that hold a place there, newest first; `most` says how many are read. */
export const useHolding = (place: Place | null, most = SHOWN): Live<Schemas['JobList']> =>
  useLive(place && at('/v1/jobs', { ...place, state: HOLDING, limit: most }), ['job', 'pool']);

/** The jobs that hold a place there, with ways to the list of jobs. */
export function HoldingTable({
  place,
  live,
  total,
}: {
  place: Place;
  live: Live<Schemas['JobList']>;
  /** How many there are of all tenants. */
  total: number;
}) {
  const rows = live.data?.jobs.slice(0, SHOWN);
  const earlier = <a href={withQuery('/jobs', { ...place })}>{t('toEarlier')}</a>;
  if (rows?.length === 0 && !live.error)
    return (
      <p class="none">
        {t(may('tenant') ? 'noneOfYours' : 'noneRuns')} {earlier}
      </p>
    );
  return (
    <>
      <Table
        caption={t('caption')}
        rows={rows}
        live={live}
        order="jobs"
        skeleton={3}
        rowKey={(job) => job.id}
        href={(job) => `/jobs/${job.id}`}
        mark={(job) => job.state}
        columns={[
          { id: 'state', head: t('state'), cell: (job) => <JobState of={job.state} />, narrow: 'beside' },
          { id: 'job', head: t('job'), cell: (job) => <span class="mono">{job.id}</span>, sort: (job) => job.id },
          { id: 'name', head: t('name'), cell: (job) => job.name || job.id, name: true, sort: (job) => job.name },
          !may('tenant') && { id: 'tenant', head: t('tenant'), cell: (job) => job.tenant, sort: (job) => job.tenant },
          'site' in place && { id: 'pool', head: t('pool'), cell: (job) => job.pool ?? <Nothing />, sort: (job) => job.pool },
          {
            id: 'devices',
            head: t('devicesOf'),
            num: true,
            cell: (job) => (job.devices > 0 ? format.exact(job.devices * job.replicas) : <Nothing />),
            sort: (job) => job.devices * job.replicas,
          },
          {
            id: 'cores',
            head: t('coresOf'),
            num: true,
            cell: (job) => format.exact(job.cpu * job.replicas),
            sort: (job) => job.cpu * job.replicas,
          },
          {
            id: 'runs',
            head: t('runs'),
            num: true,
            cell: (job) => (job.started_at ? <Runs job={job} readAt={live.readAt} /> : <Nothing />),
            sort: (job) => job.run_s,
          },
          {
            id: 'ends',
            head: t('endsBy'),
            narrow: 'line',
            cell: (job) =>
              known(job.time_limit_s) && job.started_at ? (
                <Time at={new Date(Date.parse(job.started_at) + job.time_limit_s * 1000).toISOString()} short />
              ) : (
                <span class="none">{t('noLimit')}</span>
              ),
            sort: (job) =>
              known(job.time_limit_s) && job.started_at ? Date.parse(job.started_at) + job.time_limit_s * 1000 : null,
          },
        ]}
      />
      <p class="note place-more">
        {rows && total > rows.length && rows.length === SHOWN && <>{t('more', { n: SHOWN })} </>}
        {rows && rows.length > 0 && (
          <>
            <a href={withQuery('/jobs', { ...place, state: HOLDING.join(',') })}>{t('toJobs')}</a>
            {' · '}
          </>
        )}
        {earlier}
      </p>
    </>
  );
}

const known = (value: number | null | undefined): value is number => value !== null && value !== undefined;

/** How long it has run, by the hub's clock. */
const Runs = ({ job, readAt }: { job: JobRow; readAt: number }) => (
  <Span seconds={job.run_s ?? (now.value - Date.parse(job.started_at ?? '')) / 1000} since={readAt} />
);
