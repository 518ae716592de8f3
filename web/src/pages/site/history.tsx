// What the census said of a site, and since when.

import type { ComponentChildren } from 'preact';

import { at } from '../../api/client';
import { type Live, useLive } from '../../api/live';
import { overlooks } from '../../api/session';
import { words } from '../../i18n';
import en from '../../i18n/en/site';
import zh from '../../i18n/zh/site';
import { common, Table, Time } from '../../ui';

const t = words(en, zh);

type Said = Readonly<Record<string, string | boolean | null>>;
interface Entry {
  entry: number;
  known_from: string;
  said: { Site?: Said; SiteGone?: string };
}
export interface History {
  history: Entry[];
}

/** Operators may read what was ever said of a row. Another row may have the same id: of a provider, say. */
export const useHistory = (site: string): Live<History> =>
  useLive(overlooks() ? at<History>('/v1/census/history', { id: site }) : null, ['census'], { every: 10_000 });

const ofSite = (history: History | null): Entry[] =>
  (history?.history ?? []).filter(({ said }) => said.Site !== undefined || said.SiteGone !== undefined);

/** The row as it stands, with figures as their source bounds them: "<1.2". */
export const newest = (history: History | null): Said | null => ofSite(history).at(-1)?.said.Site ?? null;

const FIELDS = [
  'name',
  'name_zh',
  'named',
  'provider',
  'prefecture',
  'zone',
  'latitude',
  'longitude',
  'status',
  'status_date',
  'racks',
  'racks_planned',
  'servers',
  'servers_planned',
  'computing_power_pflops',
  'computing_power_planned_pflops',
  'class',
  'precision',
  'sparsity',
  'pue',
  'source',
  'note',
];

const shown = (field: string, value: string | boolean | null | undefined): string => {
  if (value === null || value === undefined || value === '') return common('unknown');
  if (typeof value === 'boolean') return common(value ? 'yes' : 'no');
  return field === 'status' ? common.of('stage', value) : value;
};

/** What an entry changed of what was said before. */
function changes(entry: Entry, before: Entry | undefined): ComponentChildren {
  const { Site: said, SiteGone: gone } = entry.said;
  if (gone !== undefined || !said) return t('gone');
  const old = before?.said.Site;
  if (!old) {
    const stage = shown('status', said.status);
    return said.status_date && said.status_date !== 'unknown'
      ? t('enteredAt', { stage, date: String(said.status_date) })
      : t('entered', { stage });
  }
  const changed = FIELDS.filter((field) => said[field] !== old[field]);
  if (changed.length === 0) return t('same');
  return (
    <ul>
      {changed.map((field) => (
        <li key={field}>
          {t('restated', { field: t.of('field', field), before: shown(field, old[field]), after: shown(field, said[field]) })}
        </li>
      ))}
    </ul>
  );
}

export function HistoryTable({ live }: { live: Live<History> }) {
  const entries = live.data && ofSite(live.data);
  return (
    <Table
      caption={t('history')}
      rows={entries?.map((entry, index) => ({ entry, before: entries[index - 1] })).toReversed()}
      live={live}
      sticky={false}
      order="history"
      skeleton={1}
      rowKey={({ entry }) => entry.entry}
      columns={[
        { id: 'from', head: t('knownFrom'), cell: ({ entry }) => <Time at={entry.known_from} ago />, name: true },
        {
          id: 'said',
          head: t('said'),
          cell: ({ entry, before }) => <div class="site-said">{changes(entry, before)}</div>,
          narrow: 'line',
        },
        { id: 'entry', head: t('entry'), num: true, cell: ({ entry }) => entry.entry },
      ]}
      empty={<p class="none">{t('noHistory')}</p>}
    />
  );
}
