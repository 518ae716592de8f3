import '../style/pages/plan.css';

import { words } from '../i18n';
import en from '../i18n/en/plan';
import zh from '../i18n/zh/plan';
import { toldOf } from '../parts/fault';
import { effort, type PlanRequest, SECONDS } from '../parts/scenario';
import { type Found, StudyPage, useStudy } from '../parts/studies';
import type { PageProps } from '../routes';
import { Command } from '../ui';
import { Answer, Targets } from './plan/answer';
import { Builds, Periods } from './plan/build';
import { Conflicts } from './plan/conflict';
import { Costs, Sureness, Worths } from './plan/cost';
import { Frontier } from './plan/frontier';
import { Drivers } from './plan/late';
import type { PlanResult } from './plan/result';
import { How, longer, ScenarioPart, ScenarioText } from './plan/scenario';

const t = words(en, zh);

/** Parts of the page to go to: their ids, and the words they are called by. */
const SECTIONS = ['targets', 'build', 'periods', 'costs', 'ranges', 'drivers', 'worth', 'frontier', 'scenario'] as const;

export type Plan = Found<PlanRequest, PlanResult>;

export default function PlanPage({ params }: PageProps) {
  const id = params.id ?? '';
  const live = useStudy<PlanRequest, PlanResult>(id);
  return (
    <StudyPage<PlanRequest, PlanResult>
      id={id}
      kind="plan"
      title={t('title')}
      live={live}
      most={(study) => effort(study.request).seconds}
      again={(study) => `/plan?new=1&from=${study.id}`}
      meanwhile={(study) => <ScenarioPart study={study} running />}
      failed={(study) => <Failed study={study} />}
    >
      {(study, result) => <Whole study={study} result={result} />}
    </StudyPage>
  );
}

/** Why there is nothing, as far as the hub told, and the text that was at fault. */
function Failed({ study }: { study: Plan }) {
  const told = toldOf('scenario.toml', study.error);
  return (
    <>
      {study.state === 'failed' && !told && study.error?.includes('exit status: 1') && (
        <div class="plan-none">
          <p>{t('mayBeNone')}</p>
          <Command text={`shugu plan FILE.toml --seconds ${study.request.seconds ?? SECONDS}`} />
          <p class="actions"><a class="button primary" href={longer(study)}>{t('askLonger')}</a></p>
        </div>
      )}
      <ScenarioText study={study} fault={told?.line ?? null} />
    </>
  );
}

function Whole({ study, result }: { study: Plan; result: PlanResult }) {
  const found = result.objective_yuan !== null;
  if (!found) {
    return (
      <>
        <Conflicts study={study} result={result} />
        <ScenarioPart study={study} />
        <How study={study} result={result} />
      </>
    );
  }
  return (
    <>
      <Answer study={study} result={result} sections={SECTIONS.map((id) => [id, t(id)])} />
      <Targets study={study} result={result} />
      <Builds study={study} result={result} />
      <Periods study={study} result={result} />
      <Costs result={result} />
      <Sureness result={result} />
      <Drivers result={result} />
      <Worths result={result} />
      <Frontier study={study} result={result} />
      <ScenarioPart study={study} />
      <How study={study} result={result} />
    </>
  );
}
