// Whose hub it is: sites by how far they are, providers by what they provide.

import type { Census } from '../../api/types';
import { words } from '../../i18n';
import en from '../../i18n/en/hub';
import zh from '../../i18n/zh/hub';
import { serviceName } from '../../parts/figures';
import { common } from '../../ui';
import { Split } from '../../ui/chart';

const t = words(en, zh);
const STAGES = ['operating', 'commissioning', 'building', 'announced', 'retiring', 'retired', 'unknown'];

function Stages({ census }: { census: Census }) {
  const { by_status: counts, total, named } = census.sites;
  if (total === 0) return null;
  const stages = [...new Set([...STAGES, ...Object.keys(counts)])];
  return (
    <Split
      title={t('stages')}
      total={t('stagesTotal', { total, named })}
      parts={stages.map((stage) => ({
        key: stage,
        name: common.of('stage', stage),
        value: counts[stage] ?? 0,
        hatch: stage === 'unknown',
        class: `stage-${stage}`,
      }))}
    />
  );
}

function Providers({ census }: { census: Census }) {
  const counts = Object.entries(census.providers_by_service ?? { unknown: census.providers });
  if (census.providers === 0) return null;
  const parts = counts.sort((one, other) => Number(one[0] === 'unknown') - Number(other[0] === 'unknown') || other[1] - one[1]);
  return (
    <Split
      title={t('providers')}
      total={t('providersTotal', { total: census.providers, named: census.providers_named })}
      parts={parts.map(([service, value]) => ({ key: service, name: serviceName(service), value, hatch: service === 'unknown' }))}
    />
  );
}

export default function Who({ census }: { census: Census }) {
  return (
    <div class="hub-who">
      <Stages census={census} />
      <Providers census={census} />
    </div>
  );
}
