// What is built, and what there is in each period.

import { useQuery } from '../../address';
import { offset } from '../../api/hub';
import { words } from '../../i18n';
import en from '../../i18n/en/plan';
import zh from '../../i18n/zh/plan';
import { flopsText, flopsUnit, Money, moneyUnit } from '../../parts/amounts';
import { type Kind, outline } from '../../parts/scenario';
import { Choices, type Column, Figure, format, Nothing, Part, Table } from '../../ui';
import { type Series, TimeChart } from '../../ui/chart';
import type { Plan } from '../plan';
import { SiteName } from './names';
import type { Build, Capacity, PlanResult } from './result';

const t = words(en, zh);

/** The first moment of a month by the hub's clock. */
export function monthStart(month: string): number {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return Date.UTC(year, number - 1, 1) - offset.value * 60_000;
}
/** As long as the shortest of its kind, so that bars never cover one another. */
const DAYS = [0, 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334, 365];
const periodSpan = (months: number): number => (DAYS[months] ?? months * 30) * 86_400_000;
const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};
export const kindKey = (kind: Kind): string => `${kind.class} ${kind.precision} ${kind.sparsity}`;
export const kindName = (kind: Kind): string => [t.of('class', kind.class), kind.precision, t.of('sparsity', kind.sparsity)].filter(Boolean).join(', ');
const UNKNOWN: Kind = { class: 'intelligent', precision: 'fp16', sparsity: 'dense' };
/** Parts of a stack that can be told apart. */
const PARTS_MOST = 6;

// ---------------------------------------------------------------- charts

/** Computing power over time, one chart for each class and precision: figures of different kinds are never added. */
function CapacityCharts({ study, capacity }: { study: Plan; capacity: readonly Capacity[] }) {
  const plan = outline(study.request.scenario);
  const names = [...new Set(capacity.flatMap((one) => Object.keys(one.computing_pflops)))];
  const peak = (name: string): number => Math.max(...capacity.map((one) => one.computing_pflops[name] ?? 0));
  const kinds = new Map<string, { kind: Kind; names: string[] }>();
  for (const name of names) {
    const kind = plan.kinds.get(name) ?? UNKNOWN;
    const found = kinds.get(kindKey(kind)) ?? { kind, names: [] };
    found.names.push(name);
    kinds.set(kindKey(kind), found);
  }
  return (
    <>
      {[...kinds.values()].map(({ kind, names: mine }) => {
        // What stands already is at the bottom, then the largest.
        const order = mine.toSorted((one, other) => Number(plan.fleets.includes(other)) - Number(plan.fleets.includes(one)) || peak(other) - peak(one));
        const shown = order.length > PARTS_MOST ? order.slice(0, PARTS_MOST - 1) : order;
        const rest = order.slice(shown.length);
        const aims = plan.targets.filter((target) => kindKey(target) === kindKey(kind) && !target.gross && target.computing);
        const aim = aims.toSorted((one, other) => (other.computing?.likely ?? 0) - (one.computing?.likely ?? 0))[0];
        const unit = flopsUnit(Math.max(aim?.computing?.likely ?? 0, ...capacity.map((one) => sum(mine.map((name) => one.computing_pflops[name] ?? 0)))));
        const part = (name: string, of: readonly string[]): Series => ({
          name,
          points: capacity.map((one) => ({ at: monthStart(one.period), value: sum(of.map((of) => one.computing_pflops[of] ?? 0)) / unit.size })),
        });
        const series = [...shown.map((name) => part(name, [name])), ...(rest.length > 0 ? [part(t('capacityOther'), rest)] : [])];
        return (
          <TimeChart
            key={kindKey(kind)}
            title={`${t('capacityChart')}: ${kindName(kind)}`}
            unit={unit.name}
            as="bars"
            height={240}
            interval={periodSpan(plan.months)}
            series={series}
            limit={aim?.computing ? { name: t('targetLine'), value: aim.computing.likely / unit.size } : undefined}
            marks={aims.filter(({ by }) => by !== '').map((target) => ({
              at: monthStart(format.monthAfter(target.by, 1)),
              name: `${t('targetLine')} ${target.id}, ${target.by}`,
            }))}
          />
        );
      })}
    </>
  );
}

// ---------------------------------------------------------------- lists

interface Thing {
  key: string;
  order: string;
  ready: string;
  what: Build['what'];
  of: string;
  sites: string[];
  count: number;
  pflops: number;
  devices: number;
  kw: number;
  cost: number;
}

/** One line for each thing ordered in a month, with its sites; grid steps of many sites are one line. */
function things(builds: readonly Build[], each: boolean): Thing[] {
  const found = new Map<string, Thing>();
  builds.forEach((build, index) => {
    const of = build.what === 'grid' ? '' : build.of;
    const key = each ? String(index) : [build.order, build.what, of, build.ready].join(' ');
    const thing = found.get(key)
      ?? { key, order: build.order, ready: build.ready, what: build.what, of, sites: [], count: 0, pflops: 0, devices: 0, kw: 0, cost: 0 };
    if (!thing.sites.includes(build.site)) thing.sites.push(build.site);
    thing.count += build.count;
    thing.pflops += build.computing_pflops;
    thing.devices += build.devices;
    thing.kw += build.facility_kw;
    thing.cost += build.cost_yuan;
    found.set(key, thing);
  });
  return [...found.values()];
}

interface AtSite {
  site: string;
  first: string;
  last: string;
  systems: number;
  halls: number;
  gridKw: number;
  /** By what it counts as: kinds are never added. */
  pflops: Map<string, number>;
  devices: number;
  kw: number;
  cost: number;
}

function bySite(builds: readonly Build[], kindOf: (technology: string) => string): AtSite[] {
  const found = new Map<string, AtSite>();
  for (const build of builds) {
    const at = found.get(build.site)
      ?? { site: build.site, first: build.order, last: build.ready, systems: 0, halls: 0, gridKw: 0, pflops: new Map<string, number>(), devices: 0, kw: 0, cost: 0 };
    if (build.order < at.first) at.first = build.order;
    if (build.ready > at.last) at.last = build.ready;
    if (build.what === 'systems') at.systems += build.count;
    if (build.what === 'halls') at.halls += build.count;
    if (build.what === 'grid') at.gridKw += build.count;
    else at.kw += build.facility_kw;
    if (build.computing_pflops > 0) at.pflops.set(kindOf(build.of), (at.pflops.get(kindOf(build.of)) ?? 0) + build.computing_pflops);
    at.devices += build.devices;
    at.cost += build.cost_yuan;
    found.set(build.site, at);
  }
  return [...found.values()].sort((one, other) => other.cost - one.cost);
}

const some = (value: number, text: string) => (value > 0 ? <span class="nowrap">{text}</span> : <Nothing />);
const megawatts = (kw: number) => some(kw, format.figure(kw / 1000));

/** How many: power of a grid, sites that are opened, systems, halls. */
function Many({ row }: { row: Thing }) {
  if (row.what === 'grid') return <span class="nowrap">{format.figure(row.count / 1000)}<span class="unit"> MW</span></span>;
  return <>{format.whole(row.what === 'opening' ? row.sites.length : row.count)}</>;
}

function Sites({ ids }: { ids: readonly string[] }) {
  const [first = '', second, ...rest] = ids;
  return (
    <>
      <SiteName id={first} />
      {second && <>{t('comma')}<SiteName id={second} /></>}
      {rest.length > 0 && <span class="note"> {t('andMore', { n: rest.length })}</span>}
    </>
  );
}

const VIEWS = ['', 'site', 'order'] as const;

/** The list of what is built, by thing, by site, or every order. */
export function Builds({ study, result }: { study: Plan; result: PlanResult }) {
  const view = useQuery().get('builds');
  const unit = flopsUnit(Math.max(0, ...result.builds.map((build) => build.computing_pflops)));
  const money = moneyUnit(Math.max(0, ...result.builds.map((build) => build.cost_yuan)));
  const caption = t('allBuilt');
  const { kinds } = outline(study.request.scenario);
  const kindOf = (technology: string): string => kindName(kinds.get(technology) ?? UNKNOWN);
  const several = new Set(result.builds.filter((build) => build.computing_pflops > 0).map((build) => kindOf(build.of))).size > 1;
  const computing = (value: number) => some(value, format.figure(value / unit.size));
  const cost = (value: number) => some(value, format.figure(value / money.size));
  const columns: Column<Thing>[] = [
    { id: 'order', head: t('order'), cell: (row) => row.order, sort: (row) => row.order, class: 'nowrap' },
    {
      id: 'what',
      head: t('what'),
      cell: (row) => t.rich(`what.${row.what}`, { of: <b class="plan-of">{row.of}</b> }),
      name: true,
      sort: (row) => `${row.what} ${row.of}`,
      class: 'plan-what',
    },
    { id: 'count', head: t('count'), cell: (row) => <Many row={row} />, num: true },
    {
      id: 'computing',
      head: t('computing'),
      unit: unit.name,
      cell: (row) => <>{computing(row.pflops)}{several && row.pflops > 0 && <span class="under">{kindOf(row.of)}</span>}</>,
      num: true,
      sort: (row) => row.pflops,
    },
    { id: 'devices', head: t('devices'), cell: (row) => some(row.devices, format.whole(row.devices)), num: true, sort: (row) => row.devices, narrow: 'hide' },
    { id: 'facility', head: t('facility'), unit: 'MW', cell: (row) => (row.what === 'grid' ? <Nothing /> : megawatts(row.kw)), num: true, sort: (row) => row.kw, narrow: 'hide' },
    { id: 'cost', head: t('cost'), unit: money.name, cell: (row) => cost(row.cost), num: true, sort: (row) => row.cost },
    { id: 'ready', head: t('ready'), cell: (row) => row.ready, sort: (row) => row.ready, class: 'nowrap plan-ready' },
    { id: 'where', head: t('where'), cell: (row) => <Sites ids={row.sites} />, narrow: 'line' },
  ];
  const total = (
    <tr role="row">
      <th role="rowheader" scope="row" colSpan={6}>{t('built')}</th>
      <td role="cell" class="num" data-label={t('cost')}><Money value={sum(result.builds.map((build) => build.cost_yuan))} /></td>
      <td role="cell" colSpan={2} />
    </tr>
  );
  return (
    <Part
      title={t('build')}
      id="build"
      wide
      note={t('buildNote')}
      aside={<Choices name="builds" label={t('view')} clears={[]} options={VIEWS.map((name) => ({ value: name, label: t(`view.${name || 'thing'}`) }))} />}
    >
      <CapacityCharts study={study} capacity={result.capacity} />
      {view === 'site' ? (
        <Table
          caption={caption}
          rows={bySite(result.builds, kindOf)}
          rowKey={(row) => row.site}
          order="bysite"
          empty={<p>{t('nothingBuilt')}</p>}
          columns={[
            { id: 'site', head: t('site'), cell: (row) => <SiteName id={row.site} />, name: true, sort: (row) => row.site },
            { id: 'systems', head: t('systems'), cell: (row) => some(row.systems, format.whole(row.systems)), num: true, sort: (row) => row.systems },
            { id: 'halls', head: t('halls'), cell: (row) => some(row.halls, format.whole(row.halls)), num: true, sort: (row) => row.halls },
            { id: 'grid', head: t('grid'), unit: 'MW', cell: (row) => megawatts(row.gridKw), num: true, sort: (row) => row.gridKw },
            {
              id: 'computing',
              head: t('computing'),
              unit: unit.name,
              cell: (row) => (row.pflops.size === 0 ? <Nothing /> : [...row.pflops].map(([kind, value]) => (
                <span key={kind} class="plan-line">{computing(value)}{several && <span class="under">{kind}</span>}</span>
              ))),
              num: true,
              sort: (row) => Math.max(0, ...row.pflops.values()),
            },
            { id: 'devices', head: t('devices'), cell: (row) => some(row.devices, format.whole(row.devices)), num: true, sort: (row) => row.devices, narrow: 'hide' },
            { id: 'facility', head: t('facility'), unit: 'MW', cell: (row) => megawatts(row.kw), num: true, sort: (row) => row.kw, narrow: 'hide' },
            { id: 'cost', head: t('cost'), unit: money.name, cell: (row) => cost(row.cost), num: true, sort: (row) => row.cost },
            { id: 'first', head: t('first'), cell: (row) => row.first, sort: (row) => row.first, class: 'nowrap plan-ready' },
            { id: 'last', head: t('last'), cell: (row) => row.last, sort: (row) => row.last, class: 'nowrap' },
          ]}
        />
      ) : (
        <Table
          caption={caption}
          rows={things(result.builds, view === 'order')}
          rowKey={(row) => row.key}
          order="things"
          columns={columns}
          empty={<p>{t('nothingBuilt')}</p>}
          foot={total}
        />
      )}
    </Part>
  );
}

/** Capacity, energy, carbon and money of each period. */
export function Periods({ study, result }: { study: Plan; result: PlanResult }) {
  const interval = periodSpan(outline(study.request.scenario).months);
  const { capacity } = result;
  if (capacity.length === 0) return null;
  const money = moneyUnit(Math.max(...capacity.map((one) => one.paid_yuan)));
  const missing = (one: Capacity): number => sum(Object.values(one.missing_pflops));
  const series = (name: string, value: (one: Capacity) => number): Series[] =>
    [{ name, points: capacity.map((one) => ({ at: monthStart(one.period), value: value(one) })) }];
  return (
    <Part title={t('periods')} id="periods" note={t('exclusive')}>
      <div class="plan-three">
        <TimeChart title={t('paidChart')} unit={money.name} as="bars" height={130} interval={interval} series={series(t('paid'), (one) => one.paid_yuan / money.size)} />
        <TimeChart title={t('powerChart')} unit="MW" as="bars" height={130} interval={interval} series={series(t('facility'), (one) => one.facility_mw)} />
        <TimeChart title={t('carbonChart')} unit="kt" as="bars" height={130} interval={interval} series={series(t('carbon'), (one) => one.carbon_kt)} />
      </div>
      <Table
        caption={t('periodsCaption')}
        rows={capacity}
        rowKey={(one) => one.period}
        order="periods"
        sticky={false}
        columns={[
          { id: 'period', head: t('period'), cell: (one) => one.period, name: true },
          { id: 'paid', head: t('paid'), unit: money.name, cell: (one) => format.figure(one.paid_yuan / money.size), num: true },
          { id: 'power', head: t('facility'), unit: 'MW', cell: (one) => <Figure value={one.facility_mw} />, num: true },
          { id: 'energy', head: t('energy'), unit: 'GWh', cell: (one) => <Figure value={one.energy_gwh} />, num: true },
          { id: 'carbon', head: t('carbon'), unit: 'kt', cell: (one) => <Figure value={one.carbon_kt} />, num: true },
          { id: 'missing', head: t('missingHead'), cell: (one) => (missing(one) > 1e-6 ? flopsText(missing(one)) : <Nothing />), num: true },
        ]}
      />
    </Part>
  );
}
