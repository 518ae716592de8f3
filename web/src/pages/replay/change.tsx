// How a figure changed: an arrow for the way it went, a word for whether that is better. Neither is told by colour alone.

import { words } from '../../i18n';
import en from '../../i18n/en/replay';
import zh from '../../i18n/zh/replay';
import { format, known } from '../../ui';

const t = words(en, zh);

/** As good as nothing. */
const SAME = 0.0005;

export function Change({ value, before, good }: { value: number | null; before: number | null; good?: 'up' | 'down' | undefined }) {
  if (!known(value) || !known(before)) return <span class="replay-change" />;
  const change = before === 0 ? (value === 0 ? 0 : null) : value / before - 1;
  if (change !== null && Math.abs(change) < SAME) return <span class="replay-change"><span>{t('same')}</span></span>;
  const up = value > before;
  const by = change === null ? format.figure(Math.abs(value - before)) : format.percent(Math.abs(change));
  const better = good === undefined ? null : (good === 'up') === up;
  const word = better === null ? t(up ? 'more' : 'less', { by }) : t(better ? 'better' : 'worse', { by });
  return (
    <span class="replay-change" data-tone={better === null ? undefined : better ? 'malachite' : 'cinnabar'}>
      <svg class="shape filled" viewBox="0 0 12 12" aria-hidden="true" focusable="false"><path d={up ? 'M6 2.5L10.5 9.5H1.5Z' : 'M6 9.5L1.5 2.5H10.5Z'} /></svg>
      <span>{word}</span>
    </span>
  );
}
