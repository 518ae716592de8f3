// Charts: lines, areas, stacks and bars over time; bars by name; a bar that is split; a line in a table cell. Each has a table of
// its numbers for screen readers, and none draws what nobody knows as if it were nothing: gaps are hatched.

import { bisector, extent, max } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { area, curveLinear, curveStepAfter, line } from 'd3-shape';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useMemo, useState } from 'preact/hooks';

import { offset } from '../api/hub';
import { common } from './common';
import { Unknown } from './figure';
import { clock, day, figure, known, two } from './format';
import { useWidth } from './width';

export { useWidth };

export interface Point {
  /** Milliseconds. */
  at: number;
  /** Null: nobody knows. */
  value: number | null;
}
export interface Series {
  name: string;
  points: readonly Point[];
}

export interface TimeChartProps {
  title: string;
  /** Of the values, said once. */
  unit?: string;
  series: readonly Series[];
  /** `line` for what is measured at moments, `area` for one such thing, `step` for what holds until the next point, `stack` for
   *  parts of a whole (all series have the same moments), `bars` for what an interval sums up (one point an interval). */
  as?: 'line' | 'area' | 'step' | 'stack' | 'bars';
  /** A level to compare with, such as how many there are. */
  limit?: { name: string; value: number };
  /** The last point's interval is not over yet. */
  unfinished?: boolean;
  /** Of bars: how long an interval is, in milliseconds. */
  interval?: number;
  /** Where the axis begins, for what has no zero, such as a PUE. */
  floor?: number;
  height?: number;
  from?: number;
  until?: number;
  format?: (value: number) => string;
  /** Marks on single moments. */
  marks?: readonly { at: number; name: string }[];
}

const SIDE = { top: 8, right: 10, bottom: 20 };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY];

/** Round moments of the hub's clock: hours, days, months or years, as many as there is room for. */
function moments(from: number, until: number, most: number): { at: number; text: string }[] {
  const shift = offset.value * MINUTE;
  const rough = (until - from) / Math.max(1, most);
  const step = STEPS.find((size) => size >= rough);
  const found: { at: number; text: string }[] = [];
  if (step) {
    for (let at = Math.ceil((from + shift) / step) * step - shift; at <= until; at += step) {
      const midnight = (at + shift) % DAY === 0;
      found.push({ at, text: midnight ? day(at).slice(5) : clock(at, false) });
    }
    return found;
  }
  const months = [1, 2, 3, 6, 12, 24, 60, 120].find((size) => size * 30 * DAY >= rough) ?? 240;
  const start = new Date(from + shift);
  for (let n = Math.ceil((start.getUTCFullYear() * 12 + start.getUTCMonth()) / months) * months; ; n += months) {
    const at = Date.UTC(Math.floor(n / 12), n % 12, 1) - shift;
    if (at > until) return found;
    if (at >= from) found.push({ at, text: months >= 12 || n % 12 === 0 ? String(Math.floor(n / 12)) : `${Math.floor(n / 12)}-${two((n % 12) + 1)}` });
  }
}

const tone = (index: number): string => `s${(index % 6) + 1}`;

/** Anything over time. Pointing at it, or the arrow keys, read the values out. */
export function TimeChart(props: TimeChartProps) {
  const { title, unit, series, as = 'line', limit, unfinished = false, height = 180, format: show = figure, marks = [], floor = 0 } = props;
  const [attach, width] = useWidth<HTMLDivElement>();
  const [at, setAt] = useState<number | null>(null);
  const id = useId();
  const times = useMemo(() => [...new Set(series.flatMap((one) => one.points.map((point) => point.at)))].sort((one, other) => one - other), [series]);
  const [first = 0, last = 1] = extent(times);
  const interval = props.interval ?? (times.length > 1 ? (last - first) / (times.length - 1) : HOUR);
  const from = props.from ?? first;
  const until = props.until ?? (as === 'bars' ? last + interval : last);

  // In a stack each value stands on those below it.
  const layers = useMemo(() => {
    const below = new Map<number, number>();
    return series.map((one) => one.points.map((point) => {
      const base = as === 'stack' || as === 'bars' ? below.get(point.at) ?? 0 : 0;
      if (point.value !== null) below.set(point.at, base + point.value);
      return { at: point.at, value: point.value, low: base, high: base + (point.value ?? 0) };
    }));
  }, [series, as]);
  const highest = Math.max(max(layers.flat(), (point) => point.high) ?? 0, limit?.value ?? 0);
  const lowest = Math.min(floor, ...layers.flat().filter((point) => point.value !== null).map((point) => point.high));
  const y = scaleLinear([lowest, highest > lowest ? highest : lowest + 1], [height - SIDE.bottom, SIDE.top]).nice(4);
  const levels = y.ticks(4);
  const left = Math.max(20, ...levels.map((level) => show(level).length * 6.2 + 8));
  const x = scaleLinear([from, Math.max(until, from + 1)], [left, Math.max(left + 1, width - SIDE.right)]);
  const ticks = moments(from, until, (width - left) / 76);

  const curve = as === 'step' ? curveStepAfter : curveLinear;
  type Layer = (typeof layers)[number][number];
  const drawLine = line<Layer>().defined((point) => point.value !== null).x((point) => x(point.at)).y((point) => y(point.high)).curve(curve);
  const drawArea = area<Layer>().defined((point) => point.value !== null).x((point) => x(point.at)).y0((point) => y(point.low)).y1((point) => y(point.high)).curve(curve);
  const barWidth = Math.max(1, x(from + interval) - x(from) - (x(from + interval) - x(from) > 4 ? 1 : 0));
  // What no series knows is hatched over the whole height.
  const gaps = times.flatMap((time, index) => {
    if (!series.every((one) => (one.points.find((point) => point.at === time)?.value ?? null) === null)) return [];
    // A step holds until the next one: what is not known begins at its own moment.
    const [begin, end] = as === 'bars' ? [time, time + interval] : [as === 'step' ? time : times[index - 1] ?? time, times[index + 1] ?? time];
    return [{ begin, end }];
  });

  const nearest = (time: number): number | null => {
    if (times.length === 0) return null;
    if (as === 'bars') return times.findLast((moment) => moment <= time) ?? times[0] ?? null;
    return times[bisector((moment: number) => moment).center(times, time)] ?? null;
  };
  const step = (by: number): void => {
    const index = at === null ? (by > 0 ? -1 : times.length) : times.indexOf(at);
    setAt(times[Math.min(times.length - 1, Math.max(0, index + by))] ?? null);
  };
  const label = (time: number): string => (interval >= DAY ? day(time) : `${day(time)} ${clock(time, false)}`);
  const valueAt = (one: Series, time: number): number | null => {
    if (as === 'step') return one.points.findLast((point) => point.at <= time)?.value ?? null;
    return one.points.find((point) => point.at === time)?.value ?? null;
  };
  const readoutLeft = at === null ? 0 : x(at) + (as === 'bars' ? barWidth / 2 : 0);

  return (
    <figure class="chart">
      <figcaption>
        <span><b>{title}</b>{unit && <span class="unit"> {unit}</span>}</span>
        {(series.length > 1 || limit) && (
          <ul class="legend">
            {series.map((one, index) => <li key={one.name}><span class={`swatch ${tone(index)}`} aria-hidden="true" />{one.name}</li>)}
            {limit && <li>{limit.name} <b>{show(limit.value)}</b></li>}
          </ul>
        )}
      </figcaption>
      <div
        ref={attach}
        class="plot"
        tabIndex={0}
        role="group"
        aria-label={title}
        aria-describedby={`${id}-keys`}
        onPointerMove={(event) => setAt(nearest(x.invert(event.clientX - event.currentTarget.getBoundingClientRect().left)))}
        onPointerLeave={() => setAt(null)}
        onBlur={() => setAt(null)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowRight') step(1);
          else if (event.key === 'ArrowLeft') step(-1);
          else if (event.key === 'Escape') setAt(null);
          else return;
          event.preventDefault();
        }}
      >
        <svg width={Math.max(1, width)} height={height} role="img" aria-labelledby={`${id}-title ${id}-desc`}>
          <title id={`${id}-title`}>{title}</title>
          <desc id={`${id}-desc`}>{series.map((one) => one.name).join(', ')}{unit ? `; ${unit}` : ''}</desc>
          <Hatch id={`${id}-hatch`} />
          {width > 0 && (
            <>
              {levels.map((level) => (
                <g key={level}>
                  <line class={level === 0 ? 'zero' : 'grid'} x1={left} x2={width - SIDE.right} y1={y(level)} y2={y(level)} />
                  <text x={left - 6} y={y(level) + 4} text-anchor="end">{show(level)}</text>
                </g>
              ))}
              {ticks.map((tick) => (
                <text key={tick.at} x={x(tick.at)} y={height - 5} text-anchor={x(tick.at) > width - 24 ? 'end' : x(tick.at) < left + 12 ? 'start' : 'middle'}>{tick.text}</text>
              ))}
              {gaps.map(({ begin, end }) => (
                <rect key={begin} x={x(begin)} width={Math.max(1, x(end) - x(begin))} y={SIDE.top} height={height - SIDE.bottom - SIDE.top} fill={`url(#${id}-hatch)`} />
              ))}
              {layers.map((points, index) => {
                const key = series[index]?.name ?? index;
                if (as === 'bars') {
                  return (
                    <g key={key} class={tone(index)}>
                      {points.map((point) => point.value !== null && point.high !== point.low && (
                        <rect
                          key={point.at}
                          class={unfinished && point.at === last ? 'bar-shape unfinished' : 'bar-shape'}
                          x={x(point.at)}
                          width={barWidth}
                          y={y(point.high)}
                          height={Math.max(0.5, y(point.low) - y(point.high))}
                        />
                      ))}
                    </g>
                  );
                }
                if (as === 'stack') return <path key={key} class={`stacked ${tone(index)}`} d={drawArea(points) ?? ''} />;
                return (
                  <g key={key} class={tone(index)}>
                    {as === 'area' && <path class="area" d={drawArea(points) ?? ''} />}
                    <path class="line" d={drawLine(points) ?? ''} />
                    {points.map((point, place) => point.value !== null && (points[place - 1]?.value ?? null) === null && (points[place + 1]?.value ?? null) === null
                      && <circle key={point.at} class="dot-shape" cx={x(point.at)} cy={y(point.high)} r="3" />)}
                  </g>
                );
              })}
              {limit && <line class="limit" x1={left} x2={width - SIDE.right} y1={y(limit.value)} y2={y(limit.value)} />}
              {marks.map((mark) => <line key={mark.at} class="cursor" x1={x(mark.at)} x2={x(mark.at)} y1={SIDE.top} y2={height - SIDE.bottom}><title>{mark.name}</title></line>)}
              {at !== null && (
                <>
                  <line class="cursor" x1={readoutLeft} x2={readoutLeft} y1={SIDE.top} y2={height - SIDE.bottom} />
                  {as !== 'bars' && layers.map((points, index) => {
                    const point = points.find((one) => one.at === at);
                    return point && point.value !== null && <g key={index} class={tone(index)}><circle class="dot-shape" cx={x(at)} cy={y(point.high)} r="3.5" /></g>;
                  })}
                </>
              )}
            </>
          )}
        </svg>
        {at !== null && (
          <div class="readout" aria-live="polite" style={readoutLeft > width / 2 ? { right: `${width - readoutLeft + 10}px`, top: '0px' } : { left: `${readoutLeft + 10}px`, top: '0px' }}>
            <span class="note">{label(at)}</span>
            <dl>
              {series.map((one, index) => {
                const value = valueAt(one, at);
                return (
                  <div key={one.name} class="readout-row">
                    <dt><span class={`swatch ${tone(index)}`} aria-hidden="true" />{one.name}</dt>
                    <dd>{known(value) ? show(value) : <Unknown />}</dd>
                  </div>
                );
              })}
            </dl>
          </div>
        )}
      </div>
      <p class="unseen" id={`${id}-keys`}>{common('chartKeys')}</p>
      {/* A table cannot be made narrower than its content: what hides it is around it. */}
      <div class="unseen">
        <table>
          <caption>{common('chartTable')}: {title}{unit ? `, ${unit}` : ''}</caption>
          <thead><tr><th scope="col">{common('chartTime')}</th>{series.map((one) => <th key={one.name} scope="col">{one.name}</th>)}</tr></thead>
          <tbody>
            {times.map((time) => (
              <tr key={time}>
                <th scope="row">{label(time)}</th>
                {series.map((one) => {
                  const value = valueAt(one, time);
                  return <td key={one.name}>{known(value) ? show(value) : common('unknown')}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

/** Hatching for a drawing of its own: `<Hatch id=…/>`, then `fill="url(#id)"`. */
export const Hatch = ({ id }: { id: string }) => (
  <defs>
    <pattern id={id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <line class="hatch-line" x1="0" x2="0" y1="0" y2="5" />
    </pattern>
  </defs>
);

/** Bars by name, longest as they are given: a list that is a chart. A value of null is hatched. */
export function BarChart({ title, unit, rows, most, format: show = figure }: {
  title: string;
  unit?: string;
  rows: readonly { name: ComponentChildren; key: string; value: number | null; note?: ComponentChildren }[];
  /** What a full bar stands for; the largest value, if nothing is said. */
  most?: number;
  format?: (value: number) => string;
}) {
  const full = most ?? Math.max(0, ...rows.map((row) => row.value ?? 0));
  return (
    <figure class="chart">
      <figcaption><span><b>{title}</b>{unit && <span class="unit"> {unit}</span>}</span></figcaption>
      <dl class="bars">
        {rows.map((row) => (
          <div key={row.key} class="bars-row">
            <dt>{row.name}</dt>
            <dd>
              {row.value === null ? <span class="track hatch" /> : (
                <span class="track"><span class="fill" style={{ inlineSize: `${full > 0 ? Math.min(100, (row.value / full) * 100) : 0}%` }} /></span>
              )}
            </dd>
            <dd class="value">{row.value === null ? <Unknown /> : show(row.value)}{row.note && <small class="note"> {row.note}</small>}</dd>
          </div>
        ))}
      </dl>
    </figure>
  );
}

/** A whole in its parts: one bar, split, with its legend. A part whose `hatch` is set has no source. */
export function Split({ title, total, parts, format: show = figure }: {
  title: string;
  total?: ComponentChildren;
  parts: readonly { key: string; name: ComponentChildren; value: number; hatch?: boolean; class?: string }[];
  format?: (value: number) => string;
}) {
  const shown = parts.filter((part) => part.value > 0);
  const sum = shown.reduce((whole, part) => whole + part.value, 0) || 1;
  const look = (part: (typeof parts)[number]): string => part.class ?? (part.hatch ? 'hatch' : tone(parts.indexOf(part)));
  return (
    <figure class="chart">
      <figcaption><span><b>{title}</b>{total !== undefined && <span class="note"> {total}</span>}</span></figcaption>
      <div class="split" aria-hidden="true">{shown.map((part) => <span key={part.key} class={look(part)} style={{ flexGrow: String(part.value / sum) }} />)}</div>
      <ul class="legend">
        {shown.map((part) => <li key={part.key}><span class={`swatch ${look(part)}`} aria-hidden="true" /><b>{show(part.value)}</b>{part.name}</li>)}
      </ul>
    </figure>
  );
}

/** A line in a cell; `label` says in words what it shows. */
export function Sparkline({ values, label, most }: { values: readonly (number | null)[]; label: string; most?: number }) {
  const high = most ?? Math.max(0, ...values.filter(known));
  const draw = line<number | null>().defined((value) => value !== null)
    .x((_, index) => (values.length > 1 ? (index / (values.length - 1)) * 100 : 0))
    .y((value) => 19 - ((value ?? 0) / (high || 1)) * 18);
  return (
    <svg class="spark s1" viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title><path class="line" d={draw([...values]) ?? ''} />
    </svg>
  );
}

/** Keeps the last so many readings of a value, for a sparkline of what no route remembers. */
export function useTrail(value: number | null | undefined, most = 60): readonly (number | null)[] {
  const [trail, setTrail] = useState<readonly (number | null)[]>([]);
  useEffect(() => {
    if (value !== undefined) setTrail((before) => [...before, value].slice(-most));
  }, [value, most]);
  return trail;
}
