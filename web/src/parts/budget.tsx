// What is left of a tenant's budget: a job that it cannot pay for does not start.

import { at } from '../api/client';
import { useLive } from '../api/live';
import { words } from '../i18n';
import en from '../i18n/en/why';
import zh from '../i18n/zh/why';
import { format, Mark } from '../ui';

const t = words(en, zh);

/** A line about a tenant's budget; nothing where it has none, or where nobody is named. */
export function Budget({ tenant }: { tenant: string }) {
  const account = useLive(tenant ? at('/v1/tenants/{name}/account', { name: tenant }) : null, ['money', 'job'], { every: 5000 });
  const budget = account.data?.budget;
  if (!budget) return null;
  return (
    <p class="why-budget">
      <span class="note">{t('budgetOf', { tenant })}</span> {t('budgetLeft', { left: format.yuan(budget.left_yuan), amount: format.yuan(budget.amount_yuan) })}
      {budget.until && <span class="note"> {t('budgetUntil', { until: format.moment(Date.parse(budget.until)) })}</span>}
      {budget.warned && <> <Mark shape="warning" tone="ochre" strong>{t('budgetWarned')}</Mark></>}
    </p>
  );
}
