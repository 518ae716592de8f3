// Amounts of a plan: sums of money so large that nobody counts their yuan, and computing power. Chinese counts in 万 and 亿.

import { language } from '../i18n';
import { common, format, known, Unknown } from '../ui';

const STEPS = {
  en: [{ size: 1e9, name: 'bn yuan' }, { size: 1e6, name: 'M yuan' }, { size: 1, name: 'yuan' }],
  zh: [{ size: 1e8, name: '亿元' }, { size: 1e4, name: '万元' }, { size: 1, name: '元' }],
} as const;

/** The unit in which sums of this size are told: for the head of a column or an axis. */
export function moneyUnit(most: number): { size: number; name: string } {
  const steps = STEPS[language.value];
  return steps.find((step) => Math.abs(most) >= step.size) ?? steps[2];
}

/** A large sum: "26.9 bn yuan", "268.6 亿元". */
export function moneyText(yuan: number): string {
  const unit = moneyUnit(yuan);
  return `${format.figure(yuan / unit.size)} ${unit.name}`;
}

/** A large sum as it is drawn; null is unknown. */
export function Money({ value }: { value: number | null | undefined }) {
  if (!known(value)) return <Unknown />;
  if (value === 0) return <span class="none">{common('none')}</span>;
  const unit = moneyUnit(value);
  return <span class="nowrap">{format.figure(value / unit.size)}<span class="unit"> {unit.name}</span></span>;
}

/** Computing power of one class and precision: "190 EFLOPS". */
export const flopsText = (pflops: number): string => format.si(pflops, 'FLOPS', 'P');

/** The unit in which computing power of this size is told. */
export const flopsUnit = (most: number): { size: number; name: string } =>
  Math.abs(most) >= 1000 ? { size: 1000, name: 'EFLOPS' } : { size: 1, name: 'PFLOPS' };
