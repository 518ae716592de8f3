// Values as they are drawn. Null is unknown and is drawn as a word or a hatched bar, never as zero.

import type { ComponentChildren } from 'preact';

import { now } from '../api/hub';
import { language } from '../i18n';
import { common } from './common';
import * as format from './format';

/** What nobody knows. Another word can be given: `<Unknown>start not known</Unknown>`. */
export const Unknown = ({ children }: { children?: ComponentChildren }) => <span class="unknown">{children ?? common('unknown')}</span>;

/** A value that is not there because it does not apply. */
export const Nothing = () => <span class="none">–</span>;

type Form = 'whole' | 'tenths' | 'figure' | 'exact' | 'yuan' | 'percent' | 'bytes' | 'span';

/** A number: `<Figure value={job.energy_kwh} unit="kWh" about={modelled} />`. Null is drawn as unknown. */
export function Figure({ value, as = 'figure', unit, about = false }: {
  value: number | null | undefined;
  as?: Form;
  unit?: string;
  /** It is modelled, not metered: "≈". */
  about?: boolean;
}) {
  if (!format.known(value)) return <Unknown />;
  return (
    <span class="nowrap">
      {about && '≈ '}{format[as](value)}{unit && <span class="unit"> {unit}</span>}
    </span>
  );
}

/** Money with its unit. In a column that names the unit: `<Figure as="yuan" />`. */
export const Yuan = ({ value }: { value: number | null | undefined }) => <Figure value={value} as="yuan" unit={common('yuan')} />;

/** A number with the prefix its size asks for: `<Si value={hub.power.kw} unit="W" from="k" />`. */
export function Si({ value, unit, from = '', about = false }: {
  value: number | null | undefined;
  unit: string;
  from?: '' | 'k' | 'M' | 'G' | 'T' | 'P' | 'E';
  about?: boolean;
}) {
  if (!format.known(value)) return <Unknown />;
  const text = format.si(value, unit, from);
  const cut = text.lastIndexOf(' ');
  return <span class="nowrap">{about && '≈ '}{text.slice(0, cut)}<span class="unit">{text.slice(cut)}</span></span>;
}

/** A span of seconds; with `since` (the `readAt` of the reading) it grows between two readings. */
export function Span({ seconds, since }: { seconds: number | null | undefined; since?: number | undefined }) {
  if (!format.known(seconds)) return <Unknown />;
  if (since === undefined) return <span class="nowrap">{format.span(seconds)}</span>;
  void now.value; // Drawn anew each second.
  return <span class="nowrap">{format.span(Math.floor(seconds + (performance.now() - since) / 1000))}</span>;
}

/** How long ago, or ahead, in one unit. */
export function distance(milliseconds: number): string {
  const gap = (milliseconds - now.value) / 1000;
  const size = Math.abs(gap);
  const past = gap < 0;
  if (size < 2) return common('justNow');
  const [n, unit] = size < 90 ? [size, 's'] as const : size < 5400 ? [size / 60, 'min'] as const
    : size < 129_600 ? [size / 3600, 'h'] as const : [size / 86_400, 'd'] as const;
  return common(`${past ? 'ago' : 'in'}.${unit}`, { n: Math.round(n) });
}

/** A moment by the hub's clock: "2026-11-26 20:57:32", and with `ago` how long ago it was. A bare date stays as it is. */
export function Time({ at, ago = false, short = false }: {
  at: string | null | undefined;
  ago?: boolean;
  /** The day is left out where it is today. */
  short?: boolean;
}) {
  if (!at) return <Unknown />;
  const value = Date.parse(at);
  if (Number.isNaN(value) || !at.includes('T')) return <time dateTime={at}>{at}</time>;
  const full = format.moment(value);
  const today = short && format.day(value) === format.day(now.value);
  return (
    <>
      <time dateTime={at} title={`${full} ${format.zone()}`}>{today ? format.clock(value) : full}</time>
      {ago && <small class="ago"> {distance(value)}</small>}
    </>
  );
}

/** Only how long ago; the moment itself is its title. */
export function Ago({ at }: { at: string | null | undefined }) {
  if (!at) return <Unknown />;
  const value = Date.parse(at);
  return <time dateTime={at} title={`${format.moment(value)} ${format.zone()}`}>{distance(value)}</time>;
}

/** A thin bar beside a number that says the same; a share of null is hatched. */
export function Bar({ share, tone }: { share: number | null; tone?: Tone }) {
  if (share === null) return <span class="track hatch" aria-hidden="true" />;
  const size = Math.min(1, Math.max(0, share));
  return (
    <span class="track" aria-hidden="true">
      {size > 0 && <span class="fill" data-tone={tone} style={{ inlineSize: `${size * 100}%` }} />}
    </span>
  );
}
export type Tone = 'azurite' | 'malachite' | 'cinnabar' | 'ochre' | 'amethyst' | 'faint';

/** A part of a whole, as "3 of 8" over a bar: devices held, cores held. */
export function Held({ part, total, as = 'whole' }: { part: number | null | undefined; total: number | null | undefined; as?: 'whole' | 'tenths' }) {
  if (!format.known(total)) return <Unknown />;
  if (total === 0) return <span class="none">{common('none')}</span>;
  return (
    <span class="held">
      <span class="nowrap">
        {format.known(part) ? format[as](part) : <Unknown />}<span class="unit"> / {format[as](total)}</span>
      </span>
      <Bar share={format.known(part) ? part / total : null} />
    </span>
  );
}

/** A name that exists in both languages: the reader's first, the other small beside it. */
export function Name({ en, zh, plain = false }: { en: string; zh: string | null | undefined; plain?: boolean }) {
  const [first, second] = language.value === 'zh' && zh ? [zh, en] : [en, zh];
  const tag = (text: string): string => (text === zh ? 'zh-Hans' : 'en');
  return (
    <span class="name">
      <span lang={tag(first)}>{first}</span>
      {!plain && second && second !== first && <small lang={tag(second)}> {second}</small>}
    </span>
  );
}
