// The map of sites: where they are, how far along, how large, and what is wrong with them. There are no borders on it: only degrees,
// a scale, and the names of zones. Sites at one point are laid out around it, so that none hides another.

import '../style/sitemap.css';

import type { TargetedKeyboardEvent } from 'preact';
import { useMemo, useState } from 'preact/hooks';

import type { Site } from '../api/coming';
import { language, words } from '../i18n';
import en from '../i18n/en/map';
import zh from '../i18n/zh/map';
import { common } from '../ui/common';
import { Figure, Name, type Tone } from '../ui/figure';
import { figure, known, tenths, whole } from '../ui/format';
import { Shape, type ShapeName, SiteStage, stageLook } from '../ui/mark';
import { useWidth } from '../ui/width';
import { placeName } from './figures';

const t = words(en, zh);

export type SizeBy = 'devices' | 'power';

// ---------------------------------------------------------------- where things are

interface Point {
  x: number;
  y: number;
}
interface Placed extends Point {
  site: Site;
  radius: number;
  /** Where it really is, as far as that is known. */
  at: Point;
  moved: boolean;
}
interface Label extends Point {
  text: string;
  count: number;
}
interface Drawing {
  placed: Placed[];
  /** Centres of zones, around which their sites are laid out. */
  centres: Point[];
  labels: Label[];
  /** Degrees, where they are drawn. */
  meridians: { at: number; degrees: number }[];
  parallels: { at: number; degrees: number }[];
  scale: { width: number; kilometres: number };
}

const KILOMETRES_A_DEGREE = 111.32;
/** The golden angle: a spiral of it fills a disc evenly. */
const TURN = 2.399963;

type Located = Site & { latitude: number; longitude: number };
export const located = (site: Site): site is Located => known(site.latitude) && known(site.longitude);

const amountOf = (site: Site, by: SizeBy): number | null =>
  by === 'devices' ? (site.devices > 0 ? site.devices : null) : site.computing_power_pflops;

const roundDown = (most: number, parts: readonly number[]): number => {
  const size = 10 ** Math.floor(Math.log10(most));
  return (parts.find((part) => part * size <= most) ?? 1) * size;
};

/** Sites near each other hang together: one name is enough for them. */
function clusters(placed: readonly Placed[], reach: number): Placed[][] {
  const left = new Set(placed);
  const found: Placed[][] = [];
  for (const first of placed) {
    if (!left.delete(first)) continue;
    const cluster = [first];
    for (const one of cluster) {
      for (const other of left) {
        if (Math.hypot(one.at.x - other.at.x, one.at.y - other.at.y) > reach) continue;
        left.delete(other);
        cluster.push(other);
      }
    }
    found.push(cluster);
  }
  return found;
}

/** What most of these sites call the place: their zone, or where they have none in common the prefecture. */
function nameOf(sites: readonly Site[]): string {
  const most = (names: readonly string[]): [string, number] => {
    const counts = new Map<string, number>();
    for (const name of names) if (name && name !== 'unknown') counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts].sort((one, other) => other[1] - one[1] || one[0].length - other[0].length)[0] ?? ['', 0];
  };
  const [zone, count] = most(sites.map((site) => site.zone));
  if (count * 2 > sites.length) return zone;
  const [prefecture] = most(sites.map((site) => site.prefecture));
  return prefecture || zone;
}

function draw(sites: readonly Located[], by: SizeBy, width: number, height: number, unit: number): Drawing {
  const [latitudes, longitudes] = [sites.map((site) => site.latitude), sites.map((site) => site.longitude)];
  const middle = (values: readonly number[]): number => (Math.min(...values) + Math.max(...values)) / 2;
  const spread = (values: readonly number[]): number => Math.max(0.15, Math.max(...values) - Math.min(...values));
  const [north, east] = [middle(latitudes), middle(longitudes)];
  const narrowing = Math.cos((north * Math.PI) / 180);
  // Room for what is laid out around the outermost points.
  const pad = { x: Math.min(72 * unit, width / 5), y: Math.min(52 * unit, height / 4) };
  const perDegree = Math.max(
    1,
    Math.min((width - 2 * pad.x) / (spread(longitudes) * narrowing), (height - 2 * pad.y) / spread(latitudes)),
  );
  const at = ({ latitude, longitude }: { latitude: number; longitude: number }): Point => ({
    x: width / 2 + (longitude - east) * narrowing * perDegree,
    y: height / 2 - (latitude - north) * perDegree,
  });

  const most = Math.max(0, ...sites.map((site) => amountOf(site, by) ?? 0));
  const radius = (site: Site): number => {
    const amount = amountOf(site, by);
    return (amount === null || most === 0 ? 7.5 : 9 + 9 * Math.sqrt(amount / most)) * unit;
  };
  // The ring of what is held stands outside of the mark.
  const room = (site: Site): number => radius(site) + (site.devices > 0 ? 5 * unit : 0);
  const gap = 4 * unit;
  const cell = 44 * unit;
  const buckets = new Map<string, (Point & { radius: number })[]>();
  const key = (x: number, y: number): string => `${Math.floor(x / cell)} ${Math.floor(y / cell)}`;
  const take = (taken: Point & { radius: number }): void => {
    const name = key(taken.x, taken.y);
    buckets.set(name, [...(buckets.get(name) ?? []), taken]);
  };
  const free = (x: number, y: number, size: number): boolean => {
    if (x < size + gap || y < size + gap || x > width - size - gap || y > height - size - gap) return false;
    for (const dx of [-cell, 0, cell]) {
      for (const dy of [-cell, 0, cell]) {
        for (const other of buckets.get(key(x + dx, y + dy)) ?? [])
          if (Math.hypot(x - other.x, y - other.y) < size + other.radius + gap) return false;
      }
    }
    return true;
  };

  // Around the centre of a zone its sites are laid out; a single one may stand on it.
  const shared = new Map<string, { point: Point; count: number }>();
  for (const site of sites) {
    if (site.position !== 'zone') continue;
    const point = at(site);
    const name = `${Math.round(point.x)} ${Math.round(point.y)}`;
    shared.set(name, { point, count: (shared.get(name)?.count ?? 0) + 1 });
  }
  const centres = [...shared.values()].filter(({ count }) => count > 1).map(({ point }) => point);
  for (const point of centres) take({ ...point, radius: 4 * unit });
  const order = sites.toSorted(
    (one, other) =>
      room(other) - room(one) ||
      Number(other.position === 'stated') - Number(one.position === 'stated') ||
      one.id.localeCompare(other.id),
  );
  const placed = order.map((site): Placed => {
    const size = room(site);
    const own = at(site);
    for (let turn = 0; turn < 6000; turn += 1) {
      const far = 2.6 * unit * Math.sqrt(turn);
      const [x, y] = [own.x + far * Math.cos(turn * TURN), own.y + far * Math.sin(turn * TURN)];
      if (!free(x, y, size)) continue;
      take({ x, y, radius: size });
      return { site, x, y, radius: radius(site), at: own, moved: far > 2 * unit };
    }
    return { site, ...own, radius: radius(site), at: own, moved: false };
  });

  const labels: Label[] = [];
  const written: { left: number; right: number; top: number; bottom: number }[] = [];
  for (const cluster of clusters(placed, 22 * unit).sort((one, other) => other.length - one.length)) {
    const box = {
      left: Math.min(...cluster.map((one) => one.x - one.radius)),
      right: Math.max(...cluster.map((one) => one.x + one.radius)),
      top: Math.min(...cluster.map((one) => one.y - one.radius)),
      bottom: Math.max(...cluster.map((one) => one.y + one.radius)),
    };
    const name = nameOf(cluster.map(({ site }) => site));
    if (!name) continue;
    const text = `${cluster.every(({ site }) => site.position === 'zone') ? '≈ ' : ''}${placeName(name)}`;
    const letters = [...`${text} ${cluster.length > 1 ? cluster.length : ''}`].reduce(
      (sum, letter) => sum + (letter > '⺀' ? 12 : 6.6),
      0,
    );
    const half = (letters * unit) / 2 + 4 * unit;
    const line = 15 * unit;
    const [cx, cy] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    const tries: Point[] = [
      { x: cx, y: box.bottom + line },
      { x: cx, y: box.top - 6 * unit },
      { x: box.right + half + 6 * unit, y: cy + 4 * unit },
      { x: box.left - half - 6 * unit, y: cy + 4 * unit },
      { x: cx, y: box.bottom + 2 * line },
      { x: cx, y: box.top - line },
    ];
    const area = ({ x, y }: Point) => ({ left: x - half, right: x + half, top: y - 11 * unit, bottom: y + 3 * unit });
    const clear = (point: Point): boolean => {
      const own = area(point);
      if (own.left < 0 || own.right > width || own.top < 0 || own.bottom > height) return false;
      const near = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));
      return (
        placed.every(
          (one) =>
            Math.hypot(one.x - near(one.x, own.left, own.right), one.y - near(one.y, own.top, own.bottom)) > one.radius + 2,
        ) &&
        written.every(
          (other) => own.right < other.left || own.left > other.right || own.bottom < other.top || own.top > other.bottom,
        )
      );
    };
    const place = tries.find(clear) ?? {
      x: Math.min(width - half, Math.max(half, cx)),
      y: Math.min(height - 4 * unit, box.bottom + line),
    };
    written.push(area(place));
    labels.push({ ...place, text, count: cluster.length });
  }

  const steps = [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];
  const step = steps.findLast((size) => size * perDegree >= 90 * unit) ?? 10;
  const lines = (from: number, until: number): number[] =>
    Array.from({ length: Math.max(0, Math.floor(until / step) - Math.ceil(from / step) + 1) }, (_, index) =>
      Number(((Math.ceil(from / step) + index) * step).toFixed(4)),
    );
  const kilometre = perDegree / KILOMETRES_A_DEGREE;
  const kilometres = roundDown((130 * unit) / kilometre, [5, 2, 1]);
  return {
    placed: placed.toSorted((one, other) => one.y - other.y || one.x - other.x),
    centres,
    labels,
    meridians: lines(east - width / 2 / (narrowing * perDegree), east + width / 2 / (narrowing * perDegree)).map((degrees) => ({
      degrees,
      at: width / 2 + (degrees - east) * narrowing * perDegree,
    })),
    parallels: lines(north - height / 2 / perDegree, north + height / 2 / perDegree).map((degrees) => ({
      degrees,
      at: height / 2 - (degrees - north) * perDegree,
    })),
    scale: { kilometres, width: kilometres * kilometre },
  };
}

// ---------------------------------------------------------------- what is said of a site

/** What is the matter with a site: closed before silent, silent before anything else. */
export function siteTone(site: Pick<Site, 'closed' | 'silent_pools' | 'pools'>): Tone {
  if (site.closed) return 'ochre';
  if (site.silent_pools > 0) return 'cinnabar';
  return site.pools.length > 0 ? 'azurite' : 'faint';
}

const siteName = (site: Site): string => (language.value === 'zh' && site.name_zh) || site.name;

function says(site: Site): string {
  const told = [t('says', { name: siteName(site), stage: common.of('stage', site.stage) })];
  if (site.devices > 0) told.push(t('saysDevices', { held: site.devices_held, devices: site.devices }));
  if (known(site.computing_power_pflops)) told.push(t('saysPower', { power: figure(site.computing_power_pflops) }));
  if (site.closed) told.push(t('saysClosed'));
  if (site.silent_pools > 0) told.push(t('saysSilent', { n: site.silent_pools }));
  if (site.pools.length === 0) told.push(t('saysNoPool'));
  return told.join(language.value === 'zh' ? '，' : ', ');
}

function Card({ site }: { site: Site }) {
  return (
    <>
      <b>
        <Name en={site.name} zh={site.name_zh} />
      </b>
      <p class="map-card-state">
        <SiteStage of={site.stage} />
        {site.closed && (
          <span class="mark" data-tone="ochre">
            <Shape is="lock" />
            {t('closed')}
          </span>
        )}
        {site.silent_pools > 0 && (
          <span class="mark" data-tone="cinnabar">
            <Shape is="ring" />
            {t('silentOf', { silent: site.silent_pools, pools: site.pools.length })}
          </span>
        )}
      </p>
      <dl>
        {site.devices > 0 && (
          <>
            <dt>{t('devices')}</dt>
            <dd>
              {whole(site.devices_held)} / {whole(site.devices)}
            </dd>
          </>
        )}
        {site.cores > 0 && (
          <>
            <dt>{t('cores')}</dt>
            <dd>
              {tenths(site.cores_held)} / {tenths(site.cores)}
            </dd>
          </>
        )}
        {site.pools.length > 0 && (
          <>
            <dt>{t('jobs')}</dt>
            <dd>{whole(site.jobs)}</dd>
          </>
        )}
        {known(site.power_kw) && (
          <>
            <dt>{t('power')}</dt>
            <dd>
              <Figure value={site.power_kw} unit="kW" />
            </dd>
          </>
        )}
        <dt>{t('published')}</dt>
        <dd>
          <Figure value={site.computing_power_pflops} unit="PFLOPS" />
        </dd>
        {known(site.racks) && (
          <>
            <dt>{t('racks')}</dt>
            <dd>{whole(site.racks)}</dd>
          </>
        )}
        <dt>{t('pue')}</dt>
        <dd>
          <Figure value={site.pue} />
        </dd>
        {site.position === 'zone' && (
          <>
            <dt>{t('place')}</dt>
            <dd>{t('placeZone')}</dd>
          </>
        )}
      </dl>
    </>
  );
}

/** How much of a site's devices jobs hold, as a ring around its mark. */
function Ring({ share, size, unit }: { share: number; size: number; unit: number }) {
  const radius = size / 2 + 2 * unit;
  const box = size + 8 * unit;
  const around = 2 * Math.PI * radius;
  return (
    <svg class="map-ring" width={box} height={box} viewBox={`${-box / 2} ${-box / 2} ${box} ${box}`} aria-hidden="true">
      <circle class="map-ring-track" r={radius} />
      {share > 0 && (
        <circle
          class="map-ring-held"
          r={radius}
          stroke-dasharray={`${around * Math.min(1, share)} ${around}`}
          transform="rotate(-90)"
        />
      )}
    </svg>
  );
}

// ---------------------------------------------------------------- the map

export interface SiteMapProps {
  sites: readonly Site[];
  by: SizeBy;
  height: number;
  /** How large everything is drawn; 1 is for reading at a desk. */
  unit?: number;
  /** Where a site leads; nowhere on a wall. */
  onOpen?: (id: string) => void;
}

export function SiteMap({ sites, by, height, unit = 1, onOpen }: SiteMapProps) {
  const [attach, width] = useWidth<HTMLDivElement>();
  const [looked, setLooked] = useState<string | null>(null);
  const [stop, setStop] = useState<string | null>(null);
  const here = useMemo(() => sites.filter(located), [sites]);
  const spoken = language.value;
  const drawing = useMemo(
    () => (width > 0 && here.length > 0 ? draw(here, by, width, height, unit) : null),
    [here, by, width, height, unit, spoken],
  );
  if (here.length === 0) return <p class="none">{t('none')}</p>;

  const shown = drawing?.placed.find((one) => one.site.id === looked);
  const first = drawing?.placed.some((one) => one.site.id === stop) ? stop : drawing?.placed[0]?.site.id;
  const go = (event: TargetedKeyboardEvent<HTMLUListElement>): void => {
    const ways: Record<string, Point> = {
      ArrowLeft: { x: -1, y: 0 },
      ArrowRight: { x: 1, y: 0 },
      ArrowUp: { x: 0, y: -1 },
      ArrowDown: { x: 0, y: 1 },
    };
    const way = ways[event.key];
    const from = drawing?.placed.find((one) => one.site.id === (event.target as HTMLElement).dataset.site);
    if (!drawing || !from || (!way && event.key !== 'Home' && event.key !== 'End')) return;
    event.preventDefault();
    const ahead = (one: Placed): number => (way ? (one.x - from.x) * way.x + (one.y - from.y) * way.y : 0);
    const aside = (one: Placed): number => (way ? Math.abs((one.x - from.x) * way.y) + Math.abs((one.y - from.y) * way.x) : 0);
    const cost = (one: Placed): number => ahead(one) + 2 * aside(one);
    const next = way
      ? drawing.placed
          .filter((one) => one !== from && ahead(one) > 1 && aside(one) <= 2 * ahead(one))
          .sort((one, other) => cost(one) - cost(other))[0]
      : drawing.placed[event.key === 'Home' ? 0 : drawing.placed.length - 1];
    if (next) event.currentTarget.querySelector<HTMLElement>(`[data-site="${CSS.escape(next.site.id)}"]`)?.focus();
  };
  const degrees = (value: number, [plus, minus]: readonly ['north' | 'east', 'south' | 'west']): string =>
    t(value < 0 ? minus : plus, { n: Math.abs(value) });

  return (
    <div ref={attach} class="map" style={{ blockSize: `${height}px`, fontSize: `${11 * unit}px` }}>
      {drawing && (
        <>
          <svg class="map-ground" width={width} height={height} aria-hidden="true" focusable="false">
            {drawing.meridians.map((line) => (
              <line key={line.degrees} class="map-grid" x1={line.at} x2={line.at} y1={0} y2={height} />
            ))}
            {drawing.parallels.map((line) => (
              <line key={line.degrees} class="map-grid" x1={0} x2={width} y1={line.at} y2={line.at} />
            ))}
            {drawing.meridians.map(
              (line) =>
                line.at > 40 * unit &&
                line.at < width - 40 * unit && (
                  <text key={line.degrees} class="map-degrees" x={line.at + 4 * unit} y={height - 6 * unit}>
                    {degrees(line.degrees, ['east', 'west'])}
                  </text>
                ),
            )}
            {drawing.parallels.map(
              (line) =>
                line.at > 20 * unit &&
                line.at < height - 24 * unit && (
                  <text key={line.degrees} class="map-degrees" x={4 * unit} y={line.at - 4 * unit}>
                    {degrees(line.degrees, ['north', 'south'])}
                  </text>
                ),
            )}
            {drawing.placed.map(
              (one) =>
                one.moved && <line key={one.site.id} class="map-leader" x1={one.at.x} y1={one.at.y} x2={one.x} y2={one.y} />,
            )}
            {drawing.placed.map(
              (one) =>
                one.moved &&
                one.site.position === 'stated' && (
                  <circle key={one.site.id} class="map-point" cx={one.at.x} cy={one.at.y} r={1.5 * unit} />
                ),
            )}
            {drawing.centres.map(({ x, y }) => (
              <path
                key={`${x} ${y}`}
                class="map-centre"
                d={`M${x - 4 * unit} ${y}h${8 * unit}M${x} ${y - 4 * unit}v${8 * unit}`}
              />
            ))}
            {drawing.labels.map((label) => (
              <text key={`${label.text} ${label.x}`} class="map-zone" x={label.x} y={label.y} text-anchor="middle">
                {label.text}
                {label.count > 1 && <tspan class="map-number"> {label.count}</tspan>}
              </text>
            ))}
            <g class="map-scale">
              <path
                d={`M${width - drawing.scale.width - 12 * unit} ${16 * unit}v${5 * unit}h${drawing.scale.width}v${-5 * unit}`}
              />
              <text x={width - 12 * unit - drawing.scale.width / 2} y={15 * unit} text-anchor="middle">
                {drawing.scale.kilometres} km
              </text>
            </g>
          </svg>
          {/* One stop for the Tab key, arrows within: a hub may have hundreds of sites. */}
          <ul
            class="map-sites"
            aria-label={t('title')}
            aria-description={onOpen && t('keys')}
            onKeyDown={go}
            onPointerLeave={() => setLooked(null)}
          >
            {drawing.placed.map((one) => {
              const { site } = one;
              const look = stageLook(site.stage);
              const size = one.radius * 2;
              const inner = (
                <>
                  {site.devices > 0 && <Ring share={site.devices_held / site.devices} size={size} unit={unit} />}
                  <Shape is={look.shape as ShapeName} filled={look.filled ?? false} />
                  {site.closed && (
                    <span class="map-badge">
                      <Shape is="lock" />
                    </span>
                  )}
                  {!site.closed && site.silent_pools > 0 && (
                    <span class="map-badge">
                      <Shape is="ring" />
                    </span>
                  )}
                </>
              );
              const attributes = {
                'data-tone': siteTone(site),
                class: amountOf(site, by) === null ? 'map-site small' : 'map-site',
                style: {
                  insetInlineStart: `${one.x - one.radius}px`,
                  insetBlockStart: `${one.y - one.radius}px`,
                  inlineSize: `${size}px`,
                  blockSize: `${size}px`,
                },
              };
              if (!onOpen)
                return (
                  <li key={site.id}>
                    <span {...attributes} role="img" aria-label={says(site)}>
                      {inner}
                    </span>
                  </li>
                );
              return (
                <li key={site.id}>
                  <a
                    {...attributes}
                    href={`/sites/${encodeURIComponent(site.id)}`}
                    data-site={site.id}
                    tabIndex={site.id === first ? 0 : -1}
                    aria-label={says(site)}
                    onPointerEnter={() => setLooked(site.id)}
                    onFocus={() => {
                      setLooked(site.id);
                      setStop(site.id);
                    }}
                    onBlur={() => setLooked(null)}
                  >
                    {inner}
                  </a>
                </li>
              );
            })}
          </ul>
          {shown && onOpen && (
            <div
              class="readout map-card"
              aria-hidden="true"
              // In the corner that is farthest, so that it hides none of the neighbours.
              style={{
                [shown.x > width / 2 ? 'left' : 'right']: '10px',
                [shown.y > height / 2 ? 'top' : 'bottom']: shown.y > height / 2 ? '32px' : '26px',
              }}
            >
              <Card site={shown.site} />
            </div>
          )}
        </>
      )}
    </div>
  );
}

const STAGES = ['operating', 'commissioning', 'building', 'announced', 'retiring', 'retired', 'unknown'];

/** What the marks mean, and what is not on the map. */
export function MapKey({ sites, by, list = true }: { sites: readonly Site[]; by: SizeBy; list?: boolean }) {
  const here = sites.filter(located);
  const away = sites.length - here.length;
  const tones: readonly [Tone, string, ShapeName][] = [
    ['azurite', t('inTouch'), 'square'],
    ['cinnabar', t('silent'), 'ring'],
    ['ochre', t('closed'), 'lock'],
    ['faint', t('noPool'), 'square'],
  ];
  return (
    <div class="map-key">
      <ul class="legend map-stages">
        {STAGES.map((stage) => ({ stage, n: here.filter((site) => site.stage === stage).length }))
          .filter(({ n }) => n > 0)
          .map(({ stage, n }) => (
            <li key={stage}>
              <SiteStage of={stage} /> <b>{n}</b>
            </li>
          ))}
      </ul>
      <ul class="legend">
        {tones
          .filter(([tone]) => here.some((site) => siteTone(site) === tone))
          .map(([tone, word, shape]) => (
            <li key={tone}>
              <span class="mark" data-tone={tone}>
                <Shape is={shape} filled={shape === 'square'} />
                <span>{word}</span>
              </span>
            </li>
          ))}
        {here.some((site) => site.devices > 0) && (
          <li>
            <svg class="map-ring-key" viewBox="-7 -7 14 14" width="14" height="14" aria-hidden="true">
              <circle class="map-ring-track" r="5" />
              <circle class="map-ring-held" r="5" stroke-dasharray="11 32" transform="rotate(-90)" />
            </svg>
            {t('ring')}
          </li>
        )}
        <li>
          {t('sizeOf')}: {t(`size.${by}`)}; {t(by === 'devices' ? 'sizeNoDevice' : 'sizeUnknown')}
        </li>
        {here.some((site) => site.position === 'zone') && (
          <li>
            <span aria-hidden="true">+ ≈</span>
            {t('zoneCentre')}
          </li>
        )}
      </ul>
      {by === 'power' && <p class="note">{t('sizeNote')}</p>}
      {list && (
        <p class="note">
          {away > 0 && <>{t('notOnMap', { n: away })} </>}
          <a href="/sites">{t('asList')}</a>
        </p>
      )}
    </div>
  );
}
