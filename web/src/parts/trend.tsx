// A published figure over time, with what was aimed at: what is stated as a bound is hollow, targets are diamonds, a forecast is a
// span. Only figures of one metric, place, unit and precision share an axis.

import '../style/figures.css';

import type { Census, Forecast, Target } from '../api/coming';
import { figureWords as t, baseMetric, isBound, metricName, numberOf, passed, plainNumber, qualityName, spell } from './figures';
import { known } from '../ui/format';
import { useWidth } from '../ui/width';

export interface TrendPoint {
  date: string;
  stated: string | null;
  value: number;
}
export interface TrendAim {
  due: string;
  stated: string | null;
  value: number;
  over: boolean;
  /** What became of it. */
  outcome: string;
  forecast: Forecast | null;
}
export interface TrendLine {
  metric: string;
  unit: string;
  scope: string | null;
  precision: string | null;
  points: TrendPoint[];
  aims: TrendAim[];
}

/** The middle of a stated day, month or year. */
function middle(date: string): number {
  const [year, month, day] = date.split('-').map(Number);
  if (!year) return NaN;
  if (!month) return Date.UTC(year, 6, 1);
  return Date.UTC(year, month - 1, day || 16);
}

const OUTCOMES = ['target-met', 'target-missed', 'target-superseded'];

function aimsOf(targets: readonly Target[], asOf: string, fits: (target: Target) => boolean): TrendAim[] {
  return targets.flatMap((target) => {
    const value = numberOf(target);
    if (!fits(target) || value === null || Number.isNaN(middle(target.due))) return [];
    const over = passed(target.due, asOf);
    const outcome = OUTCOMES.includes(target.quality) ? qualityName(target.quality) : over ? t('duePassed') : '';
    return [{ due: target.due, stated: target.stated, value, over, outcome, forecast: target.forecast ?? null }];
  });
}

/** The line of a metric with the most points of one kind, and the targets set for it; null where there is no line to draw. */
export function trendOf(census: Pick<Census, 'published' | 'targets' | 'as_of'>, metric = 'compute_total'): TrendLine | null {
  const kinds = new Map<string, Census['published']>();
  for (const found of census.published) {
    if (found.metric !== metric || !known(found.value) || Number.isNaN(middle(found.date))) continue;
    const key = [found.scope, found.unit, found.precision].join('\n');
    kinds.set(key, [...(kinds.get(key) ?? []), found]);
  }
  const rows = [...kinds.values()].sort((one, other) => other.length - one.length)[0] ?? [];
  const [first] = rows;
  if (!first || rows.length < 2) return null;
  const { scope, unit, precision } = first;
  return {
    metric,
    unit,
    scope,
    precision,
    points: rows
      .map(({ date, stated, value }) => ({ date, stated, value: value ?? 0 }))
      .sort((one, other) => middle(one.date) - middle(other.date)),
    aims: aimsOf(
      census.targets,
      census.as_of,
      (target) =>
        baseMetric(target.metric) === metric &&
        target.scope === scope &&
        target.unit === unit &&
        (target.precision ?? null) === (precision ?? null),
    ),
  };
}

/** A line that the hub drew up itself, and the targets set for the same thing. */
export function trendFrom(
  line: { metric: string; unit: string; points: readonly (readonly [date: string, value: number, stated: string])[] },
  kind: { scope: string; precision: string | null } | undefined,
  targets: readonly Target[],
  asOf: string,
): TrendLine {
  return {
    metric: line.metric,
    unit: line.unit,
    scope: kind?.scope ?? null,
    precision: kind?.precision ?? null,
    points: line.points
      .map(([date, value, stated]) => ({ date, value, stated }))
      .filter((point) => !Number.isNaN(middle(point.date))),
    aims: aimsOf(
      targets,
      asOf,
      (target) =>
        baseMetric(target.metric) === line.metric &&
        target.unit === line.unit &&
        target.scope === kind?.scope &&
        (target.precision ?? null) === (kind?.precision ?? null),
    ),
  };
}

/** A round step of which three to six fit in. */
const roundStep = (most: number): number => {
  const size = 10 ** Math.floor(Math.log10(most / 3));
  return ([5, 2.5, 2, 1].find((part) => part * size <= most / 3) ?? 1) * size;
};

const diamond = (x: number, y: number, size = 5): string =>
  `M${x} ${y - size}L${x + size} ${y}L${x} ${y + size}L${x - size} ${y}Z`;

export function Trend({
  line,
  height = 190,
  plainLook = false,
}: {
  line: TrendLine;
  height?: number;
  /** Only the drawing: no caption, no legend; for a wall. */
  plainLook?: boolean;
}) {
  const [attach, width] = useWidth<HTMLDivElement>();
  const { points, aims, unit, precision } = line;
  const [first, last] = [points[0], points[points.length - 1]];
  if (!first || !last) return null;
  const forecasts = aims.flatMap((aim) => {
    const high = numberOf({ stated: aim.forecast?.high ?? null });
    return high === null ? [] : [high];
  });
  const most = Math.max(...points.map((point) => point.value), ...aims.map((aim) => aim.value), ...forecasts) || 1;
  const step = roundStep(most);
  const top = Math.ceil(most / step) * step;
  const times = [...points.map((point) => middle(point.date)), ...aims.map((aim) => middle(aim.due))];
  const [from, until] = [Math.min(...times), Math.max(...times)];
  const scale = plainLook ? height / 300 : 1;
  const label = (value: number): string => spell(value, unit, (number) => String(Number(number.toPrecision(6)))).number;
  const left = 12 * scale + label(top).length * 7 * scale;
  const side = { right: 62 * scale, top: 18 * scale, bottom: 20 * scale };
  const x = (time: number): number => left + ((time - from) / (until - from || 1)) * Math.max(1, width - left - side.right);
  const y = (value: number): number => side.top + (1 - value / top) * (height - side.top - side.bottom);
  const levels = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => Number((index * step).toPrecision(12)));
  const years: number[] = [];
  for (let year = new Date(from).getUTCFullYear() + 1; Date.UTC(year) <= until + 864e5; year += 1) years.push(year);
  const yearEvery = Math.max(1, Math.ceil((years.length * 40 * scale) / Math.max(1, width - left - side.right)));

  // Labels do not overlap: the newest are told first.
  let free = Infinity;
  const labelled = points.toReversed().map((point) => {
    const at = x(middle(point.date));
    const text = plainNumber({ ...point, unit });
    const wide = text.length * 6.8 * scale;
    const first = at < left + wide;
    const [begin, end] = first ? [at + 2 * scale, at + 2 * scale + wide] : [at - 5 * scale - wide, at - 5 * scale];
    const shows = end + 3 * scale < free;
    if (shows) free = begin;
    return { point, text, first, shows };
  });
  const told = points.map((point) => t('toldOn', { value: plainNumber({ ...point, unit }), date: point.date })).join('; ');
  const aimed = aims.map((aim) => t('aimedBy', { value: plainNumber({ ...aim, unit }), date: aim.due })).join('; ');
  const shownUnit = spell(1, unit).unit;
  return (
    <figure class={plainLook ? 'chart trend plain-look' : 'chart trend'}>
      {!plainLook && (
        <figcaption>
          <span>
            <b>{metricName(line.metric)}</b>
            {shownUnit && <span class="unit"> {shownUnit}</span>}
            {precision && (
              <span class="note"> {t('precisionIs', { precision: precision === 'unstated' ? t('unstated') : precision })}</span>
            )}
          </span>
        </figcaption>
      )}
      <div ref={attach} class="trend-plot">
        <svg
          width={Math.max(1, width)}
          height={height}
          viewBox={`0 0 ${Math.max(1, width)} ${height}`}
          role="img"
          aria-label={t('chartSays', { title: metricName(line.metric), unit: shownUnit, told, aims: aimed || t('noTargets') })}
        >
          {width > 0 && (
            <>
              {levels.map((level) => (
                <g key={level}>
                  <line class={level === 0 ? 'zero' : 'grid'} x1={left} x2={width} y1={y(level)} y2={y(level)} />
                  <text x={left - 6 * scale} y={y(level) + 4 * scale} text-anchor="end">
                    {label(level)}
                  </text>
                </g>
              ))}
              {years.map((year) => (
                <g key={year}>
                  <line class="grid year" x1={x(Date.UTC(year))} x2={x(Date.UTC(year))} y1={side.top} y2={height - side.bottom} />
                  {year % yearEvery === 0 && (
                    <text x={x(Date.UTC(year))} y={height - 5 * scale} text-anchor="middle">
                      {year}
                    </text>
                  )}
                </g>
              ))}
              {aims.map((aim) => {
                const [cx, cy] = [x(middle(aim.due)), y(aim.value)];
                const [low, high] = [
                  numberOf({ stated: aim.forecast?.low ?? null }),
                  numberOf({ stated: aim.forecast?.high ?? null }),
                ];
                const value = numberOf({ stated: aim.forecast?.value ?? null });
                return (
                  <g key={`${aim.due} ${aim.stated ?? ''}`}>
                    {!aim.over && aim.value > last.value && (
                      <line class="goal" x1={x(middle(last.date))} x2={cx} y1={cy} y2={cy} />
                    )}
                    {!aim.over && value !== null && (
                      <line class="forecast-line" x1={x(middle(last.date))} x2={cx} y1={y(last.value)} y2={y(value)} />
                    )}
                    {low !== null && high !== null && (
                      <path
                        class="forecast-span"
                        d={`M${cx} ${y(low)}V${y(high)}M${cx - 4 * scale} ${y(low)}h${8 * scale}M${cx - 4 * scale} ${y(high)}h${8 * scale}`}
                      />
                    )}
                    <path class={aim.over ? 'aim over' : 'aim'} d={diamond(cx, cy, 5 * scale)} />
                    <text class={aim.over ? undefined : 'strong'} x={cx + 9 * scale} y={cy + 4 * scale}>
                      {plainNumber({ ...aim, unit })}
                    </text>
                    {aim.over && aim.outcome && (
                      <text x={cx + 9 * scale} y={cy + 17 * scale}>
                        {aim.outcome}
                      </text>
                    )}
                  </g>
                );
              })}
              <path
                class="line s1"
                d={points.map((point, index) => `${index ? 'L' : 'M'}${x(middle(point.date))} ${y(point.value)}`).join('')}
              />
              {labelled.map(({ point, text, first: begins, shows }) => {
                const [cx, cy] = [x(middle(point.date)), y(point.value)];
                return (
                  <g key={`${point.date} ${point.stated ?? ''}`}>
                    <circle class={isBound(point.stated) ? 'point bound' : 'point'} cx={cx} cy={cy} r={3.5 * scale}>
                      <title>{t('toldOn', { value: text, date: point.date })}</title>
                    </circle>
                    {shows && (
                      <text
                        class="strong"
                        x={cx + (begins ? 2 : -5) * scale}
                        y={cy - 8 * scale}
                        text-anchor={begins ? 'start' : 'end'}
                      >
                        {text}
                      </text>
                    )}
                  </g>
                );
              })}
            </>
          )}
        </svg>
      </div>
      {!plainLook && (
        <ul class="legend trend-legend">
          {points.some((point) => !isBound(point.stated)) && (
            <li>
              <svg class="trend-mark" viewBox="0 0 12 12" aria-hidden="true">
                <circle class="point" cx="6" cy="6" r="3.5" />
              </svg>
              {t('stated')}
            </li>
          )}
          {points.some((point) => isBound(point.stated)) && (
            <li>
              <svg class="trend-mark" viewBox="0 0 12 12" aria-hidden="true">
                <circle class="point bound" cx="6" cy="6" r="3.5" />
              </svg>
              {t('bound')}
            </li>
          )}
          {aims.some((aim) => !aim.over) && (
            <li>
              <svg class="trend-mark" viewBox="0 0 12 12" aria-hidden="true">
                <path class="aim" d={diamond(6, 6)} />
              </svg>
              {t('target')}
            </li>
          )}
          {aims.some((aim) => aim.over) && (
            <li>
              <svg class="trend-mark" viewBox="0 0 12 12" aria-hidden="true">
                <path class="aim over" d={diamond(6, 6)} />
              </svg>
              {t('targetOver')}
            </li>
          )}
          {forecasts.length > 0 && (
            <li>
              <svg class="trend-mark" viewBox="0 0 12 12" aria-hidden="true">
                <path class="forecast-span" d="M6 1V11M3 1h6M3 11h6" />
              </svg>
              {t('forecast')}
            </li>
          )}
        </ul>
      )}
    </figure>
  );
}
