// Curves over anything that is not the calendar: what a plan costs over what it aims at, how long jobs waited. Like the charts of the
// shared parts they are read out by pointing or by arrow keys, and have a table for screen readers; lines differ in their dashes too.

import '../style/pages/studies.css';

import { bisector, extent, max, min } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { curveLinear, curveStepAfter, line } from 'd3-shape';
import { useId, useMemo, useState } from 'preact/hooks';

import { common, format, known, Unknown } from '../ui';
import { useWidth } from '../ui/chart';

export interface CurvePoint {
  x: number;
  /** Null: there is none, or nobody knows. */
  y: number | null;
  /** How far down it might be: a whisker. */
  low?: number | null;
}
export interface Curve {
  name: string;
  points: readonly CurvePoint[];
}

const SIDE = { top: 10, right: 14, bottom: 36 };
const ROWS_MOST = 60;
const tone = (index: number): string => `s${(index % 6) + 1} dash-${(index % 6) + 1}`;

export function CurveChart({
  title, unit, across, curves, as = 'line', mark, ticks, zero = false, most, height = 220, format: show = format.figure, formatX = format.figure, missing,
}: {
  title: string;
  unit?: string;
  /** What the horizontal axis counts, with its unit. */
  across: string;
  curves: readonly Curve[];
  /** `step`: a value holds until the next point; `points`: with dots, for a few points that stand for themselves. */
  as?: 'line' | 'step' | 'points';
  /** One point that stands out. */
  mark?: { name: string; x: number; y: number } | undefined;
  /** Names on the horizontal axis in place of numbers. */
  ticks?: readonly { x: number; text: string }[];
  /** The vertical axis begins at nothing. */
  zero?: boolean;
  /** Where the vertical axis ends, if it is not with the largest value. */
  most?: number;
  height?: number;
  format?: (value: number) => string;
  formatX?: (value: number) => string;
  /** What a point without a value is called. */
  missing?: string;
}) {
  const [attach, width] = useWidth<HTMLDivElement>();
  const [at, setAt] = useState<number | null>(null);
  const id = useId();
  const sorted = useMemo(() => curves.map((curve) => ({ ...curve, points: curve.points.toSorted((one, other) => one.x - other.x) })), [curves]);
  const places = useMemo(() => [...new Set(sorted.flatMap((curve) => curve.points.map((point) => point.x)))].sort((one, other) => one - other), [sorted]);
  const [first = 0, last = 1] = extent([...places, ...(mark ? [mark.x] : [])]);
  const values = sorted.flatMap((curve) => curve.points.flatMap((point) => [point.y, point.low ?? null])).filter(known);
  if (mark) values.push(mark.y);
  const highest = most ?? max(values) ?? 1;
  const lowest = zero ? Math.min(0, min(values) ?? 0) : (min(values) ?? 0) > highest * 0.5 ? min(values) ?? 0 : Math.min(0, min(values) ?? 0);
  const y = scaleLinear([lowest, highest === lowest ? lowest + 1 : highest], [height - SIDE.bottom, SIDE.top]).nice(4);
  const levels = y.ticks(4);
  const left = Math.max(24, ...levels.map((level) => show(level).length * 6.2 + 8));
  const room = as === 'points' ? Math.max((last - first) * 0.06, Math.abs(last) * 1e-6) : 0;
  const x = scaleLinear([first - room, last + room || 1], [left, Math.max(left + 1, width - SIDE.right)]);
  const named = ticks ?? x.ticks(Math.max(2, Math.floor((width - left) / 90))).map((value) => ({ x: value, text: formatX(value) }));

  const draw = line<CurvePoint>().defined((point) => point.y !== null).x((point) => x(point.x)).y((point) => y(point.y ?? 0))
    .curve(as === 'step' ? curveStepAfter : curveLinear);
  // A point without a value breaks no line between those that have one: there is just no plan there.
  const drawn = (points: readonly CurvePoint[]): string => draw(as === 'points' ? points.filter((point) => point.y !== null) : [...points]) ?? '';
  const valueAt = (curve: Curve, place: number): number | null => {
    if (as === 'points') return curve.points.find((point) => point.x === place)?.y ?? null;
    return curve.points.findLast((point) => point.x <= place)?.y ?? null;
  };
  const textX = (place: number): string => ticks?.find((tick) => tick.x === place)?.text ?? formatX(place);
  const nearest = (place: number): number | null => places[bisector((value: number) => value).center(places, place)] ?? null;
  const step = (by: number): void => {
    const index = at === null ? (by > 0 ? -1 : places.length) : places.indexOf(at);
    setAt(places[Math.min(places.length - 1, Math.max(0, index + by))] ?? null);
  };
  const stride = Math.max(1, Math.ceil(places.length / ROWS_MOST));
  const rows = places.filter((_, index) => index % stride === 0 || index === places.length - 1);
  const cursor = at === null ? 0 : x(at);

  return (
    <figure class="chart curve">
      <figcaption>
        <span><b>{title}</b>{unit && <span class="unit"> {unit}</span>}</span>
        {(sorted.length > 1 || mark) && (
          <ul class="legend">
            {sorted.length > 1 && sorted.map((curve, index) => (
              <li key={curve.name}>
                <svg class={`curve-key ${tone(index)}`} viewBox="0 0 24 6" aria-hidden="true"><path class="line" d="M0 3h24" /></svg>{curve.name}
              </li>
            ))}
            {mark && <li><svg class="shape" viewBox="0 0 12 12" aria-hidden="true"><path d="M6 1.5L10.5 6L6 10.5L1.5 6Z" /></svg>{mark.name}</li>}
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
          else if (event.key === 'Home') setAt(places[0] ?? null);
          else if (event.key === 'End') setAt(places.at(-1) ?? null);
          else if (event.key === 'Escape') setAt(null);
          else return;
          event.preventDefault();
        }}
      >
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true" focusable="false">
          {width > 0 && (
            <>
              {levels.map((level) => (
                <g key={level}>
                  <line class={level === 0 ? 'zero' : 'grid'} x1={left} x2={width - SIDE.right} y1={y(level)} y2={y(level)} />
                  <text x={left - 6} y={y(level) + 3.5} text-anchor="end">{show(level)}</text>
                </g>
              ))}
              {named.map((tick, index) => (
                <text
                  key={tick.x}
                  x={x(tick.x)}
                  y={height - SIDE.bottom + 14}
                  text-anchor={index === named.length - 1 && x(tick.x) > width - 40 ? 'end' : 'middle'}
                >
                  {tick.text}
                </text>
              ))}
              <text class="axis-name" x={(left + width - SIDE.right) / 2} y={height - 4} text-anchor="middle">{across}</text>
              {sorted.map((curve, index) => (
                <g key={curve.name} class={tone(index)}>
                  {as === 'points' && curve.points.map((point) => known(point.y) && known(point.low) && (
                    <path key={point.x} class="whisker" d={`M${x(point.x)} ${y(point.y)}V${y(point.low)}m-4 0h8`} />
                  ))}
                  <path class="line" d={drawn(curve.points)} />
                  {as === 'points' && curve.points.map((point) => (known(point.y)
                    ? <circle key={point.x} class="dot-shape" cx={x(point.x)} cy={y(point.y)} r="4" />
                    : <path key={point.x} class="missing" d={`M${x(point.x) - 4} ${SIDE.top}l8 8m0 -8l-8 8`} />))}
                </g>
              ))}
              {mark && <path class="mark-shape" d={`M${x(mark.x)} ${y(mark.y) - 6}l6 6l-6 6l-6 -6Z`} />}
              {at !== null && (
                <>
                  <line class="cursor" x1={cursor} x2={cursor} y1={SIDE.top} y2={height - SIDE.bottom} />
                  {sorted.map((curve, index) => {
                    const value = valueAt(curve, at);
                    return value !== null && <g key={curve.name} class={tone(index)}><circle class="dot-shape" cx={cursor} cy={y(value)} r="3.5" /></g>;
                  })}
                </>
              )}
            </>
          )}
        </svg>
        {at !== null && (
          <div class="readout" aria-live="polite" style={cursor > width / 2 ? { right: `${width - cursor + 10}px`, top: '0px' } : { left: `${cursor + 10}px`, top: '0px' }}>
            <span class="note">{across}: {textX(at)}</span>
            <dl>
              {sorted.map((curve, index) => {
                const value = valueAt(curve, at);
                return (
                  <div key={curve.name} class="readout-row">
                    <dt><span class={`swatch s${(index % 6) + 1}`} aria-hidden="true" />{curve.name}</dt>
                    <dd>{known(value) ? show(value) : missing ?? <Unknown />}</dd>
                  </div>
                );
              })}
            </dl>
          </div>
        )}
      </div>
      <p class="unseen" id={`${id}-keys`}>{common('chartKeys')}</p>
      <div class="unseen">
        <table>
          <caption>{common('chartTable')}: {title}{unit ? `, ${unit}` : ''}</caption>
          <thead><tr><th scope="col">{across}</th>{sorted.map((curve) => <th key={curve.name} scope="col">{curve.name}</th>)}</tr></thead>
          <tbody>
            {rows.map((place) => (
              <tr key={place}>
                <th scope="row">{textX(place)}</th>
                {sorted.map((curve) => {
                  const value = valueAt(curve, place);
                  return <td key={curve.name}>{known(value) ? show(value) : missing ?? common('unknown')}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
