import '../style/pages/site.css';

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { at } from '../api/client';
import { useLive } from '../api/live';
import { may, me, overlooks } from '../api/session';
import { words } from '../i18n';
import en from '../i18n/en/site';
import zh from '../i18n/zh/site';
import { CloseDialog } from '../parts/close';
import { type Asked, CloseButtons, ClosedNotice, ClosingTable, useClosings, useSaid } from '../parts/closings';
import { LetIn } from '../parts/join';
import { HoldingTable, LoadCharts, SpanChoice, useHolding, useSpan } from '../parts/place';
import { poolColumns } from '../parts/pools';
import { bound, kindOf, type Site as SiteView, siteName } from '../parts/sites';
import type { PageProps } from '../routes';
import {
  Count,
  Counts,
  Empty,
  Evidence,
  Fact,
  Facts,
  Figure,
  format,
  known,
  Name,
  Notice,
  Page,
  Part,
  Problem,
  Si,
  SiteStage,
  Skeleton,
  Table,
  Unknown,
} from '../ui';
import { Energy, MonthChoice } from './site/energy';
import { type History, HistoryTable, newest, useHistory } from './site/history';
import { Signals } from './site/signals';

const t = words(en, zh);

/** A source names addresses and other things; only what is an address becomes a link. */
const Source = ({ text }: { text: string }) => (
  <>
    {text.split(/(https?:\/\/[^\s;]*[^\s;,.)])/).map((piece, index) =>
      index % 2 === 1 ? (
        <a key={index} href={piece} target="_blank" rel="noopener noreferrer" class="site-address">
          {piece}
        </a>
      ) : (
        piece
      ),
    )}
  </>
);

const degrees = (value: number, sides: string): string =>
  `${format.exact(Math.round(Math.abs(value) * 1e4) / 1e4)}° ${value < 0 ? sides[1] : sides[0]}`;

/** A figure of the census, bounded as its source bounds it where that is told. */
function Stated({
  value,
  field,
  bounds,
  unit,
  children,
}: {
  value: number | null | undefined;
  field: string;
  bounds: SiteView['bounds'];
  unit?: string;
  children?: ComponentChildren;
}) {
  if (!known(value)) return <Unknown />;
  return (
    <>
      {bound(bounds, field)}
      <Figure value={value} unit={unit} />
      {children}
    </>
  );
}

/** A count that only the census's own row tells. */
function Row({ history, field, name }: { history: History | null; field: string; name: string }) {
  const text = newest(history)?.[field];
  if (typeof text !== 'string') return null;
  const value = Number(text.replace(/^[<>=~]+/, ''));
  return (
    <Fact name={name}>
      {bound(newest(history), field)}
      <Figure value={value} as="whole" />
    </Fact>
  );
}

function Known({ site, history }: { site: SiteView; history: History | null }) {
  const place = [site.zone, site.prefecture].filter((text) => text !== 'unknown');
  return (
    <>
      {!site.named && (
        <Notice tone="azurite">
          <p>{t('unnamedNote')}</p>
        </Notice>
      )}
      <Facts>
        <Fact name={t('stage')}>
          <SiteStage of={site.stage} />
          {site.stage_date && <span class="under">{t('stageAt', { date: site.stage_date })}</span>}
        </Fact>
        <Fact name={t('evidence')}>
          <Evidence of={site.evidence} />
          <span class="under">{t.of('evidenceIs', site.evidence)}</span>
        </Fact>
        <Fact name={t('provider')}>
          {site.provider ? <a href={`/sites?provider=${encodeURIComponent(site.provider)}`}>{site.provider}</a> : <Unknown />}
        </Fact>
        <Fact name={t('place')}>
          {place.length > 0 ? (
            place.map((text, index) => (
              <span key={index} lang="en" class={index > 0 ? 'under' : undefined}>
                {text}
              </span>
            ))
          ) : (
            <Unknown />
          )}
        </Fact>
        <Fact name={t('position')}>
          {known(site.latitude) && known(site.longitude) ? (
            <>
              {degrees(site.latitude, 'NS')}, {degrees(site.longitude, 'EW')}
              <span class="under">{t.of('position', site.position)}</span>
            </>
          ) : (
            <Unknown />
          )}
        </Fact>
        <Fact name={t('racks')}>
          <Stated value={site.racks} field="racks" bounds={site.bounds} />
        </Fact>
        {known(site.racks_planned) && (
          <Fact name={t('racksPlanned')}>
            <Stated value={site.racks_planned} field="racks_planned" bounds={site.bounds} />
          </Fact>
        )}
        <Row history={history} field="servers" name={t('servers')} />
        <Row history={history} field="servers_planned" name={t('serversPlanned')} />
        <Fact name={t('published')}>
          <Stated value={site.computing_power_pflops} field="computing_power_pflops" bounds={site.bounds} unit="PFLOPS">
            <span class="under">{kindOf(site)}</span>
          </Stated>
        </Fact>
        {known(site.computing_power_planned_pflops) && (
          <Fact name={t('planned')}>
            <Stated
              value={site.computing_power_planned_pflops}
              field="computing_power_planned_pflops"
              bounds={site.bounds}
              unit="PFLOPS"
            >
              <span class="under">{kindOf(site)}</span>
            </Stated>
          </Fact>
        )}
        <Fact name={t('pue')}>
          {known(site.pue) ? (
            <>
              {bound(site.bounds, 'pue')}
              {format.exact(site.pue)}
              <span class="under">{t.of('pueIs', site.pue_source)}</span>
            </>
          ) : (
            <Unknown />
          )}
        </Fact>
        <Fact name={t('source')} wide>
          {site.source ? (
            <span lang="en">
              <Source text={site.source} />
            </span>
          ) : (
            <Unknown />
          )}
        </Fact>
        {site.note && (
          <Fact name={t('note')} wide>
            <span lang="en" class="site-note">
              {site.note}
            </span>
          </Fact>
        )}
      </Facts>
    </>
  );
}

function Whole({ site }: { site: SiteView }) {
  const id = site.id;
  const closes = may('operator', 'provider');
  const own = overlooks() || (may('provider') && site.provider === me.value?.subject);
  const hours = useSpan();
  const pools = useLive(at('/v1/pools'), ['pool', 'job']);
  const closings = useClosings();
  const history = useHistory(id);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [say, Said] = useSaid();

  const name = siteName(site);
  const there = pools.data?.pools.filter((pool) => pool.site === id);
  const hidden = site.pools.length - (there?.length ?? site.pools.length);
  const here = closings.data?.closings.filter(
    (closing) => closing.site === id || (closing.pool && site.pools.includes(closing.pool)),
  );
  const joined = site.pools.length > 0;
  // A provider sees no pools, jobs and load of others.
  const sees = there !== undefined && there.length > 0;
  const holding = useHolding(sees ? { site: id } : null);
  const size = { pools: site.pools.length, nodes: site.nodes, devices: site.devices, cores: site.cores };

  const census = (
    <Part title={t('known')}>
      <Known site={site} history={history.data} />
    </Part>
  );
  return (
    <Page
      title={name}
      heading={
        site.named ? (
          <Name en={site.name} zh={site.name_zh} />
        ) : (
          <>
            {t('unnamed')} <small class="mono">{id}</small>
          </>
        )
      }
      crumbs={[{ href: '/sites', text: t('sites') }]}
      lead={
        <>
          <SiteStage of={site.stage} /> <span class="site-id mono">{id}</span>
        </>
      }
      aside={
        <>
          {joined && (
            <Counts>
              {site.devices > 0 && (
                <Count name={t('devicesHeld')}>
                  {site.devices_held}
                  <small> / {site.devices}</small>
                </Count>
              )}
              <Count name={t('coresHeld')}>
                <Figure value={site.cores_held} as="tenths" />
                <small>
                  {' '}
                  / <Figure value={site.cores} as="tenths" />
                </small>
              </Count>
              <Count name={t('jobs')} href="#running">
                {site.jobs}
              </Count>
              {own && (
                <Count name={t('power')}>
                  <Si value={site.power_kw} unit="W" from="k" />
                </Count>
              )}
              {own && known(site.booked_kw) && (
                <Count name={t('powerBooked')}>
                  <Si value={site.booked_kw} unit="W" from="k" />
                  {known(site.power_cap_kw) && (
                    <small>
                      {' '}
                      / <Si value={site.power_cap_kw} unit="W" from="k" />
                    </small>
                  )}
                </Count>
              )}
              {own && known(site.peak_kw) && (
                <Count name={t('powerPeak')}>
                  <Si value={site.peak_kw} unit="W" from="k" />
                </Count>
              )}
            </Counts>
          )}
          {may('operator') && joined && (
            <CloseButtons
              target={{ site: id }}
              label={name}
              size={size}
              closings={closings.data?.closings ?? []}
              onAsk={setAsked}
            />
          )}
        </>
      }
    >
      <Said />
      {here && <ClosedNotice closings={here} where="site" />}
      {!joined && census}
      <Part
        title={t('pools')}
        note={joined ? t('poolsNote') : undefined}
        aside={may('operator') && <LetIn first={{ site: id, provider: site.provider }} sites={[site]} onSaid={say} />}
        wide
      >
        {joined && !(there && !sees) ? (
          <Table
            caption={t('pools')}
            class="pools-table"
            rows={there}
            live={pools}
            order="pools"
            sticky={false}
            skeleton={2}
            rowKey={(pool) => pool.name}
            href={(pool) => `/pools/${encodeURIComponent(pool.name)}`}
            mark={(pool) => String(pool.contact)}
            columns={poolColumns({ closings: closings.data?.closings })}
          />
        ) : joined ? null : may('operator') ? (
          <Empty command={`shugu access pool NAME --provider ${site.provider ?? 'PROVIDER'} --site ${id}`}>
            {t('noPoolsDo')}
          </Empty>
        ) : (
          <p class="none">{t('noPools')}</p>
        )}
        {hidden > 0 && joined && <p class="note">{t('othersPools', { n: hidden })}</p>}
      </Part>
      {sees && (
        <Part
          title={t('running')}
          id="running"
          note={
            may('tenant')
              ? t('runningYours', { n: site.jobs, own: holding.data?.jobs.length ?? 0 })
              : t('runningNote', { n: site.jobs })
          }
          wide
        >
          <HoldingTable place={{ site: id }} live={holding} total={site.jobs} />
        </Part>
      )}
      {sees && (
        <Part title={t('load')} aside={<SpanChoice />} wide>
          <LoadCharts place={{ site: id }} hours={hours} />
        </Part>
      )}
      <Part title={t('signals')} note={t('signalsNote')} aside={sees ? undefined : <SpanChoice />} wide>
        <Signals site={id} hours={hours} own={own} />
      </Part>
      {joined && census}
      {closes && sees && (
        <Part title={t('closings')} note={may('provider') ? t('byPool') : undefined} wide>
          <ClosingTable
            caption={t('closingsCaption')}
            rows={here}
            live={closings}
            order="closed"
            siteName={() => name}
            onAsk={setAsked}
            empty={<p class="none">{t('noClosings')}</p>}
          />
        </Part>
      )}
      {own && (
        <Part title={t('energy')} aside={<MonthChoice />} wide>
          <Energy site={id} />
        </Part>
      )}
      {may('operator') && (
        <Part title={t('history')} note={t('historyNote')} wide>
          <HistoryTable live={history} />
        </Part>
      )}
      <CloseDialog asked={asked} closings={closings.data?.closings ?? []} onClose={() => setAsked(null)} onSaid={say} />
    </Page>
  );
}

/** Everything that is known of one site, and what runs there. */
export default function Site({ params }: PageProps) {
  const id = params.id ?? '';
  const sites = useLive(at('/v1/sites'), ['pool', 'job', 'census', 'closing'], { every: 2000 });
  const site = sites.data?.sites.find((one) => one.id === id);
  if (site) return <Whole key={id} site={site} />;
  return (
    <Page title={id} crumbs={[{ href: '/sites', text: t('sites') }]}>
      {sites.data ? (
        <Empty>
          {t('missing', { id })} <a href="/sites">{t('toSites')}</a>
        </Empty>
      ) : sites.error ? (
        <Problem error={sites.error} again={sites.again} />
      ) : (
        <Skeleton lines={8} />
      )}
    </Page>
  );
}
