import '../style/pages/jobs.css';

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import { useGo, useQuery } from '../address';
import { at } from '../api/client';
import { now, offset } from '../api/hub';
import { useEvents, useLive } from '../api/live';
import { may, me } from '../api/session';
import type { Job, SiteList } from '../api/types';
import { words } from '../i18n';
import en from '../i18n/en/jobs';
import zh from '../i18n/zh/jobs';
import { said } from '../parts/said';
import {
  Choices, type Column, Empty, ENDED, Figure, format, JOB_STATES, JobState, known, Nothing, Page, Pager, SearchBox, SelectBox, Span, Table, Time, Unknown, usePage,
} from '../ui';

const t = words(en, zh);

/** A job with the moment at which it was read: its spans are counted on from there. */
type Row = Job & { readAt: number };
const FILTERS = ['search', 'state', 'tenant', 'pool', 'site', 'from', 'until'] as const;
const narrow = matchMedia('(max-width: 60rem)');
/** The tenant of jobs that an operator submits without naming one. */
const OPERATORS = 'default';

const numberOf = (id: string): number => Number(id.replace(/^job-/, ''));

/** "+08:00" */
function offsetText(): string {
  const size = Math.abs(offset.value);
  return `${offset.value < 0 ? '-' : '+'}${format.two(Math.floor(size / 60))}:${format.two(size % 60)}`;
}
/** A moment of the address, which is by the hub's clock unless it says otherwise, as the API reads it. */
function instant(text: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return `${text}T00:00:00${offsetText()}`;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text)) return `${text}:00${offsetText()}`;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text)) return text + offsetText();
  return text;
}
/** The same as the browser's field for moments takes it. */
function local(text: string): string {
  const value = Date.parse(instant(text));
  return Number.isNaN(value) ? '' : `${format.day(value)}T${format.clock(value, value % 60_000 !== 0)}`;
}

function MomentBox({ name, label }: { name: 'from' | 'until'; label: string }) {
  const query = useQuery();
  return (
    <label class="select">
      <span>{label}</span>
      <input
        type="datetime-local"
        value={local(query.get(name))}
        onChange={(event) => query.set({ [name]: event.currentTarget.value, pages: null }, true)}
      />
    </label>
  );
}

/** The saved filters: each a plain link, current where the address says just that. */
function Saved() {
  const query = useQuery();
  const links: { name: string; filters: Partial<Record<(typeof FILTERS)[number], string>> }[] = [
    { name: t(me.value?.role === 'tenant' ? 'saved.own' : 'saved.all'), filters: {} },
    { name: t('saved.waiting'), filters: { state: 'waiting' } },
    { name: t('saved.running'), filters: { state: 'placed,running,stopping' } },
    { name: t('saved.failed'), filters: { state: 'failed,lost', from: format.day(now.value) } },
  ];
  if (may('operator')) links.push({ name: t('saved.mine'), filters: { tenant: OPERATORS } });
  return (
    <nav class="jobs-saved" aria-label={t('saved')}>
      {links.map(({ name, filters }) => {
        const current = FILTERS.every((filter) => query.get(filter) === (filters[filter] ?? ''));
        const target = Object.fromEntries(FILTERS.map((filter) => [filter, filters[filter] ?? null]));
        return <a key={name} href={query.href({ ...target, pages: null })} aria-current={current ? 'true' : undefined}>{name}</a>;
      })}
    </nav>
  );
}

const Keys = () => (
  <details class="jobs-keys">
    <summary>{t('keys')}</summary>
    <dl>
      <div><dt><kbd>/</kbd></dt><dd>{t('keys.search')}</dd></div>
      <div><dt><kbd>j</kbd> <kbd>↓</kbd></dt><dd>{t('keys.down')}</dd></div>
      <div><dt><kbd>k</kbd> <kbd>↑</kbd></dt><dd>{t('keys.up')}</dd></div>
      <div><dt><kbd>Enter</kbd></dt><dd>{t('keys.open')}</dd></div>
      <div><dt><kbd>Esc</kbd></dt><dd>{t('keys.leave')}</dd></div>
    </dl>
  </details>
);

const waits = (job: Job): boolean => job.state === 'waiting' || job.state === 'placed';
const runs = (job: Job): boolean => job.state === 'running' || job.state === 'stopping';

const Exit = ({ job }: { job: Job }) =>
  known(job.exit_code) ? <span class={job.exit_code === 0 ? undefined : 'bad'}>{job.exit_code}</span> : <Nothing />;

/** How it ended, where its exit code does not say it. */
function Ending({ job }: { job: Job }) {
  if (!job.end || known(job.exit_code) || job.end === 'was cancelled') return null;
  const { text, lang } = said(job.end);
  return <span class="under" lang={lang}>{text}</span>;
}

/** What a job used is told once it is known, or once it is known that nobody will tell. */
function Used({ job, value, as }: { job: Job; value: number | null | undefined; as?: 'yuan' }) {
  if (!known(value)) return ENDED.has(job.state) && job.started_at ? <Unknown /> : <Nothing />;
  const about = as !== 'yuan' && job.energy_source === 'modelled';
  return <span title={about ? t('modelled') : undefined}><Figure value={value} as={as ?? 'figure'} about={about} /></span>;
}

const columns = (linked: boolean, alone: boolean): (Column<Row> | false)[] => [
  { id: 'state', head: t('state'), cell: (job) => <JobState of={job.state} />, narrow: 'beside' },
  { id: 'job', head: t('job'), cell: (job) => <span class="mono">{job.id}</span>, narrow: 'hide' },
  { id: 'name', head: t('name'), cell: (job) => <>{job.name} <small class="jobs-id mono">{job.id}</small><Ending job={job} /></>, name: true, class: 'jobs-name' },
  !alone && { id: 'tenant', head: t('tenant'), cell: (job) => (linked ? <a class="quiet" href={`/tenants/${encodeURIComponent(job.tenant)}`}>{job.tenant}</a> : job.tenant) },
  { id: 'pool', head: t('pool'), cell: (job) => (job.pool ? <a class="quiet" href={`/pools/${encodeURIComponent(job.pool)}`}>{job.pool}</a> : <Nothing />) },
  { id: 'submitted', head: t('submitted'), cell: (job) => <Time at={job.submitted_at} short />, num: true },
  { id: 'wait', head: t('wait'), cell: (job) => <Span seconds={job.wait_s} since={waits(job) ? job.readAt : undefined} />, num: true },
  { id: 'run', head: t('run'), cell: (job) => (known(job.run_s) ? <Span seconds={job.run_s} since={runs(job) ? job.readAt : undefined} /> : <Nothing />), num: true },
  { id: 'exit', head: t('exit'), cell: (job) => <Exit job={job} />, num: true, narrow: 'hide' },
  { id: 'energy', head: t('energy'), unit: 'kWh', cell: (job) => <Used job={job} value={job.energy_kwh} />, num: true, narrow: 'hide' },
  { id: 'carbon', head: t('carbon'), unit: 'kg CO₂', cell: (job) => <Used job={job} value={job.carbon_kg} />, num: true, narrow: 'hide' },
  { id: 'cost', head: t('cost'), unit: 'yuan', cell: (job) => <Used job={job} value={job.cost_yuan} as="yuan" />, num: true },
];

/** What is shown while the reader looks further down, or at another page than the first: the rows stay, their states go on. */
interface Kept {
  address: string;
  rows: Row[];
}

export default function Jobs() {
  const query = useQuery();
  const go = useGo();
  const { after, number } = usePage();
  const [limit] = useState(narrow.matches ? 20 : 50);
  const [more, setMore] = useState(false);
  const [below, setBelow] = useState(false);
  const [told, setTold] = useState<ReadonlyMap<string, string>>(new Map());
  const kept = useRef<Kept | null>(null);
  const whole = useRef<HTMLDivElement>(null);
  const role = me.value?.role;

  const address = at('/v1/jobs', {
    ...Object.fromEntries(FILTERS.map((name) => [name, name === 'from' || name === 'until' ? instant(query.get(name)) : query.get(name)])),
    after,
    limit,
  });
  const live = useLive(address, ['job', 'money']);
  const pools = useLive(at('/v1/pools'), ['pool']);
  const sites = useLive(at<SiteList>('/v1/sites'), ['census']);
  const tenants = useLive(role === 'provider' ? null : at('/v1/tenants'), ['tenant']);

  useEffect(() => {
    const look = (): void => setBelow(scrollY > 200);
    look();
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, []);

  const fresh = useMemo(() => live.data?.jobs.map((job): Row => ({ ...job, readAt: live.readAt })), [live.data, live.readAt]);
  const holding = number > 1 || below;
  let rows = fresh;
  let newer = 0;
  if (fresh && !live.old) {
    const before = kept.current;
    if (holding && before?.address === address) {
      const known = new Map(fresh.map((row) => [row.id, row]));
      rows = before.rows.map((row) => known.get(row.id) ?? { ...row, state: told.get(row.id) ?? row.state });
      const first = before.rows[0];
      newer = number > 1 || !first ? 0 : fresh.filter((row) => numberOf(row.id) > numberOf(first.id)).length;
    }
    kept.current = { address, rows: rows ?? [] };
  }
  useEffect(() => setTold(new Map()), [address]);
  useEvents((event) => {
    // A job that left the filter is no more in the answer; its event tells its state.
    const { id, state } = event;
    if (event.kind !== 'job' || !id || !state || !kept.current?.rows.some((row) => row.id === id)) return;
    setTold((before) => new Map(before).set(id, state));
  });

  // Enter in the search opens the only hit, once the hub has answered what was typed.
  const [wanted, setWanted] = useState<string | null>(null);
  useEffect(() => {
    if (wanted === null || wanted !== query.get('search') || live.old || !live.data) return;
    setWanted(null);
    const [only, other] = live.data.jobs;
    if (only && !other && number === 1) go(`/jobs/${only.id}`);
  }, [wanted, query, live.data, live.old, number, go]);

  useEffect(() => {
    const links = (): HTMLElement[] => [...(whole.current?.querySelectorAll<HTMLElement>('tbody th a') ?? [])];
    const step = (by: 1 | -1): void => {
      const all = links();
      const here = all.findIndex((link) => link.closest('tr')?.contains(document.activeElement));
      const next = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : here + by];
      next?.focus({ preventScroll: true });
      next?.closest('tr')?.scrollIntoView({ block: 'nearest' });
    };
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
      const target = event.target as Element;
      const search = whole.current?.querySelector<HTMLInputElement>('input[type="search"]');
      if (target === search) {
        if (event.key === 'Escape' && search.value === '') search.blur();
        else if (event.key === 'ArrowDown') step(1);
        else return;
        event.preventDefault();
        return;
      }
      if (target.matches('input:not([type="checkbox"]), textarea, select')) return;
      const inTable = target === document.body || target.matches('h1, main') || target.closest('tbody') !== null;
      if (event.key === '/') {
        search?.focus();
        search?.select();
      } else if (event.key === 'j' || (event.key === 'ArrowDown' && inTable)) step(1);
      else if (event.key === 'k' || (event.key === 'ArrowUp' && inTable)) step(-1);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);

  const search = query.get('search').trim();
  const id = /^(?:job-)?(\d+)$/.exec(search)?.[1];
  const filtered = FILTERS.some((name) => query.get(name) !== '');
  const all = { value: '', label: t('any') };
  return (
    <Page
      title={t('title')}
      lead={t(role === 'tenant' ? 'leadTenant' : role === 'provider' ? 'leadProvider' : 'lead')}
      aside={may('operator', 'tenant') && <a class="button primary" href="/submit">{t('submit')}</a>}
    >
      <div class="jobs" ref={whole}>
        <div class="jobs-top"><Saved /><Keys /></div>
        <form
          class={more ? 'jobs-filters open' : 'jobs-filters'}
          role="search"
          aria-label={t('filters')}
          onSubmit={(event) => {
            event.preventDefault();
            const typed = event.currentTarget.querySelector<HTMLInputElement>('input[type="search"]')?.value.trim() ?? '';
            query.set({ search: typed, pages: null }, true);
            if (typed) setWanted(typed);
          }}
        >
          <div>
            <SearchBox label={t('search')} />
            <button type="button" class="jobs-more" aria-expanded={more} onClick={() => setMore(!more)}>{t('filters')}</button>
            {(tenants.data?.tenants.length ?? 0) > (role === 'tenant' ? 1 : 0) && <SelectBox name="tenant" label={t('tenant')} options={[all, ...(tenants.data?.tenants ?? []).map(({ name }) => ({ value: name, label: name }))]} />}
            <SelectBox name="pool" label={t('pool')} options={[all, ...(pools.data?.pools ?? []).map(({ name }) => ({ value: name, label: name }))]} />
            <SiteBox sites={sites.data} pools={pools.data?.pools.map((pool) => pool.site) ?? []} />
            {filtered && <a href="/jobs">{t('clear')}</a>}
          </div>
          <div>
            <Choices name="state" label={t('states')} many options={[all, ...JOB_STATES.map((state) => ({ value: state, label: <JobState of={state} /> }))]} />
            <div class="jobs-when">
              <MomentBox name="from" label={t('from')} />
              <MomentBox name="until" label={t('until')} />
            </div>
          </div>
        </form>
        {newer > 0 && (
          <p class="jobs-newer" role="status">
            <button type="button" onClick={() => scrollTo({ top: 0 })}>{newer >= limit ? t('newerMany', { n: limit - 1 }) : t('newer', { n: newer })}</button>
          </p>
        )}
        <Table
          caption={t('title')}
          rows={rows}
          live={live}
          rowKey={(job) => job.id}
          href={(job) => `/jobs/${job.id}`}
          mark={(job) => job.state}
          columns={columns(role !== 'provider', role === 'tenant' && (tenants.data?.tenants.length ?? 0) <= 1)}
          skeleton={12}
          class="jobs-table"
          empty={filtered || number > 1 ? (
            <Empty>{t('noneFound')} {id && <a href={`/jobs/job-${id}`}>{t('openIt', { job: `job-${id}` })}</a>}</Empty>
          ) : (
            <Empty command="shugu submit --cpus 1 -- sh -c 'echo hello; sleep 60'">{t('none')}</Empty>
          )}
        />
        <div class="jobs-foot">
          <Pager next={live.data?.next} />
          {number > 1 && <p class="note">{t('held')} <a href={query.href({ pages: null })}>{t('toFirst')}</a></p>}
        </div>
      </div>
    </Page>
  );
}

/** Sites at which pools stand, by their names. */
function SiteBox({ sites, pools }: { sites: SiteList | null; pools: readonly (string | null | undefined)[] }) {
  const used = [...new Set(pools.filter((site): site is string => Boolean(site)))];
  const name = (id: string): string => {
    const site = sites?.sites.find((one) => one.id === id);
    if (!site) return id;
    return (document.documentElement.lang.startsWith('zh') && site.name_zh) || site.name;
  };
  return <SelectBox name="site" label={t('site')} options={[{ value: '', label: t('any') }, ...used.map((id) => ({ value: id, label: name(id) }))]} />;
}
