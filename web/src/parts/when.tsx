// A moment to come, as a span from now or as a time of the hub's clock.

import { now, offset } from '../api/hub';
import { words } from '../i18n';
import en from '../i18n/en/closings';
import zh from '../i18n/zh/closings';
import { Field, format } from '../ui';

const t = words(en, zh);

export interface When {
  /** '' for what the field means when it says nothing, a span such as "2h", or "at". */
  span: string;
  /** With "at": "2026-11-26T22:00" of the hub's clock. */
  at: string;
}

const MINUTE = 60_000;
const SPANS: Record<string, number> = { m: MINUTE, h: 60 * MINUTE, d: 1440 * MINUTE };

/** As a field of date and time holds it. */
export const onClock = (milliseconds: number): string =>
  new Date(milliseconds + offset.value * MINUTE).toISOString().slice(0, 16);

/** As the hub reads it; a time of the hub's clock gets the hub's offset. */
export function asTold({ span, at }: When): string | null {
  if (span !== 'at') return span || null;
  const size = Math.abs(offset.value);
  return at && `${at}:00${offset.value < 0 ? '-' : '+'}${format.two(Math.floor(size / 60))}:${format.two(size % 60)}`;
}

/** Which moment is meant, in milliseconds; null where none is, or where what stands there is no time. */
export function meant(when: When): number | null {
  if (when.span === '') return null;
  if (when.span === 'at') {
    const told = Date.parse(asTold(when) ?? '');
    return Number.isNaN(told) ? null : told;
  }
  return now.value + Number.parseInt(when.span, 10) * (SPANS[when.span.slice(-1)] ?? 0);
}

/** One line for the span, and a second one for the time where it is given as such. */
export function WhenField({
  name,
  label,
  hint,
  value,
  onValue,
  nothing,
  spans,
}: {
  name: string;
  label: string;
  hint?: string;
  value: When;
  onValue: (value: When) => void;
  /** What it means when it says nothing; without it a time has to be said. */
  nothing?: string;
  spans: readonly string[];
}) {
  const choose = (span: string): void => {
    const until = meant(value) ?? now.value + 60 * MINUTE;
    onValue({ span, at: span === 'at' ? value.at || onClock(Math.ceil(until / (5 * MINUTE)) * 5 * MINUTE) : value.at });
  };
  return (
    <Field name={name} label={label} hint={hint}>
      {(wiring) => (
        <div class="when">
          {(nothing !== undefined || spans.length > 0) && (
            <select {...wiring} value={value.span} onChange={(event) => choose(event.currentTarget.value)}>
              {nothing !== undefined && <option value="">{nothing}</option>}
              {spans.map((span) => (
                <option key={span} value={span}>
                  {t(`in.${span.slice(-1) as 'm' | 'h' | 'd'}`, { n: Number.parseInt(span, 10) })}
                </option>
              ))}
              <option value="at">{t('atTime')}</option>
            </select>
          )}
          {value.span === 'at' && (
            <>
              <input
                {...(nothing === undefined && spans.length === 0
                  ? wiring
                  : { name: `${name}-at`, 'aria-label': `${label}, ${t('hubTime')}` })}
                type="datetime-local"
                value={value.at}
                onInput={(event) => onValue({ span: 'at', at: event.currentTarget.value })}
              />
              <span class="unit">{format.zone()}</span>
            </>
          )}
        </div>
      )}
    </Field>
  );
}
