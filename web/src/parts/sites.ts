// What every list of sites says alike.

import type { Schemas } from '../api/types';
import { language, words } from '../i18n';
import en from '../i18n/en/sites';
import zh from '../i18n/zh/sites';
import { common } from '../ui';

const t = words(en, zh);

export type Site = Schemas['SiteView'];

/** The name of a site in the reader's language; of one without a name, its id. */
export const siteName = (site: Site): string => (site.named ? (language.value === 'zh' && site.name_zh) || site.name : site.id);

const BOUNDS: Record<string, string> = { '>=': '≥ ', '<=': '≤ ', '>': '> ', '<': '< ', '~': '≈ ' };

/** How a figure is bounded, as its source has it ("<1.2"); '' where it is exact or where nobody tells. */
export function bound(said: Readonly<Record<string, unknown>> | null | undefined, field: string): string {
  const text = said?.[field];
  const found = typeof text === 'string' ? /^(>=|<=|>|<|~)/.exec(text)?.[1] : undefined;
  return found ? (BOUNDS[found] ?? '') : '';
}

/** Class and precision of a published figure, or that its source states none. */
export function kindOf({ class: kind, precision }: Site): string {
  if (!kind && !precision) return t('unstatedKind');
  return t('kinds', {
    kind: kind ? common.of('class', kind) : t('unstatedClass'),
    precision: precision ?? t('unstatedPrecision'),
  });
}
