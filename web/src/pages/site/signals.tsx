// What is read of a site hour by hour: power, PUE, and where it has its own, price and carbon factor.

import { useMemo } from 'preact/hooks';

import { at } from '../../api/client';
import { now } from '../../api/hub';
import { useLive } from '../../api/live';
import type { Schemas } from '../../api/types';
import { words } from '../../i18n';
import en from '../../i18n/en/site';
import zh from '../../i18n/zh/site';
import { HOLDS, HOUR } from '../../parts/holding';
import { Empty, format, Shown, Time } from '../../ui';
import { type Point, TimeChart } from '../../ui/chart';
import { readCommand } from './energy';

const t = words(en, zh);

type Signal = Schemas['SignalView'];

const KINDS = ['power', 'power-cap', 'pue', 'electricity', 'carbon'];

/** Readings as steps, with what nobody read as gaps. */
function points(signal: Signal, from: number, until: number): Point[] {
  const found: Point[] = [];
  let end = from;
  for (const [when, value] of signal.readings) {
    const moment = Date.parse(when);
    if (moment > end) found.push({ at: end, value: null });
    found.push({ at: moment, value });
    // A cap is an order: it holds until another is sent.
    end = signal.kind === 'power-cap' ? Number.POSITIVE_INFINITY : moment + HOLDS;
  }
  if (end < until) found.push({ at: end, value: null }, { at: until, value: null });
  else {
    const last = found.at(-1);
    if (last && last.at < until) found.push({ at: until, value: last.value });
  }
  return found;
}

function Chart({ signal, from }: { signal: Signal; from: number }) {
  const newest = signal.readings.at(-1);
  const until = Math.max(now.peek(), newest ? Date.parse(newest[0]) : 0);
  const unit = signal.kind === 'pue' ? undefined : signal.unit;
  const show = (value: number): string =>
    signal.kind.startsWith('power') ? format.figure(value) : format.exact(Math.round(value * 1e4) / 1e4);
  return (
    <div>
      <TimeChart
        title={t.of('signal', signal.kind)}
        unit={unit}
        as="step"
        height={150}
        floor={signal.kind === 'pue' ? 1 : 0}
        from={from}
        until={until}
        format={show}
        interval={HOUR}
        series={[{ name: t.of('signal', signal.kind), points: points(signal, from, until) }]}
      />
      {newest && (
        <p class="note">
          {t.rich('newest', {
            value: (
              <b>
                {show(newest[1])}
                {unit && ` ${unit}`}
              </b>
            ),
            at: <Time at={newest[0]} short ago />,
          })}
        </p>
      )}
    </div>
  );
}

export function Signals({
  site,
  hours,
  own,
}: {
  site: string;
  hours: number;
  /** Whether the reader may tell readings of it. */
  own: boolean;
}) {
  const from = useMemo(() => Math.floor(now.peek() / HOUR) * HOUR - hours * HOUR, [hours]);
  const live = useLive(at('/v1/signals', { scope: `site:${site}`, from: new Date(from).toISOString() }), ['census'], {
    every: 10_000,
  });
  return (
    <Shown of={live} lines={5}>
      {({ signals }) => {
        const read = KINDS.flatMap((kind) => signals.filter((signal) => signal.kind === kind && signal.readings.length > 0));
        if (read.length === 0) {
          return own ? (
            <Empty command={readCommand(site, 'pue')}>{t('noSignalsEver')}</Empty>
          ) : (
            <p class="none">{t('noSignals')}</p>
          );
        }
        return (
          <div class="columns">
            {read.map((signal) => (
              <Chart key={signal.kind} signal={signal} from={from} />
            ))}
          </div>
        );
      }}
    </Shown>
  );
}
