// What was asked, and how the answer was found.

import { words } from '../../i18n';
import en from '../../i18n/en/plan';
import zh from '../../i18n/zh/plan';
import { SECONDS } from '../../parts/scenario';
import { fileName, saveText } from '../../parts/studies';
import { TomlText } from '../../parts/toml';
import { Fact, Facts, format, known, Part } from '../../ui';
import type { Plan } from '../plan';
import type { PlanResult } from './result';

const t = words(en, zh);

/** Longer the hub does not search. */
const SECONDS_MOST = 3600;

/** Where the same is asked with more time. */
export const longer = (study: Plan): string =>
  `/plan?new=1&from=${study.id}&seconds=${Math.min(SECONDS_MOST, 3 * (study.request.seconds ?? SECONDS))}`;

/** The text, with the line that was at fault, and what can be done with it. */
export function ScenarioText({ study, fault = null, running = false }: { study: Plan; fault?: number | null; running?: boolean }) {
  const { scenario } = study.request;
  return (
    <>
      <div class="actions">
        {!running && <a class={fault === null ? 'button' : 'button primary'} href={`/plan?new=1&from=${study.id}`}>{t('changeAgain')}</a>}
        <button type="button" onClick={() => saveText(`${fileName(study.name)}.toml`, scenario, 'application/toml')}>{t('scenarioAs')}</button>
      </div>
      <TomlText label={t('scenario')} text={scenario} fault={fault === null ? null : { line: fault }} />
    </>
  );
}

export function ScenarioPart({ study, running = false }: { study: Plan; running?: boolean }) {
  const { seconds, frontier, probability } = study.request;
  return (
    <Part title={t('scenario')} id="scenario" note={t('scenarioNote')}>
      <Facts>
        <Fact name={t('seconds')}>{t('secondsEach', { n: seconds ?? SECONDS })}</Fact>
        {known(frontier) && <Fact name={t('frontier')}>{t('pointsEach', { n: frontier })}</Fact>}
        {known(probability) && <Fact name={t('probability')}>{t('sureAs', { p: format.percent(probability) })}</Fact>}
      </Facts>
      <ScenarioText study={study} running={running} />
    </Part>
  );
}

export function How({ study, result }: { study: Plan; result: PlanResult }) {
  return (
    <Part title={t('how')} note={result.objective_yuan === null ? undefined : t('howNote')}>
      <Facts>
        <Fact name={t('status')}>{t.of('status', result.status)}</Fact>
        <Fact name={t('size')}>{t('sizeIs', { columns: result.columns, rows: result.rows })}</Fact>
        <Fact name={t('solved')}>{format.span(result.solve_s)}</Fact>
        {result.samples_s > 0 && <Fact name={t('sampled')}>{format.span(result.samples_s)}</Fact>}
        <Fact name={t('seconds')}>{t('secondsEach', { n: study.request.seconds ?? SECONDS })}</Fact>
      </Facts>
    </Part>
  );
}
