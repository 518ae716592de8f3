import '../style/pages/statements.css';

import { useQuery } from '../address';
import { at } from '../api/client';
import { useLive } from '../api/live';
import { may, me, overlooks } from '../api/session';
import { words } from '../i18n';
import en from '../i18n/en/statements';
import zh from '../i18n/zh/statements';
import { Page, Skeleton, Tabs } from '../ui';
import { Book } from './statements/book';
import { Charges } from './statements/charges';
import { Disputes } from './statements/disputes';
import { Everybody } from './statements/everybody';
import { Exports } from './statements/exports';
import { PeriodChooser, useFocusOn, usePeriod } from './statements/period';
import { Statement } from './statements/statement';

const t = words(en, zh);

/** Whose statement is looked at. */
export interface Owner {
  kind: 'tenant' | 'provider';
  name: string;
}

/** A statement is the reader's own, or whose an operator chose; the address says the rest: `?period=2026-11`, `?tab=book`,
 *  `?tenant=llm-lab`, and the line whose charges are looked at `&pool=…&with=…`, or all of them `&charges=all`. */
export default function Statements() {
  const query = useQuery();
  const period = usePeriod();
  const disputes = useLive(at('/v1/disputes'), ['money']);
  const reader = me.value;
  useFocusOn(['tenant', 'provider', 'pool', 'with', 'charges'].map(query.get).join(' '));
  if (!reader) return <Page title={t('title')}><Skeleton lines={8} /></Page>;
  const operator = overlooks();
  const tenant = query.get('tenant');
  const provider = query.get('provider');
  const chosen: Owner | null = tenant ? { kind: 'tenant', name: tenant } : provider ? { kind: 'provider', name: provider } : null;
  const owner: Owner | null = operator || (reader.role === 'tenant' && chosen?.kind === 'tenant') ? chosen : { kind: reader.role === 'tenant' ? 'tenant' : 'provider', name: reader.subject };
  const tab = query.get('tab');
  const open = disputes.data?.disputes.filter((one) => !one.settled_at).length ?? 0;
  const tabs = (
    <Tabs
      label={t('views')}
      options={[
        { value: '', label: t(operator ? 'tab.statements' : 'tab.statement') },
        ...(operator ? [{ value: 'book', label: t('tab.book') }] : []),
        { value: 'disputes', label: open > 0 ? t('tab.disputesOpen', { n: open }) : t('tab.disputes') },
        ...(operator ? [{ value: 'exports', label: t('tab.exports') }] : []),
      ]}
    />
  );
  if (tab === 'disputes') return <Page title={t('title')} heading={t('disputes')} lead={t('disputesLead')}>{tabs}<Disputes live={disputes} operator={may('operator')} /></Page>;
  const chooser = <PeriodChooser period={period} />;
  if (operator && tab === 'book') return <Page title={t('title')} heading={t('book')} lead={t('bookLead')} aside={chooser}>{tabs}<Book period={period} /></Page>;
  if (operator && tab === 'exports') return <Page title={t('title')} heading={t('exports')} lead={t('exportsLead')} aside={chooser}>{tabs}<Exports period={period} /></Page>;
  if (!owner) return <Page title={t('title')} lead={t('lead')} aside={chooser}>{tabs}<Everybody period={period} /></Page>;
  const detail = query.get('pool') !== '' || query.get('charges') === 'all';
  if (detail) return <Charges owner={owner} period={period} disputes={disputes.data?.disputes ?? []} chooser={chooser} operator={operator} />;
  return <Statement owner={owner} period={period} operator={operator} chooser={chooser} tabs={operator ? null : tabs} />;
}
