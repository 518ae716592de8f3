// Why a job waits: the reason in numbers, when it is expected to start and how that is known, pool by pool what is short, and the
// smallest changes that would start it now. Of a job that waits, and of one that is only tried out.

import '../style/parts/why.css';

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import type { Schemas } from '../api/coming';
import { words } from '../i18n';
import en from '../i18n/en/why';
import zh from '../i18n/zh/why';
import { type Column, Figure, format, Table, Time } from '../ui';

const t = words(en, zh);

export type WhyView = Schemas['WhyView'];
export type SmallerView = Schemas['SmallerView'];
type PoolWhy = Schemas['PoolWhyView'];
/** `code` and its numbers. */
type Reason = Record<string, unknown> & { code: string };
const reasonOf = (of: { reason?: unknown }): Reason | null => (of.reason ?? null) as Reason | null;
const number = (value: unknown): number => Number(value);

/** A moment within a sentence. */
const when = (at: unknown): string => {
  const value = Date.parse(String(at));
  return Number.isNaN(value) ? String(at) : format.moment(value);
};

/** Models by what their names begin with, where there are many of one family. */
export function modelNames(models: readonly string[]): string {
  if (models.length <= 2) return models.join(t('or'));
  let prefix = models[0] ?? '';
  for (const model of models) while (!model.startsWith(prefix)) prefix = prefix.slice(0, -1);
  prefix = prefix.replace(/[\s(]+$/, '');
  return prefix.length >= 3 ? t('models', { prefix, n: models.length }) : models.join(t('or'));
}

/** What is short in a pool, in words and numbers. */
export function inWords(reason: Reason | null): string {
  if (!reason) return t('nothingShort');
  const { code } = reason;
  switch (code) {
    case 'model': {
      const wanted = (reason.wanted ?? []) as string[];
      return wanted.length > 0 ? t('short.model', { wanted: modelNames(wanted) }) : t('short.modelNone');
    }
    case 'devices':
    case 'cpu': {
      const { asked, free, largest } = reason;
      return t(`short.${code}`, { asked: number(asked), free: number(free), largest: number(largest) });
    }
    case 'memory': {
      const size = (value: unknown): string => format.bytes(number(value));
      return t('short.memory', { asked: size(reason.asked), free: size(reason.free), largest: size(reason.largest) });
    }
    case 'replicas': return t('short.replicas', { asked: number(reason.asked), fit: number(reason.fit) });
    case 'pue': return t('short.pue', { most: number(reason.most) });
    case 'device_memory': return t('short.device_memory', { asked: number(reason.asked_gb) });
    case 'part': return t('short.part', { asked: number(reason.asked_milli) / 1000, free: number(reason.free_milli) / 1000 });
    case 'kept': return t('short.kept', { nodes: number(reason.nodes), until: when(reason.until) });
    case 'closed':
      return reason.until ? t('short.closedUntil', { nodes: number(reason.nodes), until: when(reason.until) }) : t('short.closed', { nodes: number(reason.nodes) });
    case 'occupied':
      return reason.told ? t('short.occupiedTold', { nodes: number(reason.nodes), told: String(reason.told) }) : t('short.occupied', { nodes: number(reason.nodes) });
    case 'limit': return t('short.limit', { most: number(reason.most), held: number(reason.held) });
    case 'power_cap': {
      const of = { needs: number(reason.needs_kw), left: number(reason.left_kw) };
      return reason.rack ? t('short.rack_cap', { ...of, rack: String(reason.rack) }) : t('short.power_cap', of);
    }
    case 'peak': return t('short.peak', { needs: number(reason.needs_kw), left: number(reason.left_kw) });
    case 'data':
      if (!format.known(reason.bring_bytes as number | null)) return t('short.data');
      return reason.until
        ? t('short.dataUntil', { bytes: format.bytes(number(reason.bring_bytes)), until: when(reason.until) })
        : t('short.dataBring', { bytes: format.bytes(number(reason.bring_bytes)) });
    case 'site': case 'power': case 'power_unknown': case 'whole_devices': case 'images': case 'outputs': case 'veto': case 'apart': case 'silent':
      return t(`short.${code}`);
    default:
      // A reason of a newer hub is still told, by its own name and numbers.
      return [code.replaceAll('_', ' '), ...Object.entries(reason).filter(([key, value]) => key !== 'code' && value !== null).map(([key, value]) => `${key.replaceAll('_', ' ')} ${String(value)}`)].join(', ');
  }
}

/** How near a pool is to holding the job: what will pass by itself is nearer than what never will. */
const PASSING = ['replicas', 'devices', 'part', 'cpu', 'memory', 'kept', 'closed', 'occupied', 'limit', 'power_cap', 'peak', 'data', 'apart', 'silent'];
function nearness(pool: PoolWhy): number {
  const reason = reasonOf(pool);
  if (!reason) return 1000 + pool.fits;
  const asked = number(reason.asked);
  const could = !('largest' in reason) || number(reason.largest) >= asked;
  const part = asked > 0 && 'free' in reason ? number(reason.free) / asked : 0;
  return pool.fits * 10 + (PASSING.includes(reason.code) ? (could ? 5 : 2) : 0) + part;
}
const nearestFirst = (pools: readonly PoolWhy[]): PoolWhy[] => pools.toSorted((one, other) => nearness(other) - nearness(one));

const jobLinks = (jobs: readonly string[]): ComponentChildren =>
  jobs.map((job, index) => <span key={job}>{index > 0 && ', '}<a href={`/jobs/${job}`} class="mono">{job}</a></span>);

/** The reason in one sentence. */
export function reasonInWords(why: WhyView): ComponentChildren {
  const reason = reasonOf(why);
  if (!reason) return <span lang="en">{why.message}</span>;
  switch (reason.code) {
    case 'behind': return t('behind', { ahead: number(reason.ahead) });
    case 'after': return t.rich('after', { jobs: jobLinks((reason.jobs ?? []) as string[]) });
    case 'later': return t.rich('later', { at: <Time at={String(reason.at)} ago /> });
    case 'by_choice': return (
      <>
        {t.rich('byChoice', { until: <Time at={String(reason.until)} ago /> })}
        {reason.yuan_per_kwh !== undefined && <> {t('byChoiceCosts', { now: String(reason.yuan_per_kwh), then: String(reason.yuan_per_kwh_then) })}</>}
      </>
    );
    case 'quota': return t('quota', { most: number(reason.most), held: number(reason.held) });
    case 'budget': return t('budget', { needs: format.yuan(number(reason.needs_yuan)), left: format.yuan(number(reason.left_yuan)) });
    case 'next': return why.state === 'would start' ? t('wouldStart') : t('reason.next');
    case 'no_pools': case 'busy': case 'too_large': return t(`reason.${reason.code}`);
    default: return <span lang="en">{why.message}</span>;
  }
}

/** A refusal in one sentence; what is short pool by pool is drawn apart. */
export function refusedInWords(error: { code?: string | undefined; message: string }): { text: string; lang: 'en' | undefined } {
  if (error.code === 'too_large') return { text: t('reason.too_large'), lang: undefined };
  return { text: error.message, lang: 'en' };
}

const POOLS_FIRST = 8;

/** Pool by pool what is short, nearest first. */
export function PoolReasons({ pools, replicas }: { pools: readonly PoolWhy[]; replicas: number | null }) {
  const [all, setAll] = useState(false);
  if (pools.length === 0) return null;
  const sorted = nearestFirst(pools);
  const rows = all ? sorted : sorted.slice(0, POOLS_FIRST);
  const columns: Column<PoolWhy>[] = [
    { id: 'pool', head: t('pool'), name: true, cell: (pool) => <a class="quiet" href={`/pools/${encodeURIComponent(pool.pool)}`}>{pool.pool}</a> },
    { id: 'fits', head: t('fits'), num: true, narrow: 'beside', cell: (pool) => (replicas === null ? <Figure value={pool.fits} as="whole" /> : t('fitsOf', { n: pool.fits, total: replicas })) },
    { id: 'short', head: t('short'), cell: (pool) => inWords(reasonOf(pool)), narrow: 'line', class: 'why-short' },
  ];
  return (
    <div>
      <Table caption={t('pools')} titled sticky={false} columns={columns} rows={rows} rowKey={(pool) => pool.pool} order="why" class="why-pools" />
      {rows.length < sorted.length && <p class="why-more"><button type="button" class="plain" onClick={() => setAll(true)}>{t('morePools', { n: sorted.length - rows.length })}</button></p>}
    </div>
  );
}

export interface WhyProps {
  why: WhyView;
  /** How many replicas it has: pools say how many of them would fit. */
  replicas: number | null;
  /** What to do about a smaller change: a link or a button. */
  change?: (smaller: SmallerView) => ComponentChildren;
}

export function Why({ why, replicas, change }: WhyProps) {
  const reason = reasonOf(why);
  const waits = why.state !== 'would start';
  const nearest = reason?.code === 'busy' ? nearestFirst(why.pools)[0] : undefined;
  const ahead = why.ahead ?? [];
  const count = why.ahead_count ?? 0;
  return (
    <div class="why">
      <p class="why-reason">
        {reasonInWords(why)}
        {nearest && <> {t.rich('closest', { pool: <b>{nearest.pool}</b>, short: inWords(reasonOf(nearest)) })}</>}
      </p>
      {waits && (
        <dl class="facts why-when">
          <div>
            <dt>{t('starts')}</dt>
            <dd>
              {why.starts_at ? <b class="why-start"><Time at={why.starts_at} short ago /></b> : <span class="unknown">{t('startsUnknown')}</span>}
              {why.foresight && (why.starts_at || why.foresight === 'unknown') && reason?.code !== 'budget' && reason?.code !== 'after' && (
                <span class="under">{t.of('how', why.foresight)}</span>
              )}
            </dd>
          </div>
          {reason?.code !== 'after' && (
            <div>
              <dt>{count > 0 ? t('ahead', { n: count }) : t('aheadNone')}</dt>
              <dd>{count === 0 ? '' : ahead.length > 0 ? t.rich('aheadFirst', { jobs: jobLinks(ahead.slice(0, 8)) }) : <span class="none">{t('aheadHidden')}</span>}</dd>
            </div>
          )}
        </dl>
      )}
      {(why.smaller?.length ?? 0) > 0 && (
        <div class="why-smaller">
          <h3>{t('smaller')}</h3>
          <ul>
            {why.smaller?.map((smaller) => (
              <li key={`${smaller.field} ${smaller.to}`}>
                <span>{smallerInWords(smaller)} <span class="note">{t('smallerAt', { pool: smaller.pool })}</span></span>
                {change?.(smaller)}
              </li>
            ))}
          </ul>
        </div>
      )}
      <PoolReasons pools={why.pools} replicas={replicas} />
    </div>
  );
}

/** A smaller wish in words. */
export function smallerInWords(smaller: SmallerView): string {
  const { field, from, to } = smaller;
  const count = (text: string): string | number => (Number.isFinite(Number(text)) ? Number(text) : text);
  switch (field) {
    case 'devices': case 'replicas': case 'cpus':
      return t(`smaller.${field}`, { from: count(from ?? '?'), to: count(to) });
    case 'memory': return t('smaller.memory', { from: from ?? '?', to });
    case 'models': return t('smaller.models');
    case 'time_limit': return t('smaller.time_limit', { to });
    default: return `${field.replaceAll('_', ' ')}: ${from ? `${from} → ` : ''}${to}`;
  }
}
