import '../style/pages/hub.css';

import type { ComponentChildren } from 'preact';

import { useQuery } from '../address';
import { type Address, at, Refused } from '../api/client';
import type { Power } from '../api/coming';
import { hub } from '../api/hub';
import { type Live, useLive } from '../api/live';
import { may, overlooks } from '../api/session';
import type { Census, Hub as HubView, Job, JobList, Load, Pool, PoolList, Site, SiteList } from '../api/types';
import { language, words } from '../i18n';
import en from '../i18n/en/hub';
import zh from '../i18n/zh/hub';
import { bring } from '../parts/bring';
import {
  Ago,
  Bar,
  Choices,
  Empty,
  Figure,
  format,
  JobState,
  known,
  Name,
  Page,
  Part,
  Problem,
  Shape,
  Shown,
  Si,
  Skeleton,
} from '../ui';

const t = words(en, zh);

// The charts, the map and what is published come after the numbers: the first page stands without them.
const LoadCharts = bring(() => import('./hub/load'), 5);
const Sites = bring(() => import('./hub/sites'), 10);
const Who = bring(() => import('./hub/who'), 4);
const Counted = bring(() => import('./hub/counted'), 8);

/** What a role may not see is left out, not told as a trouble. */
const barred = (live: Live<unknown>): boolean => live.error instanceof Refused && live.error.status === 403;

/** The hub at a glance. */
export default function Hub() {
  const load = useLive(at('/v1/load', { hours: 24 }) as Address<Load>, ['job', 'pool'], { every: 15_000, poll: 60_000 });
  const sites = useLive(at('/v1/sites') as Address<SiteList>, ['pool', 'job', 'census', 'closing'], { every: 3000 });
  const pools = useLive(at('/v1/pools') as Address<PoolList>, ['pool', 'job'], { every: 3000 });
  const failed = useLive(at('/v1/jobs', { state: ['failed', 'lost'], limit: 6 }) as Address<JobList>, ['job'], { every: 2000 });
  const census = useLive(at<Census>('/v1/census'), ['census', 'pool', 'job'], { every: 5000 });
  const now = hub.value;
  return (
    <Page
      title={t('title')}
      heading={now ? <Name en={now.name} zh={now.name_zh} /> : t('title')}
      aside={
        <>
          <a class="button" href="/report">
            {t('toReport')}
          </a>
          <a class="button" href="/wall">
            {t('wall')}
          </a>
        </>
      }
    >
      {now ? <State of={now} /> : <Skeleton lines={2} />}
      <Attention pools={pools} sites={sites} />
      <div class="hub-columns">
        <div>
          {!barred(load) && (
            <Part title={t('load')} note={t(may('provider') ? 'loadOwn' : 'loadNote')} wide>
              <Shown of={load} lines={5}>
                {(read) => <LoadCharts load={read} />}
              </Shown>
            </Part>
          )}
          {!barred(sites) && <SitesPart live={sites} />}
        </div>
        <div>
          {!barred(failed) && <Failed live={failed} />}
          {!barred(census) && (census.data ? census.data.sites.total + census.data.providers > 0 : !census.error) && (
            <Part title={t('who')} wide>
              <Shown of={census} lines={4}>
                {(read) => <Who census={read} />}
              </Shown>
            </Part>
          )}
        </div>
      </div>
      {!barred(census) && (
        <Shown of={census} lines={10}>
          {(read) => <Counted census={read} />}
        </Shown>
      )}
    </Page>
  );
}

// ---------------------------------------------------------------- the state in large numbers

function Large({
  name,
  href,
  note,
  share,
  children,
}: {
  name: string;
  href?: string;
  note?: ComponentChildren;
  share?: number | null;
  children: ComponentChildren;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="hub-large">{href ? <a href={href}>{children}</a> : children}</dd>
      {share !== undefined && (
        <dd class="hub-share">
          <Bar share={share} />
        </dd>
      )}
      <dd class="note">{note}</dd>
    </div>
  );
}

function OfAll({ held, all, as }: { held: number | undefined; all: number | undefined; as: 'whole' | 'tenths' }) {
  return (
    <>
      <Figure value={held} as={as} />
      <span class="hub-of"> / {known(all) ? format[as](all) : '–'}</span>
    </>
  );
}

function State({ of: now }: { of: HubView }) {
  const { devices = 0, devices_held = 0, cores = 0, cores_held = 0, placed = now.running } = now;
  const begins = Math.max(0, placed - now.running);
  // Who is no operator finds only its own behind the number.
  const jobs = t(overlooks() ? 'jobs' : 'jobsAll');
  return (
    <dl class="hub-state" aria-label={t('state')}>
      <Large name={t('running')} href="/jobs?state=running" note={begins > 0 ? t('runningNote', { n: begins }) : jobs}>
        <Figure value={now.running} as="whole" />
      </Large>
      <Large name={t('waiting')} href="/jobs?state=waiting" note={jobs}>
        <Figure value={now.waiting} as="whole" />
      </Large>
      <Large
        name={t('devicesHeld')}
        share={devices > 0 ? devices_held / devices : 0}
        note={devices > 0 ? t('heldShare', { share: format.percent(devices_held / devices) }) : t('noDevices')}
      >
        <OfAll held={devices_held} all={devices} as="whole" />
      </Large>
      <Large
        name={t('coresHeld')}
        share={cores > 0 ? cores_held / cores : 0}
        note={cores > 0 ? t('heldShare', { share: format.percent(cores_held / cores) }) : t('noCores')}
      >
        <OfAll held={cores_held} all={cores} as="tenths" />
      </Large>
      {now.power && <PowerNow of={now.power} />}
    </dl>
  );
}

function PowerNow({ of: power }: { of: Power & { pools_unknown?: number } }) {
  const how = [
    power.sites_read > 0 && t('powerRead', { n: power.sites_read }),
    power.pools_modelled > 0 && t('powerModelled', { n: power.pools_modelled }),
    (power.pools_unknown ?? 0) > 0 && t('powerLacking', { n: power.pools_unknown ?? 0 }),
  ].filter((told): told is string => Boolean(told));
  const about = power.modelled_kw > 0;
  return (
    <>
      <Large name={t('power')} note={how.length > 0 ? how.join(language.value === 'zh' ? '；' : '; ') : t('powerNothing')}>
        <Si value={power.kw} unit="W" from="k" about={about} />
      </Large>
      <Large
        name={t('carbon')}
        note={power.kw === null ? '' : known(power.carbon_kg_per_hour) ? t('carbonNote') : t('carbonUnknown')}
      >
        <Figure {...format.carbonOfHour(power.carbon_kg_per_hour)} about={about} />
      </Large>
    </>
  );
}

// ---------------------------------------------------------------- sites

function SitesPart({ live }: { live: Live<SiteList> }) {
  const query = useQuery();
  const sites = live.data?.sites ?? [];
  const anyDevice = sites.some((site) => site.devices > 0);
  const asked = query.get('size');
  const by = asked === 'power' || asked === 'devices' ? asked : anyDevice ? 'devices' : 'power';
  const aside = sites.length > 0 && (
    <Choices
      name="size"
      label={t('mapSize')}
      options={[
        { value: anyDevice ? '' : 'devices', label: t('mapDevices') },
        { value: anyDevice ? 'power' : '', label: t('mapPower') },
      ]}
    />
  );
  return (
    <Part title={t('map')} wide aside={aside}>
      <Shown of={live} lines={10}>
        {(read) =>
          read.sites.length > 0 ? (
            <Sites sites={read.sites} by={by} />
          ) : (
            <Empty command="shugu up --census FOLDER">{t('mapNone')}</Empty>
          )
        }
      </Shown>
    </Part>
  );
}

// ---------------------------------------------------------------- what is wrong

const SHOWN = 4;

function Links({ of: links }: { of: readonly { href: string; name: ComponentChildren }[] }) {
  const more = links.length - SHOWN;
  return (
    <span class="hub-links">
      {links.slice(0, SHOWN).map((link) => (
        <a key={link.href} href={link.href}>
          {link.name}
        </a>
      ))}
      {more > 0 && <span class="note">{t('andMore', { n: more })}</span>}
    </span>
  );
}

const poolLink = (pool: Pool) => ({ href: `/pools/${encodeURIComponent(pool.name)}`, name: pool.name });
const siteLink = (site: Site) => ({
  href: `/sites/${encodeURIComponent(site.id)}`,
  name: <Name en={site.name} zh={site.name_zh} plain />,
});

function Attention({ pools, sites }: { pools: Live<PoolList>; sites: Live<SiteList> }) {
  const all = pools.data?.pools;
  const silent = all?.filter((pool) => !pool.contact) ?? [];
  const broken = all?.filter((pool) => pool.contact && Object.keys(pool.out_of_service ?? {}).length > 0) ?? [];
  const nodes = broken.reduce((sum, pool) => sum + Object.keys(pool.out_of_service ?? {}).length, 0);
  const closed = sites.data?.sites.filter((site) => site.closed) ?? [];
  if (barred(pools)) return null;
  let told: ComponentChildren;
  if (!all)
    told = pools.error ? (
      <Problem error={pools.error} again={pools.again} />
    ) : (
      <p class="hub-calm">
        <span class="bone" />
      </p>
    );
  else if (all.length === 0)
    told = <Empty command="shugu agent --hub URL --token T --pool P --executor local">{t('noPool')}</Empty>;
  else if (silent.length + nodes + closed.length === 0)
    told = (
      <p class="hub-calm">
        <Shape is="tick" />
        {t('attentionNone')}
      </p>
    );
  else {
    told = (
      <ul>
        {silent.length > 0 && (
          <li data-tone="cinnabar">
            <Shape is="ring" />
            <b>{t('silentPools', { n: silent.length })}</b>
            <Links of={silent.map(poolLink)} />
          </li>
        )}
        {closed.length > 0 && (
          <li data-tone="ochre">
            <Shape is="lock" />
            <b>{t('closedSites', { n: closed.length })}</b>
            <Links of={closed.map(siteLink)} />
          </li>
        )}
        {nodes > 0 && (
          <li data-tone="ochre">
            <Shape is="warning" />
            <b>{t('outOfService', { n: nodes })}</b>
            <Links of={broken.map(poolLink)} />
          </li>
        )}
      </ul>
    );
  }
  return (
    <section class="hub-attention" aria-label={t('attention')}>
      {told}
    </section>
  );
}

function Failed({ live }: { live: Live<JobList> }) {
  const line = (job: Job) =>
    [job.tenant, job.pool, known(job.exit_code) && job.exit_code !== 0 && t('exit', { code: job.exit_code })]
      .filter(Boolean)
      .join(' · ');
  return (
    <Part title={t('failed')} wide>
      <Shown of={live} lines={5}>
        {(read) =>
          read.jobs.length === 0 ? (
            <p class="none">{t('failedNone')}</p>
          ) : (
            <>
              <ul class="hub-failed">
                {read.jobs.map((job) => (
                  <li key={job.id}>
                    <p>
                      <JobState of={job.state} />{' '}
                      <a href={`/jobs/${encodeURIComponent(job.id)}`}>
                        <span class="mono">{job.id}</span> {job.name}
                      </a>
                    </p>
                    <p class="note">
                      {line(job)}
                      {job.ended_at && (
                        <>
                          {' '}
                          · <Ago at={job.ended_at} />
                        </>
                      )}
                    </p>
                  </li>
                ))}
              </ul>
              <p>
                <a href="/jobs?state=failed%2Clost">{t('failedAll')}</a>
              </p>
            </>
          )
        }
      </Shown>
    </Part>
  );
}
