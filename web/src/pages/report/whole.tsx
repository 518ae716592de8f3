// The parts of the report, in the order in which they are read.

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { useQuery } from '../../address';
import { overlooks } from '../../api/session';
import type { PublishedFigure, Site } from '../../api/types';
import { language, words } from '../../i18n';
import en from '../../i18n/en/report';
import zh from '../../i18n/zh/report';
import {
  baseMetric,
  Contradictions,
  distanceText,
  figureWords,
  ForecastLine,
  isBound,
  metricName,
  Place,
  plainNumber,
  Precision,
  progressText,
  qualityName,
  serviceName,
  Source,
  spell,
  Stated,
  TargetBar,
} from '../../parts/figures';
import { Trend, trendFrom } from '../../parts/trend';
import { Fact, Facts, Figure, format, known, Ladder, Name, Part, SiteStage, Table, Unknown, Yuan } from '../../ui';
import type { Growth, Headline, Report } from './data';

const t = words(en, zh);

export function Whole({ report, sites }: { report: Report; sites: readonly Site[] }) {
  const { count } = report;
  return (
    <div class="report">
      <Headlines report={report} />
      {report.lines.length > 0 && <Over report={report} />}
      <Targets report={report} />
      <Part title={t('ladder')} wide id="ladder">
        <Ladder rows={count.ladder} measured />
      </Part>
      <Operations report={report} />
      {count.sites.total + count.providers > 0 && <Sites report={report} sites={sites} />}
      {count.projects.length > 0 && <Investment report={report} />}
      {count.effectiveness.length + report.factors.length > 0 && <Energy report={report} sites={sites} />}
      <Part
        title={figureWords('contradictions')}
        note={count.contradictions.length > 0 && figureWords('contradictionsNote')}
        wide
        id="contradictions"
      >
        <Contradictions census={count} href={(id) => `#figure-${id}`} />
      </Part>
      {count.published.length > 0 && <Published report={report} />}
      <Part title={t('method')} id="method">
        <ul class="report-method">
          {report.method.map((told) => (
            <li key={told}>
              <Method of={told} report={report} />
            </li>
          ))}
        </ul>
      </Part>
      {Object.keys(report.sources).length > 0 && <Sources report={report} />}
    </div>
  );
}

// ---------------------------------------------------------------- published

function Head({ of: row }: { of: Headline }) {
  return (
    <div>
      <dt>{metricName(row.metric)}</dt>
      <dd class="report-large">
        <Stated of={row} />
      </dd>
      <dd class="note">
        {row.precision && (
          <>
            {figureWords('precisionIs', { precision: row.precision === 'unstated' ? figureWords('unstated') : row.precision })}
            <br />
          </>
        )}
        <Place of={row.scope} />, {row.date}
        <br />
        <Source of={row.source} brief /> {qualityName(row.quality)}
      </dd>
    </div>
  );
}

function Grown({ of: row, unit }: { of: Growth; unit: string }) {
  const ratio = format.exact(Math.round(row.ratio * 100) / 100);
  return (
    <li>
      <b>{metricName(row.metric)}</b>
      <span>
        <Stated of={{ stated: row.now, unit }} /> ({row.now_date})
      </span>
      <span>{t.rich('growthAfter', { before: <Stated of={{ stated: row.before, unit }} />, date: row.before_date })}</span>
      <span>{isBound(row.now) || isBound(row.before) ? t('growthEdges', { ratio }) : t('growthTimes', { ratio })}</span>
      {row.claimed && (
        <span class="report-claim">
          {t('growthClaimed')} <q lang="en">{row.claimed}</q>
        </span>
      )}
    </li>
  );
}

function Headlines({ report }: { report: Report }) {
  const unitOf = (metric: string): string =>
    report.headlines.find((row) => row.metric === metric)?.unit ??
    report.lines.find((line) => line.metric === metric)?.unit ??
    '';
  return (
    <Part title={t('headlines')} wide id="headlines">
      {report.headlines.length === 0 ? (
        <p class="none">{t('headlinesNone')}</p>
      ) : (
        <dl class="report-heads">
          {report.headlines.map((row) => (
            <Head key={row.metric} of={row} />
          ))}
        </dl>
      )}
      {report.growth.length > 0 && (
        <>
          <h3>{t('growth')}</h3>
          <ul class="report-growth">
            {report.growth.map((row) => (
              <Grown key={row.metric} of={row} unit={unitOf(row.metric)} />
            ))}
          </ul>
        </>
      )}
    </Part>
  );
}

function Over({ report }: { report: Report }) {
  return (
    <Part title={t('over')} note={t('overNote')} wide id="over-time">
      <div class="report-lines">
        {report.lines.map((line) => (
          <Trend
            key={line.metric}
            height={210}
            line={trendFrom(
              line,
              report.headlines.find((row) => row.metric === line.metric),
              report.count.targets,
              report.as_of,
            )}
          />
        ))}
      </div>
    </Part>
  );
}

/** The figures a hub is judged by come first. */
const ORDER = [
  'compute_total',
  'compute_intelligent',
  'intelligent_share',
  'supercomputing_peak',
  'ai_chips',
  'data_centres',
  'providers_on_hub',
  'racks',
  'rack_utilisation',
  'servers',
  'pue',
  'storage',
];
const rank = (metric: string): number => {
  const place = ORDER.indexOf(metric);
  return place < 0 ? ORDER.length : place;
};

function Published({ report }: { report: Report }) {
  const query = useQuery();
  // The hub's own figures before those of a part of it, or of what it is a part of.
  const own = report.headlines[0]?.scope ?? '';
  const rows = report.count.published.toSorted(
    (one: PublishedFigure, other: PublishedFigure) =>
      rank(one.metric) - rank(other.metric) ||
      one.metric.localeCompare(other.metric) ||
      Number(other.scope === own) - Number(one.scope === own) ||
      one.scope.localeCompare(other.scope) ||
      other.date.localeCompare(one.date),
  );
  // At first the newest of each that a hub is judged by; paper holds all.
  const seen = new Set<string>();
  const leading = new Set(
    rows
      .filter((row) => {
        if (row.scope !== own || rank(row.metric) === ORDER.length || seen.has(row.metric)) return false;
        seen.add(row.metric);
        return true;
      })
      .map((row) => row.id),
  );
  const [led, lead] = useState(() => location.hash.startsWith('#figure-'));
  useEffect(() => {
    const follow = (): void => {
      if (!location.hash.startsWith('#figure-')) return;
      lead(true);
      requestAnimationFrame(() =>
        document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView({ block: 'center' }),
      );
    };
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  const all = query.get('figures') === 'all' || led || leading.size < 3;
  const turn = (): void => {
    lead(false);
    query.set({ figures: all ? null : 'all' }, true);
  };
  return (
    <Part title={figureWords('published')} note={figureWords('publishedNote')} wide id="published">
      <Table
        caption={figureWords('published')}
        rows={rows}
        rowKey={(row) => row.id}
        order="published"
        class={all ? 'report-published' : 'report-published leading-only'}
        columns={[
          {
            id: 'metric',
            head: figureWords('metric'),
            cell: (row) => (
              <span id={`figure-${row.id}`} tabIndex={-1} class={leading.has(row.id) ? 'report-anchor' : 'report-anchor more'}>
                {metricName(row.metric)}
              </span>
            ),
            name: true,
            sort: (row) => metricName(row.metric),
          },
          { id: 'scope', head: figureWords('scope'), cell: (row) => <Place of={row.scope} />, sort: (row) => row.scope },
          { id: 'value', head: figureWords('value'), cell: (row) => <Stated of={row} />, num: true },
          { id: 'precision', head: figureWords('precision'), cell: (row) => <Precision of={row} /> },
          {
            id: 'date',
            head: figureWords('date'),
            cell: (row) => <span class="nowrap">{row.date}</span>,
            sort: (row) => row.date,
          },
          {
            id: 'source',
            head: figureWords('source'),
            cell: (row) => <SourceCell source={row.source} quality={row.quality} note={(row as { note?: string }).note ?? ''} />,
            narrow: 'line',
            class: 'report-wide',
          },
        ]}
      />
      {leading.size >= 3 && leading.size < rows.length && (
        <p class="report-turn">
          <button type="button" onClick={turn}>
            {all ? figureWords('leadingFigures') : figureWords('allFigures', { n: rows.length })}
          </button>
        </p>
      )}
    </Part>
  );
}

const Day = ({ of: day }: { of: string }) => (day === 'unknown' ? <Unknown /> : <span class="nowrap">{day}</span>);

const SourceCell = ({ source, quality, note = '' }: { source: string; quality: string; note?: string }) => (
  <>
    <Source of={source} /> <small class="note">{qualityName(quality)}</small>
    {note && (
      <small class="under" lang="en">
        {note}
      </small>
    )}
  </>
);

// ---------------------------------------------------------------- aimed at

function Targets({ report }: { report: Report }) {
  return (
    <Part title={t('targets')} wide id="targets">
      <Table
        caption={t('targets')}
        rows={report.targets}
        rowKey={(row) => row.id ?? `${row.metric} ${row.scope} ${row.due}`}
        order="targets"
        empty={<p class="none">{t('targetsNone')}</p>}
        columns={[
          {
            id: 'metric',
            head: figureWords('metric'),
            cell: (row) => (
              <span id={row.id ? `figure-${row.id}` : undefined} tabIndex={-1} class="report-anchor">
                {metricName(baseMetric(row.metric))}
              </span>
            ),
            name: true,
          },
          { id: 'scope', head: figureWords('scope'), cell: (row) => <Place of={row.scope} /> },
          { id: 'aim', head: figureWords('aimed'), cell: (row) => <Stated of={row} />, num: true },
          { id: 'due', head: figureWords('due'), cell: (row) => <span class="nowrap">{row.due}</span>, sort: (row) => row.due },
          {
            id: 'reached',
            head: figureWords('reached'),
            cell: (row) =>
              row.reached ? (
                <Stated of={{ stated: row.reached, unit: row.unit }} />
              ) : (
                <span class="none">{figureWords('noComparable')}</span>
              ),
            num: true,
          },
          {
            id: 'progress',
            head: figureWords('progress'),
            cell: (row) =>
              known(row.progress) ? (
                <>
                  {progressText(row)}
                  <TargetBar of={row} />
                </>
              ) : (
                <span class="none">–</span>
              ),
            num: true,
            class: 'meter',
          },
          {
            id: 'distance',
            head: figureWords('distance'),
            cell: (row) => distanceText(row) ?? <span class="none">–</span>,
            num: true,
          },
          {
            id: 'forecast',
            head: figureWords('forecastOf'),
            cell: (row) => (row.forecast ? <ForecastLine of={row.forecast} unit={row.unit} /> : <span class="none">–</span>),
            narrow: 'line',
          },
          {
            id: 'source',
            head: figureWords('source'),
            cell: (row) => <SourceCell source={row.source} quality={row.quality} />,
            narrow: 'line',
          },
        ]}
      />
    </Part>
  );
}

// ---------------------------------------------------------------- counted

function Operations({ report }: { report: Report }) {
  const told = report.operations;
  if (!overlooks() || !told) return null;
  return (
    <Part
      title={t('operations')}
      note={t('operationsNote', { from: format.day(Date.parse(told.from)), to: format.moment(Date.parse(told.to)).slice(0, 16) })}
      wide
      id="operations"
    >
      {told.attempts === 0 ? (
        <p class="none">{t('operationsNone')}</p>
      ) : (
        <Facts>
          <Fact name={t('attempts')}>
            <Figure value={told.attempts} as="whole" />
          </Fact>
          <Fact name={t('deviceHours')}>
            <Figure value={told.device_hours} unit="h" />
          </Fact>
          <Fact name={t('utilisation')}>
            <Figure value={told.utilisation} as="percent" />
          </Fact>
          <Fact name={t('energyUsed')}>
            <Figure value={told.energy_kwh} unit="kWh" />
          </Fact>
          <Fact name={t('carbonLocation')}>
            <Figure value={told.carbon_kg} unit="kg" />
          </Fact>
          <Fact name={t('carbonMarket')}>
            <Figure value={told.carbon_market_kg} unit="kg" />
          </Fact>
          <Fact name={t('carbonAtOnce')}>
            <Figure value={told.carbon_at_once_kg} unit="kg" />
            <span class="under">{t('carbonAtOnceMarket')} <Figure value={told.carbon_market_at_once_kg} unit="kg" /></span>
          </Fact>
          <Fact name={t('paid')}>
            <Yuan value={told.paid_yuan} />
          </Fact>
          <Fact name={t('fee')}>
            <Yuan value={told.fee_yuan} />
          </Fact>
        </Facts>
      )}
    </Part>
  );
}

const STAGES = ['operating', 'commissioning', 'building', 'announced', 'retiring', 'retired', 'unknown'];

function Sites({ report, sites }: { report: Report; sites: readonly Site[] }) {
  const { count } = report;
  const byName = new Map(sites.map((site) => [site.name, site]));
  const stages = STAGES.filter((stage) => (count.sites.by_status[stage] ?? 0) > 0);
  const services = Object.entries(count.providers_by_service ?? {}).sort(
    (one, other) => Number(one[0] === 'unknown') - Number(other[0] === 'unknown'),
  );
  return (
    <Part title={t('sites')} wide id="sites">
      <p>
        <b>{t('sitesTotal', { total: count.sites.total, named: count.sites.named })}</b>
      </p>
      <dl class="report-stages">
        {stages.map((stage) => {
          const names = report.sites[stage] ?? [];
          const unnamed = (count.sites.by_status[stage] ?? 0) - names.length;
          return (
            <div key={stage}>
              <dt>
                <SiteStage of={stage} /> <b>{count.sites.by_status[stage]}</b>
              </dt>
              <dd>
                <ul class="report-names">
                  {names.map((name) => {
                    const site = byName.get(name);
                    return (
                      <li key={name}>
                        {site ? (
                          <a class="quiet" href={`/sites/${encodeURIComponent(site.id)}`}>
                            <Name en={site.name} zh={site.name_zh} plain />
                          </a>
                        ) : (
                          <span lang="en">{name}</span>
                        )}
                      </li>
                    );
                  })}
                  {unnamed > 0 && <li class="none">{t('unnamed', { n: unnamed })}</li>}
                </ul>
              </dd>
            </div>
          );
        })}
      </dl>
      <p>
        <b>{t('providersTotal', { total: count.providers, named: count.providers_named })}</b>
        {services.length > 0 && (
          <span class="note"> {services.map(([service, n]) => `${serviceName(service)} ${n}`).join(', ')}</span>
        )}
      </p>
    </Part>
  );
}

function Investment({ report }: { report: Report }) {
  const unit = spell(0, 'bn yuan').unit;
  const amount = (stated: string | null): ComponentChildren =>
    stated === null ? <Unknown /> : plainNumber({ stated, unit: 'bn yuan' });
  return (
    <Part title={t('investment')} note={t('investmentNote')} wide id="investment">
      <Table
        caption={t('investment')}
        rows={report.count.projects}
        rowKey={(row) => row.id}
        order="projects"
        columns={[
          { id: 'project', head: t('project'), cell: (row) => <span lang="en">{row.name}</span>, name: true },
          { id: 'planned', head: t('planned'), unit, cell: (row) => amount(row.planned_bn_yuan), num: true },
          { id: 'committed', head: t('committed'), unit, cell: (row) => amount(row.committed_bn_yuan), num: true },
          { id: 'spent', head: t('spent'), unit, cell: (row) => amount(row.spent_bn_yuan), num: true },
          { id: 'date', head: t('date'), cell: (row) => <Day of={row.as_of} /> },
          {
            id: 'adds',
            head: t('adds'),
            unit: 'PFLOPS',
            cell: (row) => <Stated of={{ stated: row.computing_power_pflops, unit: 'count' }} />,
            num: true,
          },
          {
            id: 'source',
            head: figureWords('source'),
            cell: (row) => <SourceCell source={row.source} quality={row.quality} />,
            narrow: 'line',
          },
        ]}
      />
    </Part>
  );
}

function Energy({ report, sites }: { report: Report; sites: readonly Site[] }) {
  const where = (scope: string): ComponentChildren => {
    const site = sites.find((one) => `site:${one.id}` === scope);
    return site ? <Name en={site.name} zh={site.name_zh} plain /> : <Place of={scope.replace(/^site:/, '')} />;
  };
  const { effectiveness } = report.count;
  return (
    <Part title={t('energy')} wide id="energy">
      {effectiveness.length > 0 && (
        <Table
          caption={t('effectiveness')}
          titled
          rows={effectiveness}
          rowKey={(row) => row.id}
          order="effectiveness"
          columns={[
            { id: 'metric', head: figureWords('metric'), cell: (row) => metricName(row.metric), name: true },
            { id: 'scope', head: figureWords('scope'), cell: (row) => where(row.scope) },
            {
              id: 'value',
              head: figureWords('value'),
              cell: (row) => <Stated of={{ stated: row.value, unit: 'ratio' }} />,
              num: true,
            },
            {
              id: 'category',
              head: t('category'),
              cell: (row) => row.category ?? <span class="unknown">{figureWords('unstated')}</span>,
            },
            {
              id: 'boundary',
              head: t('boundary'),
              cell: (row) =>
                row.boundary === 'unstated' ? (
                  <span class="unknown">{figureWords('unstated')}</span>
                ) : (
                  <span lang="en">{row.boundary}</span>
                ),
            },
            {
              id: 'period',
              head: t('period'),
              cell: (row) =>
                row.period_to === 'unknown' ? (
                  <Day of={row.period_from} />
                ) : (
                  <span class="nowrap">
                    {row.period_from} – {row.period_to}
                  </span>
                ),
            },
            {
              id: 'source',
              head: figureWords('source'),
              cell: (row) => <SourceCell source={row.source} quality={row.quality} />,
              narrow: 'line',
            },
          ]}
        />
      )}
      {report.factors.length > 0 && (
        <Table
          caption={t('factors')}
          titled
          rows={report.factors}
          rowKey={(row) => `${row.kind} ${row.scope} ${row.valid_from} ${row.hours}`}
          order="factors"
          columns={[
            { id: 'factor', head: t('factor'), cell: (row) => t.of('factor', row.kind), name: true },
            { id: 'scope', head: figureWords('scope'), cell: (row) => where(row.scope) },
            { id: 'from', head: t('from'), cell: (row) => <span class="nowrap">{row.valid_from}</span> },
            { id: 'hours', head: t('hours'), cell: (row) => row.hours || t('allHours') },
            {
              id: 'value',
              head: figureWords('value'),
              cell: (row) => (
                <Figure
                  value={row.value}
                  as="exact"
                  unit={language.value === 'zh' ? row.unit.replace('yuan', '元').replace('month', '月') : row.unit}
                />
              ),
              num: true,
            },
            { id: 'grade', head: t('grade'), cell: (row) => row.grade },
            { id: 'source', head: figureWords('source'), cell: (row) => <Source of={row.source} />, narrow: 'line' },
          ]}
        />
      )}
    </Part>
  );
}

// ---------------------------------------------------------------- how it was counted

/** The hub tells its method in English; what it is known to say has Chinese words. */
const METHOD: readonly [RegExp, 'kinds' | 'bounds' | 'unknown' | 'rungs' | 'carbon'][] = [
  [/^Computing power is told by class/, 'kinds'],
  [/^A figure keeps its bound/, 'bounds'],
  [/^Unknown means that no source/, 'unknown'],
  [/^Each rung of the ladder/, 'rungs'],
  [/^Carbon is location-based/, 'carbon'],
];

function Method({ of: told, report }: { of: string; report: Report }) {
  const { sites, providers, providers_named: named } = report.count;
  if (/ are placeholders of a published total/.test(told)) {
    return (
      <>
        {t('method.placeholders', {
          sites: sites.total - sites.named,
          allSites: sites.total,
          providers: providers - named,
          allProviders: providers,
        })}
      </>
    );
  }
  const found = METHOD.find(([pattern]) => pattern.test(told));
  return found ? <>{t(`method.${found[1]}`)}</> : <span lang="en">{told}</span>;
}

function Sources({ report }: { report: Report }) {
  const ids = new Set([...report.count.published.map((row) => row.id), ...report.targets.map((row) => row.id)]);
  return (
    <Part title={t('sources')} note={t('sourcesNote')} id="sources">
      <ol class="report-sources">
        {Object.entries(report.sources).map(([source, figures]) => (
          <li key={source}>
            <Source of={source} />
            <span class="note">
              {' '}
              {[...new Set(figures)].map((id, index) => (
                <span key={id}>
                  {index > 0 && ', '}
                  {ids.has(id) ? <a href={`#figure-${id}`}>{id}</a> : id}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ol>
    </Part>
  );
}
