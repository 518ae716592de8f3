import '../style/pages/replay.css';

import { words } from '../i18n';
import enPolicies from '../i18n/en/policies';
import en from '../i18n/en/replay';
import zhPolicies from '../i18n/zh/policies';
import zh from '../i18n/zh/replay';
import { toldOf } from '../parts/fault';
import { StudyPage, useStudy } from '../parts/studies';
import { type Fault, TomlText } from '../parts/toml';
import type { PageProps } from '../routes';
import { Part } from '../ui';
import { Whole } from './replay/compare';
import type { ReplayRequest, ReplayResult } from './replay/result';

const t = words(en, zh);
const of = words(enPolicies, zhPolicies);

/** The line of the own policy that the hub found wrong. */
function faultOf(error: string | null | undefined): Fault | null {
  const line = toldOf('own.toml', error)?.line ?? null;
  return line === null ? null : { line };
}

export default function ReplayPage({ params }: PageProps) {
  const id = params.id ?? '';
  const live = useStudy<ReplayRequest, ReplayResult>(id);
  return (
    <StudyPage<ReplayRequest, ReplayResult>
      id={id}
      kind="replay"
      title={t('title')}
      live={live}
      again={(study) => `/replay?new=1&from=${study.id}`}
      meanwhile={(study) => (
        <Part title={t('policies')}>
          <ul>
            {[...study.request.policies, ...(typeof study.request.policy === 'string' ? ['own'] : [])].map((name) => (
              <li key={name}><b>{name}</b> <span class="note">{of.of('policy', name)}</span></li>
            ))}
          </ul>
        </Part>
      )}
      failed={(study) => typeof study.request.policy === 'string' && (
        <TomlText label={t('own')} text={study.request.policy} fault={faultOf(study.error)} />
      )}
    >
      {(study, result) => (
        <>
          <Whole study={study} result={result} />
          {typeof study.request.policy === 'string' && (
            <Part title={t('own')} note={t('ownNote')}><TomlText label={t('own')} text={study.request.policy} fault={null} /></Part>
          )}
        </>
      )}
    </StudyPage>
  );
}
