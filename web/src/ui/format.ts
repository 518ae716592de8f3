// Numbers, sizes, spans and times as text. None of these is asked about what is unknown: see figure.tsx for that.

import { offset } from '../api/hub';

const inWhole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const inThree = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const inTwo = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const inTenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const inSix = new Intl.NumberFormat('en', { maximumFractionDigits: 6 });
const inCents = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const known = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined && Number.isFinite(value);

/** A minus sign is not a hyphen. */
const minus = (text: string): string => text.replace(/^-/, '−');

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';
function power(value: number): string {
  const [digits = '0', exponent = '0'] = value.toExponential(1).split('e');
  const raised = [...String(Math.abs(Number(exponent)))].map((digit) => RAISED[Number(digit)]).join('');
  return minus(`${digits} × 10${Number(exponent) < 0 ? '⁻' : ''}${raised}`);
}

/** A count: 1,234. */
export const whole = (value: number): string => minus(inWhole.format(value));
/** At most one digit after the point: for cores. */
export const tenths = (value: number): string => minus(inTenths.format(value));
/** As it was given, to six digits after the point. */
export const exact = (value: number): string => minus(inSix.format(value));

/** Three significant digits; whole above a thousand; a power of ten where zeros would hide the number. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1000) return whole(value);
  if (size < 1e-6) return power(value);
  return minus((size < 1e-3 ? inTwo : inThree).format(value));
}

/** Yuan to the fen, and further where a fen would round a small sum to nothing. Without the unit. */
export function yuan(value: number): string {
  const size = Math.abs(value);
  if (size > 0 && size < 0.1) return size < 1e-6 ? power(value) : minus(inTwo.format(value));
  return minus(inCents.format(value === 0 ? 0 : value));
}

/** A fraction as a percentage, with its sign: 0.421 → "42.1 %". */
export const percent = (fraction: number): string => `${minus(inTenths.format(fraction * 100))} %`;

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
export function bytes(value: number): string {
  let size = value;
  let step = 0;
  while (size >= 1024 && step < BINARY.length - 1) {
    size /= 1024;
    step += 1;
  }
  return `${tenths(size)} ${BINARY[step]}`;
}

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
/** A number with its unit's prefix moved so that one to three digits stand before the point: `si(1234, 'W', 'k')` → "1.23 MW";
 *  `from` is the prefix the number is in. */
export function si(value: number, unit: string, from: '' | 'k' | 'M' | 'G' | 'T' | 'P' | 'E' = ''): string {
  let size = value;
  let step = PREFIXES.indexOf(from);
  while (Math.abs(size) >= 1000 && step < PREFIXES.length - 1) {
    size /= 1000;
    step += 1;
  }
  while (size !== 0 && Math.abs(size) < 1 && step > 0) {
    size *= 1000;
    step -= 1;
  }
  return `${figure(size)} ${PREFIXES[step]}${unit}`;
}

export const two = (value: number): string => String(value).padStart(2, '0');

/** A span of seconds: "4.2 s", "3 min 05 s", "2 h 07 min", "4 d 03 h". */
export function span(seconds: number): string {
  const value = Math.max(0, seconds);
  if (value < 10 && value % 1 !== 0) return `${tenths(value)} s`;
  const s = Math.floor(value);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${two(Math.floor(s / 60) % 60)} min`;
  return `${Math.floor(s / 86_400)} d ${two(Math.floor(s / 3600) % 24)} h`;
}

/** The hub's offset: "UTC+8". */
export function zone(): string {
  const minutes = offset.value;
  const rest = Math.abs(minutes % 60);
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(Math.abs(minutes) / 60)}${rest ? `:${two(rest)}` : ''}`;
}

/** A moment on the hub's wall clock. Read the UTC parts of it. */
const onWall = (milliseconds: number): Date => new Date(milliseconds + offset.value * 60_000);

/** "2026-11-26" by the hub's clock. */
export function day(milliseconds: number): string {
  return onWall(milliseconds).toISOString().slice(0, 10);
}
/** "20:57:32" by the hub's clock. */
export function clock(milliseconds: number, seconds = true): string {
  return onWall(milliseconds).toISOString().slice(11, seconds ? 19 : 16);
}
/** "2026-11-26 20:57:32" by the hub's clock. */
export const moment = (milliseconds: number): string => `${day(milliseconds)} ${clock(milliseconds)}`;
/** "2026-11" by the hub's clock: a period of account. */
export const month = (milliseconds: number): string => day(milliseconds).slice(0, 7);

/** The month so many months later: `monthAfter('2026-11', -1)` → "2026-10". */
export function monthAfter(period: string, months: number): string {
  const [year = 0, number = 1] = period.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

/** An argument as a shell would take it. */
export const quoted = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;

/** Carbon of an hour in the unit that makes a short number of it: grams, kilograms or tonnes. */
export function carbonOfHour(kg: number | null): { value: number | null; unit: string } {
  if (kg === null || kg === 0) return { value: kg, unit: 'kg/h' };
  if (kg < 1) return { value: kg * 1000, unit: 'g/h' };
  return kg < 10_000 ? { value: kg, unit: 'kg/h' } : { value: kg / 1000, unit: 't/h' };
}
