// Why there is no plan: which limits contradict each other, and the least that would have to give way.

import { words } from '../../i18n';
import en from '../../i18n/en/plan';
import zh from '../../i18n/zh/plan';
import { Money } from '../../parts/amounts';
import { SECONDS } from '../../parts/scenario';
import { Figure, format, known, Part, Shape, Table } from '../../ui';
import type { Plan } from '../plan';
import { longer } from './scenario';
import { LimitName, limitOf } from './names';
import type { Conflict, PlanResult } from './result';

const t = words(en, zh);

function change({ is, needed }: Conflict): string {
  if (!known(needed)) return '';
  const by = needed - is;
  const amount = `${by > 0 ? '+' : ''}${format.figure(by)}`;
  return is === 0 ? amount : `${amount} (${by > 0 ? '+' : ''}${format.percent(by / Math.abs(is))})`;
}

/** The search ended before it had a plan: nobody knows whether there is one. */
function Stopped({ study, result }: { study: Plan; result: PlanResult }) {
  const seconds = study.request.seconds ?? SECONDS;
  return (
    <Part title={t('stoppedTitle')}>
      <p class="study-says">{t.rich('stoppedLead', { n: seconds, bound: <Money value={result.bound_yuan} /> })}</p>
      <p class="actions"><a class="button primary" href={longer(study)}>{t('askLonger')}</a></p>
    </Part>
  );
}

export function Conflicts({ study, result }: { study: Plan; result: PlanResult }) {
  if (result.status !== 'infeasible') return <Stopped study={study} result={result} />;
  const give = result.conflicts.filter((conflict) => conflict.needed !== null);
  const pulls = result.conflicts.filter((conflict) => conflict.needed === null);
  return (
    <Part title={t('noPlanTitle')}>
      <p class="study-says plan-none-says"><Shape is="cross" /> {give.length > 0 ? t('noPlanLead') : t('noPlanNothing')}</p>
      {give.length > 0 && (
        <Table
          caption={t('giveWay')}
          titled
          note={give.some((conflict) => limitOf(conflict.limit)?.family === 'target') ? t('beyond') : undefined}
          rows={give}
          rowKey={(conflict) => conflict.limit}
          order="give"
          sticky={false}
          class="plan-conflicts"
          columns={[
            { id: 'limit', head: t('limit'), cell: (conflict) => <LimitName text={conflict.limit} />, name: true },
            { id: 'is', head: t('is'), cell: (conflict) => <Figure value={conflict.is} unit={conflict.unit} />, num: true },
            { id: 'needed', head: t('needed'), cell: (conflict) => <b><Figure value={conflict.needed} unit={conflict.unit} /></b>, num: true },
            { id: 'change', head: t('change'), cell: (conflict) => <span class="nowrap">{change(conflict)}</span>, num: true },
          ]}
        />
      )}
      {pulls.length > 0 && (
        <Table
          caption={t('pulls')}
          titled
          rows={pulls}
          rowKey={(conflict) => conflict.limit}
          order="pulls"
          sticky={false}
          class="plan-conflicts"
          columns={[
            { id: 'limit', head: t('limit'), cell: (conflict) => <LimitName text={conflict.limit} />, name: true },
            { id: 'is', head: t('is'), cell: (conflict) => <Figure value={conflict.is} unit={conflict.unit} />, num: true },
          ]}
        />
      )}
    </Part>
  );
}
