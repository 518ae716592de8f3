// What other targets, limits of carbon and dates would cost.

import { words } from '../../i18n';
import en from '../../i18n/en/plan';
import zh from '../../i18n/zh/plan';
import { flopsText, flopsUnit, Money, moneyUnit } from '../../parts/amounts';
import { CurveChart, type CurvePoint } from '../../parts/curve';
import { outline } from '../../parts/scenario';
import { Figure, format, known, Part, Table, Unknown } from '../../ui';
import type { Plan } from '../plan';
import type { PlanResult, Point } from './result';

const t = words(en, zh);

const MOVED = ['computing', 'carbon', 'date'] as const;

const monthNumber = (month: string): number => {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return year * 12 + number;
};

/** How far down a plan's cost might be. */
const lowest = (objective: number | null, gap: number | null): number | null => (known(objective) && known(gap) ? objective * (1 - gap) : null);

/** What a point costs, or that nothing was found there. */
const Sum = ({ value }: { value: number | null }) => (known(value) ? <Money value={value} /> : <span class="none">{t('noPlan')}</span>);

export function Frontier({ study, result }: { study: Plan; result: PlanResult }) {
  const { frontier } = result;
  if (frontier.length === 0) {
    return (
      <Part title={t('frontier')} id="frontier">
        <p>{t('noFrontier')} <a href={`/plan?new=1&from=${study.id}`}>{t('askFrontier')}</a></p>
      </Part>
    );
  }
  const money = moneyUnit(Math.max(0, ...frontier.map((point) => point.objective_yuan ?? 0), result.objective_yuan ?? 0));
  const flops = flopsUnit(Math.max(...frontier.map((point) => point.computing_pflops)));
  const aim = outline(study.request.scenario).targets[0];
  const cost = (yuan: number | null): number | null => (known(yuan) ? yuan / money.size : null);
  const place: Record<Point['moved'], (point: Point) => number | null> = {
    computing: (point) => point.computing_pflops / flops.size,
    carbon: (point) => point.carbon_kt,
    date: (point) => monthNumber(point.date),
  };
  const here: Record<Point['moved'], number | null> = {
    computing: aim?.computing ? aim.computing.likely / flops.size : null,
    carbon: result.capacity.reduce((sum, one) => sum + one.carbon_kt, 0),
    date: aim?.by ? monthNumber(aim.by) : null,
  };
  const across: Record<Point['moved'], string> = {
    computing: t('across.computing', { unit: flops.name }),
    carbon: t('across.carbon'),
    date: t('across.date'),
  };
  const base = cost(result.objective_yuan);
  const most = Math.max(...frontier.map((point) => cost(point.objective_yuan) ?? 0), base ?? 0);
  const rows = frontier.map((point, index) => ({ ...point, key: index }));
  return (
    <Part title={t('frontier')} id="frontier" wide note={t('frontierNote')}>
      <div class="plan-three">
        {MOVED.map((moved) => {
          const mine = frontier.filter((point) => point.moved === moved);
          const points = mine.flatMap((point): CurvePoint[] => {
            const x = place[moved](point);
            return x === null ? [] : [{ x, y: cost(point.objective_yuan), low: cost(lowest(point.objective_yuan, point.gap)) }];
          });
          const undrawn = mine.length - points.length;
          if (points.length === 0) return <p key={moved} class="none">{t(`moved.${moved}`)}: {t('noPlan')}</p>;
          const at = here[moved];
          return (
            <div key={moved}>
              <CurveChart
                title={t(`moved.${moved}`)}
                unit={`${t('costAxis')}, ${money.name}`}
                across={across[moved]}
                as="points"
                zero
                most={most}
                height={230}
                missing={t('noPlan')}
                curves={[{ name: t('costAxis'), points }]}
                mark={at !== null && base !== null ? { name: t('asScenario'), x: at, y: base } : undefined}
                ticks={moved === 'date' ? mine.map((point) => ({ x: monthNumber(point.date), text: point.date })) : undefined}
              />
              {undrawn > 0 && <p class="note">{t('notDrawn', { n: undrawn })}</p>}
            </div>
          );
        })}
      </div>
      <Table
        caption={t('points')}
        titled
        rows={rows}
        rowKey={(point) => point.key}
        order="points"
        sticky={false}
        columns={[
          { id: 'moved', head: t('movedHead'), cell: (point) => t(`moved.${point.moved}`), name: true },
          { id: 'target', head: t('target'), cell: (point) => <span class="nowrap">{flopsText(point.computing_pflops)}</span>, num: true, sort: (point) => point.computing_pflops },
          { id: 'by', head: t('by'), cell: (point) => point.date, sort: (point) => point.date, class: 'plan-ready' },
          { id: 'carbon', head: t('carbon'), unit: 'kt', cell: (point) => <Figure value={point.carbon_kt} />, num: true, sort: (point) => point.carbon_kt },
          { id: 'built', head: t('builtFor'), cell: (point) => <Sum value={point.built_yuan} />, num: true, sort: (point) => point.built_yuan },
          { id: 'cost', head: t('counted'), cell: (point) => <Sum value={point.objective_yuan} />, num: true, sort: (point) => point.objective_yuan },
          { id: 'gap', head: t('gap'), cell: (point) => (known(point.gap) ? format.percent(point.gap) : known(point.objective_yuan) ? <Unknown /> : ''), num: true },
        ]}
      />
    </Part>
  );
}
