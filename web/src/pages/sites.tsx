import '../style/pages/sites.css';

import { useState } from 'preact/hooks';

import { useQuery } from '../address';
import { at } from '../api/client';
import { type Live, useLive } from '../api/live';
import { may, me, overlooks } from '../api/session';
import type { Pool } from '../api/types';
import { words } from '../i18n';
import en from '../i18n/en/sites';
import zh from '../i18n/zh/sites';
import { CloseDialog } from '../parts/close';
import { type Asked, type Closing, ClosingTable, useClosings, useSaid } from '../parts/closings';
import { LetIn } from '../parts/join';
import { isExpected, poolColumns } from '../parts/pools';
import { bound, kindOf, type Site, siteName } from '../parts/sites';
import {
  Choices,
  type Column,
  common,
  Contact,
  Count,
  Counts,
  Empty,
  Evidence,
  Figure,
  Held,
  known,
  Mark,
  Name,
  Nothing,
  Page,
  SearchBox,
  SelectBox,
  Si,
  SiteStage,
  Table,
  Tabs,
  Unknown,
} from '../ui';

const t = words(en, zh);

const STAGES = ['operating', 'commissioning', 'building', 'announced', 'retiring', 'retired', 'unknown'];
const EVIDENCE = ['announced', 'declared', 'seen', 'measured', 'metered'];
const UNKNOWN = 'unknown';

type Text = string | null | undefined;
const isText = (text: Text): text is string => Boolean(text);
const distinct = (values: readonly Text[]): string[] =>
  [...new Set(values.filter(isText))].sort(
    (one, other) => Number(one === UNKNOWN) - Number(other === UNKNOWN) || one.localeCompare(other),
  );

/** Choices of the values that occur. */
const choices = (values: readonly Text[], word = (value: string): string => value) => [
  { value: '', label: common('all') },
  ...distinct(values).map((value) => ({ value, label: value === UNKNOWN ? common('unknown') : word(value) })),
];

const holds = (texts: readonly Text[], search: string): boolean =>
  texts.some((text) => text?.toLowerCase().includes(search.toLowerCase()));

/** Whether a reader is told what a site draws. */
const drawIsTold = (site: Site): boolean => overlooks() || (may('provider') && site.provider === me.value?.subject);

/** Sites where something runs come first, those without a name last. */
const rank = (site: Site): number => (site.pools.length > 0 ? 0 : site.named ? 1 : 2);

/** How many of a list are shown, and the way back to all of it. */
function Found({ text, filters }: { text: string; filters: readonly string[] }) {
  const query = useQuery();
  const filtered = filters.some((name) => query.get(name) !== '');
  return (
    <p class="note sites-found" role="status">
      {text}
      {filtered && (
        <>
          {' '}
          · <a href={query.href(Object.fromEntries(filters.map((name) => [name, null])))}>{t('clear')}</a>
        </>
      )}
    </p>
  );
}

/** Pools that are let in, and whose agent has yet to come, are not silent. */
function SiteContact({ site, expected }: { site: Site; expected: ReadonlySet<string> }) {
  if (site.pools.length === 0) return <Nothing />;
  const awaited = site.pools.filter((name) => expected.has(name)).length;
  const [total, silent] = [site.pools.length - awaited, site.silent_pools - awaited];
  if (total === 0)
    return (
      <Mark shape="dashes" tone="faint">
        {t('notJoined')}
      </Mark>
    );
  if (silent <= 0)
    return (
      <Mark shape="ring" filled tone="malachite">
        {t('inTouch', { n: total, total })}
      </Mark>
    );
  return (
    <Mark shape="ring" tone="cinnabar" strong>
      {t('inTouch', { n: total - silent, total })}
    </Mark>
  );
}

const siteColumns = (expected: ReadonlySet<string>): readonly Column<Site>[] => [
  {
    id: 'site',
    head: t('site'),
    name: true,
    class: 'sites-name',
    cell: (site) => (
      <>
        {site.named ? (
          <Name en={site.name} zh={site.name_zh} />
        ) : (
          <span class="none sites-unnamed">
            {t('unnamed')} <span class="mono">{site.id}</span>
          </span>
        )}
        {site.closed && (
          <span class="under">
            <Mark shape="lock" tone="ochre" strong>
              {t('closed')}
            </Mark>
          </span>
        )}
      </>
    ),
    sort: siteName,
  },
  {
    id: 'provider',
    head: t('provider'),
    cell: (site) => site.provider ?? <Unknown />,
    class: 'sites-short',
    sort: (site) => site.provider,
  },
  {
    id: 'zone',
    head: t('zone'),
    class: 'sites-short',
    cell: (site) =>
      site.zone === UNKNOWN && site.prefecture === UNKNOWN ? (
        <Unknown />
      ) : (
        <span lang="en">{site.zone === UNKNOWN ? site.prefecture : site.zone}</span>
      ),
    sort: (site) => (site.zone === UNKNOWN ? null : site.zone),
  },
  {
    id: 'stage',
    head: t('stage'),
    cell: (site) => (
      <>
        <SiteStage of={site.stage} />
        {site.stage_date && <span class="under">{site.stage_date}</span>}
      </>
    ),
    sort: (site) => STAGES.indexOf(site.stage),
    narrow: 'beside',
  },
  {
    id: 'evidence',
    head: t('evidence'),
    cell: (site) => <Evidence of={site.evidence} />,
    sort: (site) => EVIDENCE.indexOf(site.evidence),
  },
  {
    id: 'published',
    class: 'wraps',
    head: t('published'),
    unit: 'PFLOPS',
    num: true,
    cell: (site) =>
      known(site.computing_power_pflops) ? (
        <>
          {bound(site.bounds, 'computing_power_pflops')}
          <Figure value={site.computing_power_pflops} />
          <span class="under">{kindOf(site)}</span>
        </>
      ) : known(site.computing_power_planned_pflops) ? (
        <>
          <span class="none">
            {bound(site.bounds, 'computing_power_planned_pflops')}
            <Figure value={site.computing_power_planned_pflops} />
          </span>
          <span class="under">{t('planned', { kind: kindOf(site) })}</span>
        </>
      ) : (
        <Unknown />
      ),
    sort: (site) => site.computing_power_pflops,
  },
  {
    id: 'held',
    head: t('devicesHeld'),
    num: true,
    class: 'meter',
    cell: (site) => {
      if (site.nodes === 0) return <Nothing />;
      if (site.devices > 0) return <Held part={site.devices_held} total={site.devices} />;
      return (
        <>
          <Held part={site.cores_held} total={site.cores} as="tenths" />
          <span class="under">{t('cores')}</span>
        </>
      );
    },
    sort: (site) => (site.nodes > 0 ? site.devices : null),
  },
  {
    id: 'pue',
    head: t('pue'),
    num: true,
    cell: (site) =>
      known(site.pue) ? (
        <>
          {bound(site.bounds, 'pue')}
          {site.pue}
          <span class="under">{t.of('pue', site.pue_source)}</span>
        </>
      ) : (
        <Unknown />
      ),
    sort: (site) => site.pue,
  },
  {
    id: 'power',
    head: t('power'),
    num: true,
    cell: (site) => (drawIsTold(site) ? <Si value={site.power_kw} unit="W" from="k" /> : <Nothing />),
    sort: (site) => site.power_kw,
  },
  {
    id: 'jobs',
    head: t('jobs'),
    num: true,
    cell: (site) => (site.pools.length > 0 ? site.jobs : <Nothing />),
    sort: (site) => (site.pools.length > 0 ? site.jobs : null),
  },
  {
    id: 'contact',
    head: t('contact'),
    cell: (site) => <SiteContact site={site} expected={expected} />,
    sort: (site) => (site.pools.length > 0 ? site.silent_pools : null),
  },
];

const SITE_FILTERS = ['search', 'stage', 'zone', 'provider', 'evidence', 'pools', 'closed'];

function SiteTable({
  live,
  sites,
  expected,
}: {
  live: Live<unknown>;
  sites: readonly Site[] | undefined;
  /** Pools that have not joined yet. */
  expected: ReadonlySet<string>;
}) {
  const query = useQuery();
  const [search, zone, provider, evidence, pools, closed] = ['search', 'zone', 'provider', 'evidence', 'pools', 'closed'].map(
    query.get,
  ) as [string, string, string, string, string, string];
  const stages = query.get('stage').split(',').filter(Boolean);
  const fits = (site: Site): boolean =>
    (search === '' || holds([site.name, site.name_zh, site.id], search)) &&
    (stages.length === 0 || stages.includes(site.stage)) &&
    (zone === '' || site.zone === zone) &&
    (provider === '' || (site.provider ?? UNKNOWN) === provider) &&
    (evidence === '' || site.evidence === evidence) &&
    (pools === '' || site.pools.length > 0 === (pools === 'with')) &&
    (closed === '' || site.closed);
  const rows = sites?.filter(fits).toSorted((one, other) => rank(one) - rank(other));
  const occurring = STAGES.filter((stage) => sites?.some((site) => site.stage === stage));
  return (
    <>
      <div class="filters">
        <SearchBox label={t('search')} />
        <Choices
          name="stage"
          label={t('stage')}
          many
          options={occurring.map((stage) => ({ value: stage, label: <SiteStage of={stage} /> }))}
        />
        <Choices
          name="pools"
          label={t('pools')}
          options={[
            { value: '', label: common('all') },
            { value: 'with', label: t('pools.with') },
            { value: 'without', label: t('pools.without') },
          ]}
        />
        <SelectBox name="zone" label={t('zone')} options={choices((sites ?? []).map((site) => site.zone))} />
        <SelectBox
          name="provider"
          label={t('provider')}
          options={choices((sites ?? []).map((site) => site.provider ?? UNKNOWN))}
        />
        <SelectBox
          name="evidence"
          label={t('evidence')}
          options={[
            { value: '', label: common('all') },
            ...EVIDENCE.map((value) => ({ value, label: common.of('evidence', value) })),
          ]}
        />
        <Choices
          name="closed"
          label={t('closedFilter')}
          many
          options={[
            {
              value: 'now',
              label: (
                <Mark shape="lock" tone="ochre">
                  {t('closed')}
                </Mark>
              ),
            },
          ]}
        />
      </div>
      {sites && <Found text={t('found', { n: rows?.length ?? 0, total: sites.length })} filters={SITE_FILTERS} />}
      <div class="sites-scroll">
        <Table
          caption={t('sites')}
          columns={siteColumns(expected).filter((column) => column.id !== 'power' || !may('tenant'))}
          rows={rows}
          live={live}
          rowKey={(site) => site.id}
          href={(site) => `/sites/${encodeURIComponent(site.id)}`}
          skeleton={12}
          class="sites-table"
          empty={
            sites?.length === 0 ? (
              <Empty command="shugu up --census guizhou">{t('noCensus')}</Empty>
            ) : (
              <p class="none">{t('none')}</p>
            )
          }
        />
      </div>
    </>
  );
}

const POOL_FILTERS = ['search', 'provider', 'contact'];

const contactOf = (pool: Pool): string => (isExpected(pool) ? 'awaited' : pool.contact ? 'yes' : 'no');

function PoolTable({
  live,
  pools,
  nameOf,
  closings,
}: {
  live: Live<unknown>;
  pools: readonly Pool[] | undefined;
  nameOf: (site: string) => string;
  closings: readonly Closing[] | undefined;
}) {
  const query = useQuery();
  const [search, provider, contact] = POOL_FILTERS.map(query.get) as [string, string, string];
  const rows = pools?.filter(
    (pool) =>
      (search === '' || holds([pool.name, pool.site, pool.site && nameOf(pool.site)], search)) &&
      (provider === '' || pool.provider === provider) &&
      (contact === '' || contactOf(pool) === contact),
  );
  return (
    <>
      <div class="filters">
        <SearchBox label={t('searchPools')} />
        <Choices
          name="contact"
          label={t('contactFilter')}
          options={[
            { value: '', label: common('all') },
            { value: 'yes', label: <Contact is /> },
            { value: 'no', label: <Contact is={false} /> },
            {
              value: 'awaited',
              label: (
                <Mark shape="dashes" tone="faint">
                  {t('notJoined')}
                </Mark>
              ),
            },
          ]}
        />
        {!may('provider') && (
          <SelectBox name="provider" label={t('provider')} options={choices((pools ?? []).map((pool) => pool.provider))} />
        )}
      </div>
      {pools && <Found text={t('foundPools', { n: rows?.length ?? 0, total: pools.length })} filters={POOL_FILTERS} />}
      <div class="sites-scroll">
        <Table
          caption={t('pools')}
          class="pools-table"
          rows={rows}
          live={live}
          order="order"
          rowKey={(pool) => pool.name}
          href={(pool) => `/pools/${encodeURIComponent(pool.name)}`}
          mark={(pool) => String(pool.contact)}
          columns={poolColumns({ nameOf, closings })}
          empty={
            pools?.length === 0 ? (
              may('provider') ? (
                <p class="none">{t('noOwnPools')}</p>
              ) : (
                <Empty command="shugu access pool NAME --provider PROVIDER">{t('noPools')}</Empty>
              )
            ) : (
              <p class="none">{t('nonePools')}</p>
            )
          }
        />
      </div>
    </>
  );
}

/** Every site and every pool, and what is closed. */
export default function Sites() {
  const query = useQuery();
  const tab = query.get('tab');
  const sites = useLive(at('/v1/sites'), ['pool', 'job', 'census', 'closing'], { every: 2000 });
  const pools = useLive(at('/v1/pools'), ['pool', 'job']);
  const closings = useClosings();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [say, Said] = useSaid();

  const all: readonly Site[] | undefined = sites.data?.sites;
  const every = pools.data?.pools;
  const closes = may('operator', 'provider');
  const sum = (of: (pool: Pool) => number): number => (every ?? []).reduce((whole, pool) => whole + of(pool), 0);
  const silent = (every ?? []).filter((pool) => !pool.contact && !isExpected(pool)).length;
  const names = new Map(all?.map((site) => [site.id, siteName(site)]));
  const nameOf = (id: string): string => names.get(id) ?? id;
  const n = (list: readonly unknown[] | undefined): number | string => list?.length ?? '…';

  return (
    <Page
      title={t('title')}
      aside={
        <>
          {every && (
            <Counts>
              <Count name={t('devicesHeld')}>
                <Figure value={sum((pool) => pool.devices_held)} as="whole" />
                <small>
                  {' '}
                  / <Figure value={sum((pool) => pool.devices)} as="whole" />
                </small>
              </Count>
              <Count name={t('coresHeld')}>
                <Figure value={sum((pool) => pool.cores_held)} as="tenths" />
                <small>
                  {' '}
                  / <Figure value={sum((pool) => pool.cores)} as="tenths" />
                </small>
              </Count>
              <Count name={t('jobs')}>
                <Figure value={sum((pool) => pool.jobs)} as="whole" />
              </Count>
            </Counts>
          )}
          {may('operator') && (
            <LetIn
              sites={all?.filter((site) => site.named)}
              providers={distinct([...(all ?? []), ...(every ?? [])].map((one) => one.provider))}
              onSaid={say}
            />
          )}
        </>
      }
    >
      <Said />
      <div class="sites-tabs">
        <Tabs
          label={t('lists')}
          options={[
            { value: '', label: t('tabSites', { n: n(all) }) },
            {
              value: 'pools',
              label: (
                <>
                  {t('tabPools', { n: n(every) })}
                  {silent > 0 && <span class="bad"> {t('silent', { n: silent })}</span>}
                </>
              ),
            },
            ...(closes ? [{ value: 'closings', label: t('tabClosings', { n: n(closings.data?.closings) }) }] : []),
          ]}
        />
      </div>
      {tab === 'pools' && <PoolTable live={pools} pools={every} nameOf={nameOf} closings={closings.data?.closings} />}
      {tab === 'closings' && closes && (
        <div class="sites-closings">
          <ClosingTable
            caption={t('closings')}
            rows={closings.data?.closings}
            live={closings}
            siteName={nameOf}
            onAsk={setAsked}
            empty={<p class="none">{t('noClosings')}</p>}
          />
        </div>
      )}
      {tab !== 'pools' && !(tab === 'closings' && closes) && (
        <SiteTable live={sites} sites={all} expected={new Set(every?.filter(isExpected).map((pool) => pool.name))} />
      )}
      <CloseDialog asked={asked} closings={closings.data?.closings ?? []} onClose={() => setAsked(null)} onSaid={say} />
    </Page>
  );
}
