// Names of a plan's parts in the reader's language. The command tells limits, assumptions and causes in English, in fixed patterns; what
// fits no pattern is shown as it was told.

import type { ComponentChildren } from 'preact';

import { at } from '../../api/client';
import { useLive } from '../../api/live';
import { words } from '../../i18n';
import en from '../../i18n/en/plan';
import zh from '../../i18n/zh/plan';
import { Name } from '../../ui';

const t = words(en, zh);

/** A site of the census by its names, and a way to it; another by the id that the scenario gives it. */
export function SiteName({ id, plain = false }: { id: string; plain?: boolean }) {
  const sites = useLive(at('/v1/sites'), ['census']);
  const site = sites.data?.sites.find((one) => one.id === id);
  if (!site) return <>{id}</>;
  const name = <Name en={site.name} zh={site.name_zh} plain />;
  return plain ? name : <a class="quiet" href={`/sites/${encodeURIComponent(id)}`}>{name}</a>;
}

const FAMILIES = [
  'space in halls', 'land', 'power', 'grid steps', 'opening', 'demand', 'supply', 'crews', 'budget', 'carbon', 'target', 'PUE', 'green power',
] as const;

export interface Limit {
  family: (typeof FAMILIES)[number];
  which: string;
  site: string;
  when: string;
}

/** "supply server at east-1 in 2027-10" in its parts. */
export function limitOf(text: string): Limit | null {
  const family = FAMILIES.find((name) => text === name || text.startsWith(`${name} `));
  if (!family) return null;
  const [, which = '', site = '', when = ''] = /^(.*?)(?: at (\S+))?(?: in (\d{4}(?:-\d{2})?))?$/.exec(text.slice(family.length)) ?? [];
  return { family, which: which.trim(), site, when };
}

const parts = (children: ComponentChildren[]): ComponentChildren =>
  children.filter((child) => child !== '').map((child, index) => <span key={index}>{index > 0 && ' · '}{child}</span>);

/** A limit: what kind, of what, where, when. */
export function LimitName({ text }: { text: string }) {
  const limit = limitOf(text);
  if (!limit) return <span lang="en">{text}</span>;
  return <>{parts([t(`limit.${limit.family}`), limit.which, limit.site && <SiteName id={limit.site} plain />, limit.when])}</>;
}

const ASSUMED: readonly [RegExp, keyof typeof en & `assumed.${string}`, boolean?][] = [
  [/^computing power of (.+)$/, 'assumed.computing'],
  [/^price of (.+) halls$/, 'assumed.hallPrice'],
  [/^price of the grid at (.+)$/, 'assumed.gridPrice', true],
  [/^price of (.+)$/, 'assumed.price'],
  [/^fall in price of (.+)$/, 'assumed.cheaper'],
  [/^supply of (.+)$/, 'assumed.supply'],
  [/^delivery of (.+)$/, 'assumed.delivery'],
  [/^building of halls$/, 'assumed.allHalls'],
  [/^building of (.+) halls$/, 'assumed.hallLead'],
  [/^PUE of (.+)$/, 'assumed.pue'],
  [/^power of (.+)$/, 'assumed.power', true],
  [/^grid steps of (.+)$/, 'assumed.gridPower', true],
  [/^grid connection of (.+)$/, 'assumed.gridLead', true],
  [/^grid connections$/, 'assumed.allGrid'],
  [/^opening and upkeep of (.+)$/, 'assumed.upkeep', true],
  [/^electricity price$/, 'assumed.electricity'],
  [/^carbon factor$/, 'assumed.carbon'],
  [/^carbon price$/, 'assumed.carbonPrice'],
  [/^discount$/, 'assumed.discount'],
  [/^use of what runs$/, 'assumed.used'],
  [/^target (.+)$/, 'assumed.target'],
  [/^fleet (.+)$/, 'assumed.fleet'],
  [/^retirement of (.+)$/, 'assumed.retires'],
  [/^demand (.+)$/, 'assumed.demand'],
  [/^cost of missing (.+)$/, 'assumed.shortage'],
  [/^cost of (.+)$/, 'assumed.toPay'],
  [/^project (.+)$/, 'assumed.project'],
  [/^budget$/, 'assumed.budget'],
  [/^limit of carbon$/, 'assumed.mostCarbon'],
];

/** An assumption, or what may be late. */
export function AssumedName({ text }: { text: string }) {
  for (const [pattern, key, site] of ASSUMED) {
    const found = pattern.exec(text);
    if (!found) continue;
    const of = found[1] ?? '';
    const filled = t.rich as (key: string, values: Record<string, ComponentChildren>) => ComponentChildren;
    return <>{filled(key, { of: site ? <SiteName id={of} plain /> : of })}</>;
  }
  return <span lang="en">{text}</span>;
}
