// Of when: a year, a month or a day, in the address.

import { computed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { useQuery } from '../../address';
import { now } from '../../api/hub';
import { words } from '../../i18n';
import en from '../../i18n/en/statements';
import zh from '../../i18n/zh/statements';
import { format } from '../../ui';

const t = words(en, zh);

/** The day by the hub's clock; draws anew once a day. */
const today = computed(() => format.day(now.value));

/** The period of the address; this month where it says none. */
export function usePeriod(): string {
  const chosen = useQuery().get('period');
  return /^\d{4}(-\d{2}(-\d{2})?)?$/.test(chosen) ? chosen : today.value.slice(0, 7);
}

/** The period before or after, of the same length. */
function step(period: string, by: 1 | -1): string {
  if (period.length === 4) return String(Number(period) + by).padStart(4, '0');
  if (period.length === 7) return format.monthAfter(period, by);
  const day = Date.parse(`${period}T00:00:00Z`);
  return Number.isNaN(day) ? period : new Date(day + by * 86_400_000).toISOString().slice(0, 10);
}

/** ‹ 2026-11 ›, and the year it is in. */
export function PeriodChooser({ period }: { period: string }) {
  const query = useQuery();
  const current = today.value.slice(0, period.length);
  const year = period.slice(0, 4);
  const go = (to: string): string => query.href({ period: to === today.value.slice(0, 7) ? null : to, pages: null });
  const before = step(period, -1);
  const after = step(period, 1);
  // From a year back to the newest month of it that has begun.
  const month = year === today.value.slice(0, 4) ? today.value.slice(0, 7) : `${year}-12`;
  return (
    <nav class="statements-period" aria-label={t('period')}>
      <a class="button" href={go(before)} rel="prev" aria-label={t('before', { period: before })}>‹</a>
      <strong aria-current="date">{period}</strong>
      {period < current
        ? <a class="button" href={go(after)} rel="next" aria-label={t('after', { period: after })}>›</a>
        : <span class="button off" aria-hidden="true">›</span>}
      {period.length === 4
        ? <a href={go(month)}>{t('byMonth')}</a>
        : <a href={go(year)}>{t('wholeYear', { year })}</a>}
      {!(today.value.startsWith(period)) && <a href={go(today.value.slice(0, 7))}>{t('thisMonth')}</a>}
    </nav>
  );
}

/** A view inside of the page that has its own heading takes the focus there when it is opened, as a page would. */
export function useFocusOn(view: string): void {
  const before = useRef<string | null>(null);
  useEffect(() => {
    if (before.current !== null && before.current !== view) document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    before.current = view;
  }, [view]);
}
