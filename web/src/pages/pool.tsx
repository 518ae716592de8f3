import '../style/pages/pool.css';

import { useState } from 'preact/hooks';

import { at } from '../api/client';
import { useLive } from '../api/live';
import { may } from '../api/session';
import type { Pool as PoolView } from '../api/types';
import { words } from '../i18n';
import en from '../i18n/en/pool';
import zh from '../i18n/zh/pool';
import { CloseDialog } from '../parts/close';
import { type Asked, CloseButtons, ClosedNotice, ClosingTable, ofPool, useClosings, useSaid } from '../parts/closings';
import { executorName, LetIn, PoolTokens } from '../parts/join';
import { HoldingTable, LoadCharts, SpanChoice, useHolding, useSpan } from '../parts/place';
import { isExpected, PoolContact } from '../parts/pools';
import { siteName } from '../parts/sites';
import type { PageProps } from '../routes';
import { Count, Counts, Empty, Fact, Facts, Figure, format, Notice, Page, Part, Problem, Skeleton, Unknown } from '../ui';
import { Split } from '../ui/chart';
import { Limits, useLimits } from './pool/limits';
import { Nodes, NODES_OF, useNodesOf } from './pool/nodes';

const t = words(en, zh);

const tenth = (value: number): number => Math.round(value * 10) / 10;

/** Who has what of a pool's devices or cores. */
function Parts({ title, total, held, others }: { title: string; total: number; held: number; others: number }) {
  return (
    <Split
      title={title}
      total={format.tenths(total)}
      format={format.tenths}
      parts={[
        { key: 'held', name: t('held'), value: tenth(held), class: 's1' },
        { key: 'others', name: t('others'), value: tenth(others), class: 's2' },
        { key: 'free', name: t('free'), value: Math.max(0, tenth(total - held - others)), class: 'pool-free' },
      ]}
    />
  );
}

function Now({ pool, site }: { pool: PoolView; site: string | null }) {
  return (
    <>
      {pool.nodes > 0 && (
        <div class="columns">
          {pool.devices > 0 && (
            <Parts title={t('devices')} total={pool.devices} held={pool.devices_held} others={pool.devices_others ?? 0} />
          )}
          <Parts title={t('cores')} total={pool.cores} held={pool.cores_held} others={pool.cores_others ?? 0} />
        </div>
      )}
      <Facts>
        <Fact name={t('contact')}>
          <PoolContact pool={pool} />
        </Fact>
        <Fact name={t('provider')}>{pool.provider}</Fact>
        <Fact name={t('site')}>
          {pool.site ? <a href={`/sites/${encodeURIComponent(pool.site)}`}>{site}</a> : <span class="none">{t('noSite')}</span>}
        </Fact>
        <Fact name={t('executor')}>{executorName(pool.executor)}</Fact>
        <Fact name={t('model')}>{pool.model ?? (pool.nodes > 0 ? t('noModel') : <Unknown />)}</Fact>
        <Fact name={t('memory')}>{pool.nodes > 0 ? <Figure value={pool.memory_bytes} as="bytes" /> : <Unknown />}</Fact>
      </Facts>
    </>
  );
}

function Whole({ pool }: { pool: PoolView }) {
  const { name } = pool;
  const closes = may('operator', 'provider');
  const hours = useSpan();
  const sites = useLive(pool.site ? at('/v1/sites') : null, ['census', 'pool', 'job', 'closing'], { every: 5000 });
  const closings = useClosings();
  const holding = useHolding({ pool: name }, NODES_OF);
  const nodes = useNodesOf(holding.data?.jobs);
  const limits = useLimits(name);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [say, Said] = useSaid();

  const found = sites.data?.sites.find((one) => one.id === pool.site);
  const site = pool.site ? (found ? siteName(found) : pool.site) : null;
  const here = ofPool(closings.data?.closings, pool);
  const size = { nodes: pool.nodes, devices: pool.devices, cores: pool.cores };
  const joined = pool.nodes > 0;
  const jobs = holding.data?.jobs ?? [];

  return (
    <Page
      title={name}
      crumbs={[
        { href: '/sites?tab=pools', text: t('sites') },
        ...(pool.site && site ? [{ href: `/sites/${encodeURIComponent(pool.site)}`, text: site }] : []),
      ]}
      lead={
        <>
          <PoolContact pool={pool} />{' '}
          <span class="pool-lead">
            {site ? t('leadSite', { provider: pool.provider, site }) : t('leadNoSite', { provider: pool.provider })}
          </span>
        </>
      }
      aside={
        <>
          <Counts>
            {pool.devices > 0 && (
              <Count name={t('devicesHeld')}>
                {pool.devices_held}
                <small> / {pool.devices}</small>
              </Count>
            )}
            <Count name={t('coresHeld')}>
              <Figure value={pool.cores_held} as="tenths" />
              <small>
                {' '}
                / <Figure value={pool.cores} as="tenths" />
              </small>
            </Count>
            <Count name={t('nodes')}>{pool.nodes}</Count>
            <Count name={t('jobs')} href="#running">
              {pool.jobs}
            </Count>
          </Counts>
          {closes && <CloseButtons target={{ pool: name }} label={name} size={size} closings={here} onAsk={setAsked} />}
        </>
      }
    >
      <Said />
      {isExpected(pool) && (
        <Notice>
          <p>{t('notJoined')}</p>
        </Notice>
      )}
      {joined && !pool.contact && (
        <Notice tone="cinnabar">
          <p>
            <strong>{t('silent')}</strong> {pool.jobs > 0 && t('silentJobs', { n: pool.jobs })}
          </p>
        </Notice>
      )}
      <ClosedNotice closings={here} where="pool" />
      <Part title={t('now')}>
        <Now pool={pool} site={site} />
      </Part>
      <Part
        title={t('running')}
        id="running"
        note={may('tenant') ? t('runningYours', { n: pool.jobs, own: jobs.length }) : t('runningNote', { n: pool.jobs })}
        wide
      >
        <HoldingTable place={{ pool: name }} live={holding} total={pool.jobs} />
      </Part>
      {joined && (
        <Part title={t('load')} aside={<SpanChoice />} wide>
          <LoadCharts place={{ pool: name }} hours={hours} />
        </Part>
      )}
      {joined && (
        <Part title={t('nodes')} note={t('nodesNote')} wide>
          <Nodes pool={pool} jobs={jobs} nodes={nodes} closings={here} onAsk={setAsked} />
        </Part>
      )}
      {closes && (
        <Part title={t('closings')} wide>
          <ClosingTable
            caption={t('closingsCaption')}
            rows={closings.data && here}
            live={closings}
            order="closed"
            siteName={(id) => (id === pool.site ? (site ?? id) : id)}
            onAsk={setAsked}
            empty={<p class="none">{t('noClosings')}</p>}
          />
        </Part>
      )}
      {closes && (
        <Part title={t('limits')} note={t('limitsNote')}>
          <Limits pool={pool} live={limits} jobs={jobs} onSaid={say} />
        </Part>
      )}
      {may('operator') && (
        <Part title={t('agents')} aside={<LetIn pool={pool} onSaid={say} />} wide>
          <PoolTokens pool={pool} onSaid={say} />
        </Part>
      )}
      <CloseDialog asked={asked} closings={closings.data?.closings ?? []} onClose={() => setAsked(null)} onSaid={say} />
    </Page>
  );
}

/** One pool: what it has, what runs there, what is allowed and what is closed. */
export default function Pool({ params }: PageProps) {
  const name = params.name ?? '';
  const pools = useLive(at('/v1/pools'), ['pool', 'job']);
  const pool = pools.data?.pools.find((one) => one.name === name);
  if (pool) return <Whole key={name} pool={pool} />;
  return (
    <Page title={name} crumbs={[{ href: '/sites?tab=pools', text: t('sites') }]}>
      {pools.data ? (
        <Empty>
          {t(may('provider') ? 'missingProvider' : 'missing', { name })} <a href="/sites?tab=pools">{t('toPools')}</a>
        </Empty>
      ) : pools.error ? (
        <Problem error={pools.error} again={pools.again} />
      ) : (
        <Skeleton lines={8} />
      )}
    </Page>
  );
}
