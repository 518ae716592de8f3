// The answer of a plan: what it costs, how near it is to the cheapest, and how surely it meets its targets.

import { words } from '../../i18n';
import en from '../../i18n/en/plan';
import zh from '../../i18n/zh/plan';
import { flopsText, flopsUnit, Money } from '../../parts/amounts';
import { outline } from '../../parts/scenario';
import { Count, Counts, Figure, format, known, Notice, Part, Table, Unknown } from '../../ui';
import type { Plan } from '../plan';
import { kindName } from './build';
import type { Chance, PlanResult } from './result';
import { RangeChart } from './range';
import { longer } from './scenario';

const t = words(en, zh);

export const percent = (part: number): string => format.percent(part);
/** A gap that is as good as nothing. */
const EXACT = 5e-5;

export function Answer({ study, result, sections }: { study: Plan; result: PlanResult; sections: readonly [string, string][] }) {
  const { request } = study;
  const plan = outline(request.scenario);
  const start = result.capacity[0]?.period ?? plan.start;
  const end = plan.start && known(plan.periods) ? format.monthAfter(plan.start, plan.periods * plan.months - 1) : result.capacity.at(-1)?.period ?? '';
  const stopped = result.status !== 'proven';
  const sums = {
    built: <b><Money value={result.built_yuan} /></b>,
    paid: <b><Money value={result.paid_yuan} /></b>,
    start: <span class="nowrap">{start}</span>,
    end: <span class="nowrap">{end}</span>,
  };
  const missing = Math.max(0, ...result.capacity.map((one) => Object.values(one.missing_pflops).reduce((sum, value) => sum + value, 0)));
  const sure = result.probability_target_met;
  const unmet = known(request.probability) && known(sure) && sure < request.probability;
  const carbon = result.capacity.reduce((sum, one) => sum + one.carbon_kt, 0);
  const energy = result.capacity.reduce((sum, one) => sum + one.energy_gwh, 0);
  return (
    <Part title={t('answer')}>
      <div class="plan-answer">
        <p class="study-says">
          {t.rich(stopped ? 'answerStopped' : 'answerProven', sums)}{t('space')}
          {known(result.gap) && (result.gap < EXACT ? t('gapExact') : t.rich(stopped ? 'gapStopped' : 'gapProven', { gap: <b>{percent(result.gap)}</b> }))}
        </p>
        {result.targets.map((chance) => <p key={chance.target} class="study-says"><Met chance={chance} study={study} /></p>)}
        {known(result.planned_late) && <p class="study-says">{t('plannedLate', { part: Math.round(result.planned_late * 100) })}</p>}
        {missing > 1e-6 && <Notice><p>{t('missing', { amount: flopsText(missing) })}</p></Notice>}
        {unmet && <Notice><p>{t('surest', { asked: percent(request.probability ?? 0) })}</p></Notice>}
      </div>
      <div class="plan-counts"><Counts>
        <Count name={t('built')}><Money value={result.built_yuan} /></Count>
        <Count name={t('paid')}><Money value={result.paid_yuan} /></Count>
        {result.targets.length > 0 && <Count name={t(result.targets.length > 1 ? 'probabilityLeast' : 'probability')}>{known(sure) ? percent(sure) : <Unknown />}</Count>}
        <Count name={t('gap')}>{known(result.gap) ? percent(result.gap) : <Unknown />}</Count>
        <Count name={t('energy')}><Figure value={energy} unit="GWh" /></Count>
        <Count name={t('carbon')}><Figure value={carbon} unit="kt" /></Count>
      </Counts></div>
      <div class="plan-fine">
        <p>{t.rich('countedSays', { cost: <Money value={result.objective_yuan} />, bound: <Money value={result.bound_yuan} /> })}</p>
        <p>{t('exclusive')}</p>
      </div>
      {(stopped || (known(sure) && sure < 0.5 && !known(request.probability))) && (
        <p class="actions">
          {stopped && <a class="button" href={longer(study)}>{t('askLonger')}</a>}
          {known(sure) && sure < 0.9 && !known(request.probability) && <a class="button" href={`/plan?new=1&from=${study.id}&sure=90`}>{t('askSurer')}</a>}
        </p>
      )}
      <nav class="study-jump" aria-label={t('jump')}>{sections.map(([id, text]) => <a key={id} href={`#${id}`}>{text}</a>)}</nav>
    </Part>
  );
}

/** "The target of 190 EFLOPS by 2026-12 is met with …". */
function Met({ chance, study }: { chance: Chance; study: Plan }) {
  const target = outline(study.request.scenario).targets.find((one) => one.id === chance.target);
  const { seen, low, high } = chance.met;
  const figures = { p: <b class="nowrap">{percent(seen)}</b>, low: percent(low), high: percent(high) };
  if (!target?.computing || !target.by) return <>{t.rich('metNamed', { target: chance.target, ...figures })}</>;
  const wanted = <b class="nowrap">{flopsText(target.computing.likely)}</b>;
  return <>{t.rich('met', { wanted, kind: kindName(target), by: <span class="nowrap">{target.by}</span>, ...figures })}</>;
}

/** What is reached of each target by its date, and how likely that is enough. */
export function Targets({ study, result }: { study: Plan; result: PlanResult }) {
  if (result.targets.length === 0) return null;
  const { targets } = outline(study.request.scenario);
  const rows = result.targets.map((chance) => ({ chance, target: targets.find((one) => one.id === chance.target) }));
  // Figures of different kinds share no axis.
  const kinds = new Map<string, typeof rows>();
  for (const row of rows) {
    const key = row.target ? kindName(row.target) : '';
    kinds.set(key, [...(kinds.get(key) ?? []), row]);
  }
  const most = Math.max(...rows.flatMap(({ chance, target }) => [...chance.reached, target?.computing?.likely ?? 0]));
  const unit = flopsUnit(most);
  const show = (pflops: number): string => format.figure(pflops / unit.size);
  return (
    <Part title={t('targets')} id="targets" note={t('targetsNote')}>
      <Table
        caption={t('targets')}
        rows={rows}
        rowKey={({ chance }) => chance.target}
        order="targets"
        sticky={false}
        columns={[
          {
            id: 'target',
            head: t('target'),
            cell: ({ chance, target }) => <>{chance.target}{target && <span class="under">{kindName(target)}{t('comma')}{t(target.gross ? 'gross' : 'net')}</span>}</>,
            name: true,
          },
          { id: 'by', head: t('by'), cell: ({ target }) => target?.by || <Unknown /> },
          { id: 'wanted', head: t('wanted'), unit: unit.name, cell: ({ target }) => (target?.computing ? show(target.computing.likely) : <Unknown />), num: true },
          {
            id: 'reached',
            head: t('reached'),
            unit: `${unit.name}, ${t('reachedNote')}`,
            cell: ({ chance: { reached: [low, middle, high] } }) => <span class="nowrap">{show(low)} … <b>{show(middle)}</b> … {show(high)}</span>,
            num: true,
            narrow: 'line',
          },
          { id: 'met', head: t('metHead'), cell: ({ chance }) => <b>{percent(chance.met.seen)}</b>, num: true },
          { id: 'interval', head: t('interval'), cell: ({ chance }) => <span class="nowrap">{percent(chance.met.low)} – {percent(chance.met.high)}</span>, num: true },
        ]}
      />
      {[...kinds].map(([key, mine]) => (
        <RangeChart
          key={key}
          title={kinds.size > 1 && key ? `${t('reachedChart')}: ${key}` : t('reachedChart')}
          unit={unit.name}
          format={show}
          zero={false}
          words={{ inner: t('reachedNote'), mark: t('wanted') }}
          rows={mine.map(({ chance, target }) => ({
            key: chance.target,
            name: chance.target,
            inner: [chance.reached[0], chance.reached[2]],
            middle: chance.reached[1],
            mark: target?.computing?.likely ?? null,
          }))}
        />
      ))}
    </Part>
  );
}
