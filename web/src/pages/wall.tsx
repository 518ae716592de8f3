import '../style/pages/wall.css';

import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import { useGo, useQuery } from '../address';
import { type Address, at } from '../api/client';
import { hub, now } from '../api/hub';
import { lastSeen, link, useLive } from '../api/live';
import type { Census, Hub as HubView, LadderRow, Load, PoolList, SiteList } from '../api/types';
import { words } from '../i18n';
import en from '../i18n/en/wall';
import zh from '../i18n/zh/wall';
import { distanceText, figureWords, metricName, Place, progressText, Stated, TargetBar, targetsAhead } from '../parts/figures';
import { SiteMap } from '../parts/sitemap';
import { Bar, common, Figure, format, known, Name, Page, Shape, Si, Unknown } from '../ui';
import { useSize } from '../ui/width';

const t = words(en, zh);
const HOUR = 3_600_000;
const IDLE_MS = 3000;
/** Everything moves a little once in so many milliseconds, so that nothing burns into a screen that is never off. */
const SHIFT_MS = 60_000;
const SHIFTS = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
  [-1, -1],
  [0, -1],
] as const;

/** The hub for a wall: read from afar, live, nothing to press. */
export default function Wall() {
  const query = useQuery();
  const load = useLive(at('/v1/load', { hours: 24 }) as Address<Load>, ['job', 'pool'], { every: 15_000, poll: 60_000 });
  const sites = useLive(at('/v1/sites') as Address<SiteList>, ['pool', 'job', 'census', 'closing'], { every: 3000 });
  const pools = useLive(at('/v1/pools') as Address<PoolList>, ['pool'], { every: 3000 });
  const census = useLive(at<Census>('/v1/census'), ['census', 'pool', 'job'], { every: 5000 });
  const idle = useIdle();
  useAwake();
  const bright = query.get('theme') === 'light';
  useEffect(() => {
    document.documentElement.classList.add('wall-page');
    return () => document.documentElement.classList.remove('wall-page');
  }, []);
  const silent = pools.data?.pools.filter((pool) => !pool.contact).length ?? 0;
  const closed = sites.data?.sites.filter((site) => site.closed).length ?? 0;
  const told = hub.value;
  const away = link.value === 'away';
  return (
    <main class={['wall', bright ? 'bright' : 'dark', idle && 'idle', away && 'away'].filter(Boolean).join(' ')}>
      <Shifted>
        <Page
          title={t('title')}
          heading={told ? <Name en={told.name} zh={told.name_zh} /> : t('title')}
          aside={
            <>
              {away && (
                <p class="wall-alarm" data-tone="cinnabar" role="alert">
                  <Shape is="warning" />
                  {t('away', { time: lastSeen.value ? format.clock(lastSeen.value.getTime()) : '–' })}
                </p>
              )}
              {!away && silent > 0 && (
                <p class="wall-alarm" data-tone="cinnabar">
                  <Shape is="ring" />
                  {t('silent', { n: silent })}
                </p>
              )}
              {!away && closed > 0 && (
                <p class="wall-alarm" data-tone="ochre">
                  <Shape is="lock" />
                  {t('closed', { n: closed })}
                </p>
              )}
              <Clock />
            </>
          }
        >
          {told && <Numbers of={told} />}
          <section class="wall-map" aria-label={t('sites')}>
            <h2>{t('sites')}</h2>
            {sites.data && <Map of={sites.data} />}
          </section>
          <section class="wall-use" aria-label={t('use')}>
            <h2>{t('use')}</h2>
            {load.data && <Use of={load.data} />}
          </section>
          <section class="wall-target" aria-label={t('target')}>
            {census.data && <Aim of={census.data} />}
          </section>
          <section class="wall-ladder" aria-label={t('ladder')} tabIndex={0}>
            <h2>
              {t('ladder')} <small>{t('ladderNote')}</small>
            </h2>
            {census.data && <Rows of={census.data.ladder} />}
          </section>
        </Page>
      </Shifted>
      <FullScreen idle={idle} />
    </main>
  );
}

// ---------------------------------------------------------------- the screen

function Shifted({ children }: { children: ComponentChildren }) {
  const [step, setStep] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setStep((before) => (before + 1) % SHIFTS.length), SHIFT_MS);
    return () => clearInterval(timer);
  }, []);
  const [x, y] = SHIFTS[step] ?? [0, 0];
  return (
    <div class="wall-sheet" style={{ translate: `calc(${x} * 0.5 * var(--u)) calc(${y} * 0.5 * var(--u))` }}>
      {children}
    </div>
  );
}

/** Whether nobody moves the pointer or presses a key. */
function useIdle(): boolean {
  const [idle, setIdle] = useState(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stir = (): void => {
      setIdle(false);
      clearTimeout(timer);
      timer = setTimeout(() => setIdle(true), IDLE_MS);
    };
    const kinds = ['pointermove', 'pointerdown', 'keydown'] as const;
    for (const kind of kinds) window.addEventListener(kind, stir);
    return () => {
      clearTimeout(timer);
      for (const kind of kinds) window.removeEventListener(kind, stir);
    };
  }, []);
  return idle;
}

/** The screen stays on where the browser allows it. */
function useAwake(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    let gone = false;
    const ask = (): void => {
      if (document.hidden || gone || !('wakeLock' in navigator)) return;
      navigator.wakeLock.request('screen').then(
        (given) => {
          if (gone) void given.release();
          else lock = given;
        },
        () => undefined,
      );
    };
    ask();
    document.addEventListener('visibilitychange', ask);
    return () => {
      gone = true;
      document.removeEventListener('visibilitychange', ask);
      void lock?.release();
    };
  }, []);
}

function FullScreen({ idle }: { idle: boolean }) {
  const go = useGo();
  const [full, setFull] = useState(document.fullscreenElement !== null);
  const leftAt = useRef(-Infinity);
  useEffect(() => {
    const change = (): void => {
      const is = document.fullscreenElement !== null;
      if (!is) leftAt.current = performance.now();
      setFull(is);
    };
    // The Escape that ends a full screen is not meant for the page too.
    const press = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && document.fullscreenElement === null && performance.now() - leftAt.current > 500) go('/');
    };
    document.addEventListener('fullscreenchange', change);
    document.addEventListener('keydown', press);
    return () => {
      document.removeEventListener('fullscreenchange', change);
      document.removeEventListener('keydown', press);
      if (document.fullscreenElement !== null) void document.exitFullscreen();
    };
  }, [go]);
  if (!document.fullscreenEnabled) return null;
  const turn = (): void => {
    void (full ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(() => undefined);
  };
  return (
    <button type="button" class={idle ? 'wall-button hidden' : 'wall-button'} onClick={turn}>
      {t(full ? 'notFull' : 'full')}
    </button>
  );
}

function Clock() {
  return (
    <p class="wall-clock">
      <time dateTime={new Date(now.value).toISOString()}>
        <b>{format.clock(now.value)}</b>{' '}
        <span>
          {format.day(now.value)} {format.zone()}
        </span>
      </time>
    </p>
  );
}

// ---------------------------------------------------------------- what is shown

function Large({
  name,
  note,
  share,
  children,
}: {
  name: string;
  note?: ComponentChildren;
  share?: number;
  children: ComponentChildren;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="wall-number">{children}</dd>
      <dd class="wall-note">
        {share !== undefined && <Bar share={share} />}
        {note}
      </dd>
    </div>
  );
}

function Numbers({ of: told }: { of: HubView }) {
  const { devices = 0, devices_held = 0, cores = 0, cores_held = 0, power } = told;
  const how =
    power &&
    (power.read_kw > 0 && power.modelled_kw > 0
      ? t('powerBoth')
      : power.modelled_kw > 0
        ? t('powerModelled')
        : power.kw === null
          ? ''
          : t('powerRead'));
  const lacking = (power as { pools_unknown?: number } | null | undefined)?.pools_unknown ?? 0;
  return (
    <dl class="wall-numbers">
      <Large name={t('running')}>
        <Figure value={told.running} as="whole" />
      </Large>
      <Large name={t('waiting')}>
        <Figure value={told.waiting} as="whole" />
      </Large>
      <Large
        name={t('devices')}
        {...(devices > 0 ? { share: devices_held / devices } : {})}
        note={devices > 0 ? `${format.whole(devices_held)} / ${format.whole(devices)}` : t('none')}
      >
        {devices > 0 ? <Percent of={devices_held / devices} /> : <span class="none">–</span>}
      </Large>
      <Large
        name={t('cores')}
        {...(cores > 0 ? { share: cores_held / cores } : {})}
        note={cores > 0 ? `${format.tenths(cores_held)} / ${format.tenths(cores)}` : t('none')}
      >
        {cores > 0 ? <Percent of={cores_held / cores} /> : <span class="none">–</span>}
      </Large>
      {power && (
        <>
          <Large name={t('power')} note={[how, lacking > 0 && t('powerLacking', { n: lacking })].filter(Boolean).join('; ')}>
            <Si value={power.kw} unit="W" from="k" about={power.modelled_kw > 0} />
          </Large>
          <Large name={t('carbon')} note={power.kw === null ? '' : t('carbonNote')}>
            <Figure {...format.carbonOfHour(power.carbon_kg_per_hour)} about={power.modelled_kw > 0} />
          </Large>
        </>
      )}
    </dl>
  );
}

const percentText = (share: number): string => `${Math.round(share * 100)} %`;
const Percent = ({ of: share }: { of: number }) => (
  <span class="nowrap">
    {Math.round(share * 100)}
    <span class="unit"> %</span>
  </span>
);

function Map({ of: { sites } }: { of: SiteList }) {
  const [attach, width, height] = useSize<HTMLDivElement>();
  const by = sites.some((site) => site.devices > 0) ? 'devices' : 'power';
  return (
    <div ref={attach} class="wall-ground">
      {width > 0 && height > 0 && (
        <SiteMap sites={sites} by={by} height={height} unit={Math.max(1, Math.min(height / 265, width / 470))} />
      )}
    </div>
  );
}

/** The share of devices that were held in each hour; this hour's is that of its part that is over. */
function Use({ of: load }: { of: Load }) {
  const [attach, width, height] = useSize<HTMLDivElement>();
  const { hours, devices } = load;
  const minute = Math.floor(now.value / 60_000);
  const shares = useMemo(
    () =>
      hours.map((hour, index) => {
        const begun = Date.parse(hour.from);
        const over = index === hours.length - 1 ? Math.min(1, Math.max(1 / 60, (minute * 60_000 - begun) / HOUR)) : 1;
        return { begun, share: devices > 0 ? hour.device_hours / devices / over : 0 };
      }),
    [hours, devices, minute],
  );
  if (devices === 0) return <p class="none">{t('useNone')}</p>;
  const over = shares.slice(0, -1);
  const mean = over.length > 0 ? over.reduce((sum, one) => sum + one.share, 0) / over.length : null;
  const last = shares[shares.length - 1];
  const size = height / 12;
  const [left, bottom] = [size * 3.9, height - size * 1.5];
  const top = size * 0.7;
  const most = Math.max(1, ...shares.map((one) => one.share));
  const y = (share: number): number => bottom - (share / most) * (bottom - top);
  const step = (width - left) / Math.max(1, shares.length);
  return (
    <>
      <p class="wall-said">
        {mean !== null && t('useMean', { share: percentText(mean) })}
        {last && <> · {t('useNow', { share: percentText(last.share) })}</>}
      </p>
      <div ref={attach} class="wall-ground">
        {width > 0 && (
          <svg
            width={width}
            height={height}
            role="img"
            aria-label={t('useSays', {
              told: shares
                .map((one) => t('useHour', { hour: format.clock(one.begun, false), share: percentText(one.share) }))
                .join('; '),
            })}
            style={{ fontSize: `${size}px` }}
          >
            {[0, 0.5, 1].map((level) => (
              <g key={level}>
                <line class="wall-line" x1={left} x2={width} y1={y(level)} y2={y(level)} />
                <text x={left - size * 0.5} y={y(level) + size * 0.35} text-anchor="end">
                  {level * 100} %
                </text>
              </g>
            ))}
            {shares.map((one, index) => {
              const hour = Number(format.clock(one.begun, false).slice(0, 2));
              return (
                <g key={one.begun}>
                  <rect
                    class={index === shares.length - 1 ? 'wall-bar now' : 'wall-bar'}
                    x={left + index * step + step * 0.1}
                    width={step * 0.8}
                    y={y(one.share)}
                    height={one.share > 0 ? Math.max(1, bottom - y(one.share)) : 0}
                  />
                  {hour % 6 === 0 && (
                    <text x={left + index * step} y={height - size * 0.2} text-anchor={index < 2 ? 'start' : 'middle'}>
                      {format.clock(one.begun, false)}
                    </text>
                  )}
                </g>
              );
            })}
          </svg>
        )}
      </div>
    </>
  );
}

function Aim({ of: census }: { of: Census }) {
  const [target] = targetsAhead(census.targets, census.as_of);
  if (!target)
    return (
      <>
        <h2>{t('target')}</h2>
        <p class="none">{t('noTarget')}</p>
      </>
    );
  const [progress, distance] = [progressText(target), distanceText(target)];
  const forecast = target.forecast;
  return (
    <>
      <h2>
        {metricName(target.metric)}{' '}
        <small>
          <Place of={target.scope} /> · {figureWords('by', { due: target.due })}
        </small>
      </h2>
      <p class="wall-aim">
        <b>
          <Stated of={target} />
        </b>{' '}
        <span>
          {figureWords('reached')} {target.reached ? <Stated of={{ stated: target.reached, unit: target.unit }} /> : <Unknown />}
        </span>
      </p>
      <TargetBar of={target} />
      <p class="wall-said">{[progress, distance && t('toGo', { distance })].filter(Boolean).join(' · ')}</p>
      <p class="wall-said">
        {forecast ? (
          <>
            {figureWords('forecastOf')} <Stated of={{ stated: forecast.value, unit: target.unit }} />
            {known(forecast.probability_permille) && (
              <> · {figureWords('forecastEnough', { share: `${Math.round(forecast.probability_permille / 10)} %` })}</>
            )}
          </>
        ) : (
          figureWords('forecastNone')
        )}
      </p>
    </>
  );
}

const RUNGS = ['announced', 'built', 'connected', 'schedulable', 'allocated', 'delivered'] as const;
/** The precision in which each class is compared with what is published. */
const MAIN: Record<string, string> = { general: 'fp32', intelligent: 'fp16', super: 'fp64' };

function Rows({ of: ladder }: { of: readonly LadderRow[] }) {
  const rows = ladder.filter((row) => MAIN[row.class] === row.precision && row.sparsity !== 'sparse');
  return (
    <table class="wall-rows">
      <caption class="unseen">{common('ladder')}</caption>
      <thead>
        <tr>
          <td />
          {RUNGS.map((rung) => (
            <th key={rung} scope="col">
              {common(`rung.${rung}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const values = RUNGS.map((rung) => row[`${rung}_eflops`]);
          const most = Math.max(0, ...values.filter(known));
          return (
            <tr key={row.class}>
              <th scope="row">
                {common.of('class', row.class)} <small>{row.precision}</small>
              </th>
              {RUNGS.map((rung, step) => {
                const value = values[step];
                return (
                  <td key={rung}>
                    {value === 0 ? '0' : <Si value={value} unit="" from="E" />}
                    <Bar share={known(value) ? (most > 0 ? value / most : 0) : null} />
                  </td>
                );
              })}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
