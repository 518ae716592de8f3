// Ranges beside one another on one axis: the whole span as a line, most of it as a bar, the middle as a stroke, and a mark to hold it
// against. Drawn from spans, so that it bends to any width; the numbers stand beside it.

import { scaleLinear } from 'd3-scale';
import type { ComponentChildren } from 'preact';

import { known } from '../../ui';

export interface RangeRow {
  key: string;
  name: ComponentChildren;
  outer?: readonly [number, number];
  inner?: readonly [number, number];
  middle?: number;
  mark?: number | null;
}

export function RangeChart({ title, unit, rows, format: show, zero = true, words }: {
  title: string;
  unit?: string;
  rows: readonly RangeRow[];
  format: (value: number) => string;
  /** The axis begins at nothing. */
  zero?: boolean;
  /** What each drawing means. */
  words: { outer?: string; inner?: string; middle?: string; mark?: string };
}) {
  const all = rows.flatMap((row) => [...(row.outer ?? []), ...(row.inner ?? []), row.middle, row.mark]).filter(known);
  const low = Math.min(...all);
  const high = Math.max(...all);
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  // What cannot be negative is not drawn as if it could.
  const begin = zero ? Math.min(0, low) : low >= 0 ? Math.max(0, low - room) : low - room;
  const axis = scaleLinear([begin, high + (zero ? 0 : room)], [0, 100]).nice(5);
  const at = (value: number): string => `${axis(value)}%`;
  const between = ([from, to]: readonly [number, number]) => ({ insetInlineStart: at(from), inlineSize: `${Math.max(0.3, axis(to) - axis(from))}%` });
  return (
    <figure class="chart plan-range">
      <figcaption>
        <span><b>{title}</b>{unit && <span class="unit"> {unit}</span>}</span>
        <ul class="legend">
          {words.outer && <li><span class="plan-key outer" aria-hidden="true" />{words.outer}</li>}
          {words.inner && <li><span class="plan-key inner" aria-hidden="true" />{words.inner}</li>}
          {words.middle && <li><span class="plan-key middle" aria-hidden="true" />{words.middle}</li>}
          {words.mark && <li><span class="plan-key mark" aria-hidden="true" />{words.mark}</li>}
        </ul>
      </figcaption>
      <div class="plan-range-grid" aria-hidden="true">
        {rows.map((row) => (
          <div key={row.key} class="plan-range-row">
            <span class="plan-range-name">{row.name}</span>
            <span class="plan-range-line">
              {row.outer && <span class="outer" style={between(row.outer)} />}
              {row.inner && <span class="inner" style={between(row.inner)} />}
              {known(row.middle) && <span class="middle" style={{ insetInlineStart: at(row.middle) }} />}
              {known(row.mark) && <span class="mark-at" style={{ insetInlineStart: at(row.mark) }} />}
            </span>
          </div>
        ))}
        <div class="plan-range-row plan-range-axis">
          <span />
          <span class="plan-range-line">{axis.ticks(4).map((tick) => <span key={tick} class="tick" style={{ insetInlineStart: at(tick) }}>{show(tick)}</span>)}</span>
        </div>
      </div>
      <div class="unseen">
        <table>
          <caption>{title}{unit ? `, ${unit}` : ''}</caption>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <th scope="row">{row.name}</th>
                <td>{[
                  row.outer && `${words.outer ?? ''} ${show(row.outer[0])} – ${show(row.outer[1])}`,
                  row.inner && `${words.inner ?? ''} ${show(row.inner[0])} – ${show(row.inner[1])}`,
                  known(row.middle) && `${words.middle ?? ''} ${show(row.middle)}`,
                  known(row.mark) && `${words.mark ?? ''} ${show(row.mark)}`,
                ].filter(Boolean).join('; ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
