// What is published of a hub: how a figure is spelled, what it is set beside, and where two do not agree.

import '../style/figures.css';

import type { ComponentChildren } from 'preact';

import type { Census, Forecast, PublishedFigure, Target } from '../api/coming';
import { language, words } from '../i18n';
import en from '../i18n/en/figures';
import zh from '../i18n/zh/figures';
import { Figure, Unknown } from '../ui/figure';
import { exact, figure as three, known } from '../ui/format';

export const figureWords = words(en, zh);
const t = figureWords;

const SIGNS: Record<string, string> = { '>=': '≥ ', '<=': '≤ ', '>': '> ', '<': '< ', '~': '≈ ' };

/** What a source states: a number, and whether it is a bound. */
export interface Statement {
  stated: string | null | undefined;
  value?: number | null | undefined;
  unit: string;
}

const signOf = (stated: string | null | undefined): string => /^(>=|<=|>|<|~)/.exec(stated ?? '')?.[0] ?? '';
/** Whether the source gives a bound or a round number rather than the number itself. */
export const isBound = (stated: string | null | undefined): boolean => signOf(stated) !== '';

/** The number of a statement; null where there is none. */
export function numberOf({ stated, value }: Pick<Statement, 'stated' | 'value'>): number | null {
  if (known(value)) return value;
  if (!stated) return null;
  const number = Number(stated.slice(signOf(stated).length));
  return Number.isFinite(number) ? number : null;
}

/** A number in the reader's unit: fractions as percent, billions of yuan as 亿元 where Chinese is read. */
export function spell(value: number, unit: string, format: (value: number) => string = exact): { number: string; unit: string } {
  // Six digits hide what multiplying by a hundred leaves behind.
  if (/^fraction\b/.test(unit)) return { number: format(Number((value * 100).toFixed(6))), unit: t.of('unit', unit) };
  if (unit === 'count' || unit === 'ratio') return { number: format(value), unit: '' };
  if (unit === 'bn yuan' && language.value === 'zh')
    return { number: format(Number((value * 10).toFixed(6))), unit: t('unit.bn yuan') };
  const name = `unit.${unit}` in en ? t.of('unit', unit) : unit;
  return { number: format(value), unit: name };
}

/** "> 150 EFLOPS" as plain text. */
export function plain(statement: Statement): string {
  const number = numberOf(statement);
  if (number === null) return statement.stated ?? t('noFigure');
  if (statement.unit === 'flag') return t(number ? 'yes' : 'no');
  const told = spell(number, statement.unit);
  return `${SIGNS[signOf(statement.stated)] ?? ''}${told.number}${told.unit && ` ${told.unit}`}`;
}
/** The same without its unit. */
export function plainNumber(statement: Statement): string {
  const number = numberOf(statement);
  return number === null ? t('noFigure') : `${SIGNS[signOf(statement.stated)] ?? ''}${spell(number, statement.unit).number}`;
}

/** As the source states it: the bound, the number, the unit. */
export function Stated({ of }: { of: Statement }) {
  const number = numberOf(of);
  if (number === null) return of.stated ? <span>{of.stated}</span> : <Unknown />;
  if (of.unit === 'flag') return <span>{t(number ? 'yes' : 'no')}</span>;
  const told = spell(number, of.unit);
  return (
    <span class="nowrap">
      {SIGNS[signOf(of.stated)] ?? ''}
      {told.number}
      {told.unit && <span class="unit"> {told.unit}</span>}
    </span>
  );
}

/** `compute_total_target` aims at what `compute_total` tells. */
export const baseMetric = (metric: string): string => metric.replace(/_(target|forecast)(?=_|$)/, '');
export function metricName(metric: string): string {
  const name = t.of('metric', baseMetric(metric));
  return name.charAt(0).toUpperCase() + name.slice(1);
}
/** A place as a source names it, in the reader's language where it is known. */
export const placeName = (place: string): string => (`place.${place}` in en ? t.of('place', place) : place);
export const Place = ({ of: place }: { of: string }) =>
  `place.${place}` in en ? <>{placeName(place)}</> : <span lang="en">{place}</span>;
export const qualityName = (quality: string): string => t.of('quality', quality);
export const ruleName = (rule: string): string => t.of('rule', rule);
export const serviceName = (service: string): string => t.of('service', service);

/** The precision of a computing power; nothing for what has none. */
export function Precision({ of }: { of: { precision: string | null; unit: string } }) {
  if (of.precision === 'unstated' || (of.precision === null && /FLOPS/.test(of.unit)))
    return <span class="unknown nowrap">{t('unstated')}</span>;
  return of.precision === null || of.precision === '' ? <span class="none">–</span> : <>{of.precision}</>;
}

/** The addresses in a source's words, as links; only http and https lead anywhere. `brief` is the first of them, by its host. */
export function Source({ of: text, brief = false }: { of: string; brief?: boolean }) {
  const link = (address: string, key: number): ComponentChildren => {
    try {
      const url = new URL(address);
      if (url.protocol !== 'http:' && url.protocol !== 'https:') return address;
      return (
        <a key={key} href={url.href} target="_blank" rel="noopener noreferrer" title={brief ? text : address}>
          {url.hostname.replace(/^www\.|\.$/g, '')}
        </a>
      );
    } catch {
      return address;
    }
  };
  const pieces = text.split(/(https?:\/\/[^\s;,"()（）]+)/);
  if (brief)
    return pieces[1] === undefined ? (
      <span lang="en" title={text}>
        {text}
      </span>
    ) : (
      <>{link(pieces[1], 1)}</>
    );
  return (
    <span lang="en" class="figure-source">
      {pieces.map((piece, index) => (index % 2 === 1 ? link(piece, index) : piece))}
    </span>
  );
}

/** Whether a date that may be only a year or a month lies before another. */
export const passed = (due: string, asOf: string): boolean => due < asOf.slice(0, due.length);

/** Targets whose date lies ahead: what is compared with computing power first, then what is compared, then by date. */
export function targetsAhead(targets: readonly Target[], asOf: string): Target[] {
  const rank = (target: Target): number => (baseMetric(target.metric) === 'compute_total' ? 0 : known(target.progress) ? 1 : 2);
  return targets
    .filter((target) => target.due > asOf)
    .sort((one, other) => rank(one) - rank(other) || one.due.localeCompare(other.due) || one.metric.localeCompare(other.metric));
}

/** How far a target is reached: a bound of the figure bounds the share likewise. */
export function progressText(target: Target): string | null {
  if (!known(target.progress)) return null;
  const share = `${exact(Math.round(target.progress * 1000) / 10)} %`;
  const sign = signOf(target.reached);
  if (sign === '>' || sign === '>=') return t('atLeast', { value: share });
  if (sign === '<' || sign === '<=') return t('atMost', { value: share });
  return sign === '~' ? `≈ ${share}` : share;
}
/** What is missing of a target; null where nobody knows or nothing is missing. */
export function distanceText(target: Target): string | null {
  if (!known(target.distance) || target.distance === 0 || (known(target.progress) && target.progress >= 1)) return null;
  const told = spell(Math.abs(target.distance), target.unit, three);
  const text = `${told.number}${told.unit && ` ${told.unit}`}`;
  const sign = signOf(target.reached);
  if (sign === '>' || sign === '>=') return t('atMost', { value: text });
  if (sign === '<' || sign === '<=') return t('atLeast', { value: text });
  return sign === '~' ? `≈ ${text}` : text;
}

const bare = (stated: string | null): number | null => numberOf({ stated });

/** What a plan says of a target, in a line. */
export function ForecastLine({ of: forecast, unit, source = true }: { of: Forecast; unit: string; source?: boolean }) {
  const [value, low, high] = [bare(forecast.value), bare(forecast.low), bare(forecast.high)];
  const told = (number: number): string => spell(number, unit).number;
  return (
    <span class="figure-forecast">
      <b>{value === null ? <Unknown /> : <Stated of={{ stated: forecast.value, unit }} />}</b>
      {low !== null && high !== null && <> {t('forecastRange', { low: told(low), high: told(high) })}</>}
      {known(forecast.probability_permille) && (
        <>; {t('forecastEnough', { share: `${exact(forecast.probability_permille / 10)} %` })}</>
      )}
      {source && (
        <small class="note">
          {' '}
          <span lang="en">{forecast.source}</span>, {forecast.as_of}
        </small>
      )}
    </span>
  );
}

/** A target as a bar: what is reached, where it lies, and how far a forecast says it will be. The words beside it say the same. */
export function TargetBar({ of: target }: { of: Target }) {
  const aim = numberOf(target);
  const reached = bare(target.reached ?? null);
  if (aim === null || aim <= 0) return null;
  const [value, low, high] = target.forecast
    ? [bare(target.forecast.value), bare(target.forecast.low), bare(target.forecast.high)]
    : [null, null, null];
  const full = Math.max(aim, reached ?? 0, high ?? 0) * 1.04;
  const at = (number: number): string => `${(number / full) * 100}%`;
  return (
    <span class="target-bar" aria-hidden="true">
      {reached === null ? (
        <span class="target-track hatch" />
      ) : (
        <span class="target-track">
          <span class={isBound(target.reached) ? 'target-fill open' : 'target-fill'} style={{ inlineSize: at(reached) }} />
        </span>
      )}
      {low !== null && high !== null && (
        <span class="target-range" style={{ insetInlineStart: at(low), inlineSize: `${((high - low) / full) * 100}%` }} />
      )}
      {value !== null && <span class="target-value" style={{ insetInlineStart: at(value) }} />}
      <span class="target-aim" style={{ insetInlineStart: at(aim) }}>
        <svg viewBox="0 0 12 12" width="12" height="12">
          <path d="M6 0.5L11.5 6L6 11.5L0.5 6Z" />
        </svg>
      </span>
    </span>
  );
}

// ---------------------------------------------------------------- what does not agree

type Told = PublishedFigure | Target;
const isTarget = (row: Told): row is Target => 'due' in row;

/** Every figure and target of a census by its id. */
export function figuresById(census: Pick<Census, 'published' | 'targets'>): ReadonlyMap<string, Told> {
  const all = new Map<string, Told>();
  for (const row of census.published) all.set(row.id, row);
  for (const row of census.targets) if (row.id) all.set(row.id, row);
  return all;
}

const shown = (row: Told): string =>
  t('said.figure', { value: plain(row), place: placeName(row.scope), date: isTarget(row) ? row.due : row.date });
const link = (row: Told, href: (id: string) => string): ComponentChildren => {
  const id = row.id ?? '';
  return (
    <a key={id} class="quiet" href={href(id)} title={t('seeFigure')}>
      {shown(row)}
    </a>
  );
};
const how = (row: Told): string =>
  t('precisionIs', { precision: !row.precision || row.precision === 'unstated' ? t('unstated') : row.precision });

/** The sentence of a contradiction, made from its figures; the hub's own where they are not at hand. */
function sentence(
  rule: string,
  what: string,
  rows: readonly (Told | undefined)[],
  href: (id: string) => string,
): ComponentChildren {
  const found = rows.filter((row): row is Told => row !== undefined);
  const [first, second, third, fourth] = found;
  const whole = found.length === rows.length;
  const number = (pattern: RegExp): string => pattern.exec(what)?.[1] ?? '';
  if (whole && rule === 'disputed' && first && second) {
    const note = /\(\d{4}[-\d]*\) against .+? \(\d{4}[-\d]*\); (.*?)\.?$/s.exec(what)?.[1];
    return (
      <>
        {t.rich('said.against', { one: link(first, href), other: link(second, href) })}
        {note && (
          <>
            {language.value === 'zh' ? '；' : '; '}
            <span lang="en">{note}</span>
          </>
        )}
        {language.value === 'zh' ? '。' : '.'}
      </>
    );
  }
  if (whole && rule === 'part above its total' && first && second)
    return t.rich('said.part', { one: link(first, href), other: link(second, href) });
  if (whole && rule === 'shares of different totals' && first && second && third && fourth) {
    return t.rich('said.shares', {
      one: link(first, href),
      base: link(second, href),
      other: link(third, href),
      otherBase: link(fourth, href),
      precision: !second.precision || second.precision === 'unstated' ? t('unstated') : second.precision,
      rest: number(/they leave ([\d.]+) and/),
      otherRest: number(/they leave [\d.]+ and ([\d.]+)/),
      unit: second.unit,
    });
  }
  // The first id of a claim is its own, not that of a figure.
  const [one, other] = rows.slice(1);
  if (rule === 'claim' && one && other) {
    const claimed = number(/is claimed to be (\S+?)(?:,| times)/).replace(/^(>=|<=|>|<|~)/, (sign) => SIGNS[sign] ?? sign);
    const quotient = number(/bare division gives (\S+?)\.$/) || number(/at their edges it is (\S+) times/);
    if (what.includes('counted differently'))
      return t.rich('said.unlike', {
        one: link(one, href),
        other: link(other, href),
        claimed,
        how: how(one),
        otherHow: how(other),
        quotient,
      });
    return t.rich('said.times', {
      one: link(one, href),
      other: link(other, href),
      claimed,
      quotient,
      would: number(/times would be (.+?)\.$/),
    });
  }
  if (whole && rule === 'count' && first) {
    return t.rich('said.count', {
      one: link(first, href),
      short: number(/but (\d+) of the/),
      named: number(/of the (\d+) named/),
    });
  }
  if (whole && rule === 'two targets' && first && second && isTarget(first) && isTarget(second)) {
    return t.rich('said.targets', {
      place: placeName(first.scope),
      due: first.due,
      one: plainNumber(first),
      other: plainNumber(second),
      unit: spell(1, first.unit).unit,
      quality: qualityName(first.quality),
      otherQuality: qualityName(second.quality),
    });
  }
  return <span lang="en">{spelled(what.replace(/^[a-z0-9_]+(?: and [a-z0-9_]+)?: /, ''))}</span>;
}

/** The hub's sentences about figures, in the spelling of the tables. */
export function spelled(text: string): string {
  return text
    .replace(/(-?\d+(?:\.\d+)?) fraction\b/g, (_, fraction: string) => `${exact(Number((Number(fraction) * 100).toFixed(6)))} %`)
    .replace(/(\d) count\b/g, '$1')
    .replace(/(>=|<=|>|<|~)(?=\d)/g, (sign) => SIGNS[sign] ?? sign);
}

/** What does not agree, each with what it is about, why, and its figures as links. */
export function Contradictions({
  census,
  most,
  href,
}: {
  census: Pick<Census, 'published' | 'targets' | 'contradictions'>;
  most?: number;
  /** Where a figure is shown. */
  href: (id: string) => string;
}) {
  const figures = figuresById(census);
  const list = census.contradictions.slice(0, most);
  if (list.length === 0) return <p class="none">{t('contradictionsNone')}</p>;
  return (
    <ul class="contradictions">
      {list.map(({ rule = '', what, figures: ids }) => {
        const rows = ids.map((id) => figures.get(id));
        const metrics = [...new Set(rows.filter((row): row is Told => row !== undefined).map((row) => metricName(row.metric)))];
        return (
          <li key={what}>
            <svg class="shape" viewBox="0 0 12 12" aria-hidden="true" focusable="false">
              <path d="M6 1.2L11.2 10.6H0.8ZM6 4.6v2.6M6 8.7v.4" />
            </svg>
            <div>
              <p>
                <b>{metrics.join(' · ')}</b> {rule && <span class="note">{ruleName(rule)}</span>}
              </p>
              <p>{sentence(rule, what, rows, href)}</p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/** A share of devices or cores, to a tenth of a percent. */
export const Share = ({ part, total }: { part: number | null; total: number }) => (
  <Figure value={known(part) && total > 0 ? part / total : null} as="percent" />
);
