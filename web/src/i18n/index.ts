// Words. A page has a file of English ones, which is the source of its keys, and a Chinese one that is typed by it:
// a key that is missing there does not compile.
//
//   i18n/en/jobs.ts   const en = { title: 'Jobs', found: '{n} {n|job|jobs}' } as const; export default en;
//   i18n/zh/jobs.ts   const zh: Words<typeof en> = { title: '作业', found: '共 {n} 个作业' };
//   pages/jobs.tsx    const t = words(en, zh);   t('found', { n: 3 })  →  "3 jobs"
//
// `{name}` is filled in; a number gets its separators. `{name|one|other}` is a word that follows a number.

import { effect, signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

export type Language = 'en' | 'zh';

const KEY = 'shugu.language';

function first(): Language {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === 'en' || kept === 'zh') return kept;
  } catch {
    // A browser without storage follows its own language.
  }
  return navigator.languages.find((tag) => /^(zh|en)\b/i.test(tag))?.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export const language = signal<Language>(first());

effect(() => {
  document.documentElement.lang = language.value === 'zh' ? 'zh-Hans' : 'en';
});

export function speak(chosen: Language): void {
  language.value = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // Then it holds until the page is left.
  }
}

/** The same keys with other words. */
export type Words<E> = { readonly [K in keyof E]: string };

type Name<S extends string> = S extends `${infer N}|${string}` ? N : S;
type Names<S> = S extends `${string}{${infer N}}${infer Rest}` ? Name<N> | Names<Rest> : never;
type Filling<S, V> = [Names<S>] extends [never] ? [] : [Record<Names<S>, V>];

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 6 });
const HOLE = /\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/;

function pieces(text: string, values: Record<string, unknown>): unknown[] {
  const found: unknown[] = [];
  let rest = text;
  for (let hole = HOLE.exec(rest); hole; hole = HOLE.exec(rest)) {
    const [all, name = '', one, other] = hole;
    const value = values[name];
    found.push(rest.slice(0, hole.index));
    if (one !== undefined) found.push(Number(value) === 1 ? one : other);
    else found.push(typeof value === 'number' ? whole.format(value) : value);
    rest = rest.slice(hole.index + all.length);
  }
  found.push(rest);
  return found.filter((piece) => piece !== '');
}

export interface Speaker<E> {
  /** The words of a key, in the reader's language, with its holes filled. */
  <K extends keyof E & string>(key: K, ...filling: Filling<E[K], string | number>): string;
  /** The same with elements in the holes: `t.rich('see', { job: <a href=…>job-3</a> })`. */
  rich<K extends keyof E & string>(key: K, ...filling: Filling<E[K], ComponentChildren>): ComponentChildren;
  /** The words for a value that the hub gave: `t.of('state', job.state)` is the key `state.running`, or the value itself where there is none. */
  of(prefix: string, value: string | null | undefined): string;
}

/** Words of a page; draw with them, and the page speaks the language that is chosen. */
export function words<const E extends Record<string, string>>(en: E, zh: Words<E>): Speaker<E> {
  const text = (key: keyof E): string => (language.value === 'zh' ? zh : en)[key] ?? String(key);
  const speaker = ((key: keyof E, values: Record<string, unknown> = {}) => pieces(text(key), values).join('')) as unknown as Speaker<E>;
  speaker.rich = (key: keyof E, values: Record<string, unknown> = {}) => pieces(text(key), values) as ComponentChildren;
  speaker.of = (prefix, value) => {
    if (value === null || value === undefined) return '';
    const key = `${prefix}.${value}`;
    return key in en ? text(key) : value.replaceAll(/[-_]/g, ' ');
  };
  return speaker;
}
