// What a plan costs, how sure that is, and what its limits are worth.

import { useQuery } from '../../address';
import { words } from '../../i18n';
import en from '../../i18n/en/plan';
import zh from '../../i18n/zh/plan';
import { Money, moneyUnit } from '../../parts/amounts';
import { format, known, Part, Table } from '../../ui';
import { BarChart } from '../../ui/chart';
import { AssumedName, LimitName } from './names';
import { RangeChart, type RangeRow } from './range';
import type { PlanResult, Spread, Swing } from './result';

const t = words(en, zh);

const NOT_PAID = new Set(['missing', 'carbon']);
const FIRST = 10;

/** Cost by kind. */
export function Costs({ result }: { result: PlanResult }) {
  if (!result.cost_yuan) return null;
  const rows = Object.entries(result.cost_yuan).filter(([, value]) => value > 0).sort(([, one], [, other]) => other - one);
  const unit = moneyUnit(Math.max(0, ...rows.map(([, value]) => value)));
  const paid = result.paid_yuan;
  return (
    <Part title={t('costs')} id="costs" note={t('costsNote')}>
      <BarChart
        title={t('costChart')}
        unit={unit.name}
        format={(value) => format.figure(value / unit.size)}
        rows={rows.map(([kind, value]) => ({
          key: kind,
          name: t.of('kind', kind),
          value,
          note: NOT_PAID.has(kind) ? t('notPaid') : known(paid) && paid > 0 ? format.percent(value / paid) : undefined,
        }))}
      />
    </Part>
  );
}

const spreadRow = (key: 'paid' | 'built', spread: Spread, planned: number | null): RangeRow => ({
  key, name: t(key), outer: [spread.least, spread.most], inner: [spread.p5, spread.p95], middle: spread.p50, mark: planned,
});

function More({ name, total, all }: { name: string; total: number; all: boolean }) {
  const query = useQuery();
  if (total <= FIRST) return null;
  return <p><a href={query.href({ [name]: all ? null : 'all' })}>{all ? t('showFewer', { n: FIRST }) : t('showAll', { n: total })}</a></p>;
}

/** How the cost may come out, and which assumptions move it. */
export function Sureness({ result }: { result: PlanResult }) {
  const query = useQuery();
  const { ranges, extremes } = result;
  if (!ranges && !extremes) return null;
  const all = query.get('swings') === 'all';
  const unit = moneyUnit(ranges?.paid_yuan.most ?? 0);
  const show = (yuan: number): string => format.figure(yuan / unit.size);
  const swings = ranges?.swings ?? [];
  const edges = [...swings.flatMap((swing) => [swing.best_yuan, swing.worst_yuan]), result.paid_yuan ?? 0];
  const low = Math.min(...edges);
  const span = Math.max(...edges) - low || 1;
  return (
    <Part title={t('ranges')} id="ranges" note={t('rangesNote')}>
      {ranges && (
        <>
          <p class="study-says">
            {t.rich('rangeSays', {
              p5: <b><Money value={ranges.paid_yuan.p5} /></b>,
              p95: <b><Money value={ranges.paid_yuan.p95} /></b>,
              least: <Money value={ranges.paid_yuan.least} />,
              most: <Money value={ranges.paid_yuan.most} />,
            })}
          </p>
          <RangeChart
            title={t('rangeChart')}
            unit={unit.name}
            format={show}
            words={{ outer: t('all100'), inner: t('most90'), middle: t('middle'), mark: t('asPlanned') }}
            rows={[spreadRow('paid', ranges.paid_yuan, result.paid_yuan), spreadRow('built', ranges.built_yuan, result.built_yuan)]}
          />
        </>
      )}
      {extremes && (
        <p>
          {extremes.worst_built_yuan === null
            ? t.rich('extremesNone', { best: <b><Money value={extremes.best_built_yuan} /></b> })
            : t.rich('extremes', { best: <b><Money value={extremes.best_built_yuan} /></b>, worst: <b><Money value={extremes.worst_built_yuan} /></b> })}
        </p>
      )}
      {swings.length > 0 && (
        <>
          <Table<Swing>
            caption={t('swings')}
            titled
            note={t('swingsNote')}
            rows={all ? swings : swings.slice(0, FIRST)}
            rowKey={(swing) => swing.assumption}
            order="moves"
            sticky={false}
            columns={[
              { id: 'assumption', head: t('assumption'), cell: (swing) => <AssumedName text={swing.assumption} />, name: true },
              { id: 'best', head: t('best'), unit: unit.name, cell: (swing) => show(swing.best_yuan), num: true },
              { id: 'worst', head: t('worst'), unit: unit.name, cell: (swing) => show(swing.worst_yuan), num: true },
              {
                id: 'swing',
                head: t('swing'),
                class: 'plan-swing',
                narrow: 'line',
                cell: (swing) => {
                  const from = Math.min(swing.best_yuan, swing.worst_yuan);
                  const to = Math.max(swing.best_yuan, swing.worst_yuan);
                  return (
                    <span class="plan-range-line" aria-hidden="true">
                      <span class="inner" style={{ insetInlineStart: `${((from - low) / span) * 100}%`, inlineSize: `${Math.max(0.4, ((to - from) / span) * 100)}%` }} />
                      {known(result.paid_yuan) && <span class="middle" style={{ insetInlineStart: `${((result.paid_yuan - low) / span) * 100}%` }} />}
                    </span>
                  );
                },
              },
            ]}
          />
          <More name="swings" total={swings.length} all={all} />
        </>
      )}
    </Part>
  );
}

/** What one more of each limit would save. */
export function Worths({ result }: { result: PlanResult }) {
  const all = useQuery().get('worths') === 'all';
  const { worth } = result;
  return (
    <Part title={t('worth')} id="worth" note={t('worthNote')}>
      {worth.length === 0 ? <p>{t('noWorth')}</p> : (
        <>
          <Table
            caption={t('worth')}
            rows={all ? worth : worth.slice(0, FIRST)}
            rowKey={(one) => one.limit}
            order="limits"
            sticky={false}
            class="plan-worth"
            columns={[
              { id: 'limit', head: t('limit'), cell: (one) => <LimitName text={one.limit} />, name: true },
              {
                id: 'saves',
                head: t('saves'),
                cell: (one) => <><Money value={one.saves_yuan} /> <span class="note">{t('perUnit', { unit: t.of('unit', one.unit) })}</span></>,
                num: true,
              },
            ]}
          />
          <More name="worths" total={worth.length} all={all} />
        </>
      )}
    </Part>
  );
}
