// Money, exactly. The hub tells amounts as decimals of up to six places; here they are whole millionths of a yuan, read from the text of
// the answer, so that no sum is ever rounded, and shown with every digit they have.

import { useMemo } from 'preact/hooks';

import { type Address, type Asking, askText, Refused } from '../api/client';
import { type Kind, type Live, type Options, useLive } from '../api/live';
import { words } from '../i18n';
import en from '../i18n/en/money';
import zh from '../i18n/zh/money';
import { common, Unknown } from '../ui';

const t = words(en, zh);

/** An answer whose fields in yuan are whole millionths. */
export type Exact<T> = T extends readonly (infer U)[] ? Exact<U>[]
  : T extends object ? { [K in keyof T]: K extends `${string}_yuan` ? (T[K] extends number ? bigint : bigint | null) : Exact<T[K]> }
  : T;

const PLACES = 6;
const UNIT = 10n ** BigInt(PLACES);
const AMOUNT = /"(\w+_yuan)":\s*(-?\d+(?:\.\d+)?)/g;

/** A plain decimal of yuan as millionths. */
export function millionths(text: string): bigint {
  const [whole = '0', part = ''] = text.replace('-', '').split('.');
  const size = BigInt(whole) * UNIT + BigInt(part.padEnd(PLACES, '0').slice(0, PLACES));
  return text.startsWith('-') ? -size : size;
}

/** Reads an answer without letting an amount become a float on the way. */
export function exactly<T>(text: string): Exact<T> {
  return JSON.parse(text.replace(AMOUNT, '"$1":"$2"'), (key, value: unknown) =>
    typeof value === 'string' && key.endsWith('_yuan') ? millionths(value) : value) as Exact<T>;
}

/** `useLive` for answers that have amounts in them. */
export function useExact<T>(path: Address<T> | null, kinds: readonly Kind[], options: Options = {}): Live<Exact<T>> {
  const live = useLive(path as Address<string> | null, kinds, { ...options, plain: true });
  const data = useMemo(() => (live.data === null ? null : exactly<T>(live.data)), [live.data]);
  return { ...live, data };
}

export const sum = (amounts: Iterable<bigint>): bigint => {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
};

const size = (amount: bigint): bigint => (amount < 0n ? -amount : amount);
const fraction = (amount: bigint): string => String(size(amount) % UNIT).padStart(PLACES, '0').replace(/0{1,4}$/, '');

/** How many places after the point these amounts need: two at least, so that they stand in line. */
export const places = (amounts: Iterable<bigint | null>): number => {
  let most = 2;
  for (const amount of amounts) if (amount !== null) most = Math.max(most, fraction(amount).length);
  return most;
};

/** As plain text, with every digit: "−1,234.5678". */
export function yuanText(amount: bigint, signed = false): string {
  const whole = String(size(amount) / UNIT).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${amount < 0n ? '−' : signed && amount > 0n ? '+' : ''}${whole}.${fraction(amount)}`;
}

/** As other programs take it: "-1234.5678". */
export const yuanPlain = (amount: bigint): string => yuanText(amount).replace('−', '-').replaceAll(',', '');

/** An amount. Digits beyond the fen are paler; `places` keeps the points of a column in line. */
export function Money({ of: amount, places: wide = 0, signed = false, unit = false }: {
  of: bigint | null | undefined;
  places?: number;
  /** A difference: "+" is written too. */
  signed?: boolean;
  /** With "yuan" behind it; a column says it once in its head. */
  unit?: boolean;
}) {
  if (amount === null || amount === undefined) return <Unknown />;
  const text = yuanText(amount, signed);
  const fen = text.indexOf('.') + 3;
  return (
    <span class="nowrap">
      {text.slice(0, fen)}
      <span class="unit">{text.slice(fen)}{'\u2007'.repeat(Math.max(0, wide - fraction(amount).length))}</span>
      {unit && <span class="unit"> {common('yuan')}</span>}
    </span>
  );
}

/** A part of a whole, for drawing only. */
export const ratio = (part: bigint, whole: bigint): number => (whole === 0n ? 0 : Number((part * 1_000_000n) / whole) / 1_000_000);

// ---------------------------------------------------------------- what is sent

/** A number that is sent with the digits it was typed with. */
class Decimal {
  constructor(readonly text: string) {}
}

/** What was typed into a field, as a decimal; what is none is refused at that field. */
export function decimal(field: string, typed: string): Decimal {
  const text = typed.trim();
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new Refused(400, 'wrong_input', t('plainDecimal'), field, {});
  return new Decimal(text.replace(/^(-?)0+(?=\d)/, '$1'));
}

/** What was typed into a field, as a whole number; null where nothing was. */
export function whole(field: string, typed: string): number | null {
  const text = typed.trim();
  if (text === '') return null;
  if (!/^\d{1,9}$/.test(text)) throw new Refused(400, 'wrong_input', t('wholeNumber'), field, {});
  return Number(text);
}

/** Text that may not be left out. */
export function filled(field: string, typed: string): string {
  if (typed.trim() === '') throw new Refused(400, 'wrong_input', t('leftOut'), field, {});
  return typed.trim();
}

/** Sends fields, decimals among them as they are; null and undefined stay away. */
export async function send<T>(path: Address<T>, method: NonNullable<Asking['method']>, fields: Record<string, unknown>): Promise<Exact<T>> {
  const told = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  const body = told.map(([name, value]) => `${JSON.stringify(name)}:${value instanceof Decimal ? value.text : JSON.stringify(value)}`);
  return exactly<T>(await askText(path, { method, body: `{${body.join(',')}}` }));
}
