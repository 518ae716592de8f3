// What a site drew in a month, by readings of its power.

import { useQuery } from '../../address';
import { at, Refused } from '../../api/client';
import { now, offset } from '../../api/hub';
import { useLive } from '../../api/live';
import { words } from '../../i18n';
import en from '../../i18n/en/site';
import zh from '../../i18n/zh/site';
import { HOLDS } from '../../parts/holding';
import { Bar, Empty, Fact, Facts, Figure, format, SelectBox, Shown, Unknown, Yuan } from '../../ui';

const t = words(en, zh);

interface Drawn {
  period: string;
  hours: number;
  hours_read: number;
  energy_kwh: number;
  energy_cost_yuan: number | null;
  demand_cost_yuan: number | null;
  peak_kw: number | null;
  carbon_kg: number | null;
  carbon_market_kg: number | null;
  pue: number | null;
  cue: number | null;
}

const MONTHS = 13;

/** The month that is chosen; this one, if none is. */
function useMonth(): string {
  const chosen = useQuery().get('month');
  return /^\d{4}-\d{2}$/.test(chosen) ? chosen : format.month(now.peek());
}

export function MonthChoice() {
  const here = format.month(now.peek());
  const months = Array.from({ length: MONTHS }, (_, back) => format.monthAfter(here, -back));
  return (
    <SelectBox
      name="month"
      label={t('month')}
      clears={[]}
      options={months.map((month, back) => ({ value: back === 0 ? '' : month, label: month }))}
    />
  );
}

/** The command that tells readings of a site. */
export const readCommand = (site: string, kind: string): string =>
  `shugu signal add --kind ${kind} --scope site:${site} readings.csv`;

export function Energy({ site }: { site: string }) {
  const month = useMonth();
  const current = month === format.month(now.peek());
  // Whether anybody reads it this month is seen by its readings: without one the hub has nothing to answer.
  const begin = Date.parse(`${month}-01T00:00:00Z`) - offset.value * 60_000 - HOLDS;
  const readings = useLive(
    current ? at('/v1/signals', { scope: `site:${site}`, kind: 'power', from: new Date(begin).toISOString() }) : null,
    ['census'],
    { every: 10_000 },
  );
  const read = !current || (readings.data?.signals.some((signal) => signal.readings.length > 0) ?? null);
  const live = useLive(read ? at<Drawn>('/v1/sites/{name}/energy', { name: site, period: month }) : null, ['census'], {
    every: 10_000,
  });
  if (read === null)
    return (
      <Shown of={readings} lines={3}>
        {() => null}
      </Shown>
    );
  if (!read || (live.error instanceof Refused && live.error.status === 404)) {
    return <Empty command={readCommand(site, 'power')}>{t('notRead', { month })}</Empty>;
  }
  return (
    <Shown of={live} lines={3}>
      {(drawn) => (
        <Facts>
          <Fact name={t('energyUsed')}>
            <Figure value={drawn.energy_kwh} unit="kWh" />
          </Fact>
          <Fact name={t('hoursRead')}>
            <Figure value={drawn.hours_read} as="tenths" />
            <span class="unit">
              {' '}
              / <Figure value={drawn.hours} as="tenths" unit="h" />
            </span>
            <Bar share={drawn.hours > 0 ? drawn.hours_read / drawn.hours : 0} />
            <span class="under">{t('hoursReadNote')}</span>
          </Fact>
          <Fact name={t('peak')}>
            <Figure value={drawn.peak_kw} unit="kW" />
          </Fact>
          <Fact name={t('energyCost')}>
            {drawn.energy_cost_yuan === null ? (
              <Unknown>{t('energyCostUnknown')}</Unknown>
            ) : (
              <Yuan value={drawn.energy_cost_yuan} />
            )}
          </Fact>
          <Fact name={t('demandCost')}>
            {drawn.demand_cost_yuan === null ? (
              <Unknown>{t('demandCostUnknown')}</Unknown>
            ) : (
              <Yuan value={drawn.demand_cost_yuan} />
            )}
          </Fact>
          <Fact name={t('carbon')}>
            <Figure value={drawn.carbon_kg} unit="kg" />
            <span class="under">{t('carbonNote')}</span>
          </Fact>
          <Fact name={t('carbonMarket')}>
            <Figure value={drawn.carbon_market_kg} unit="kg" />
          </Fact>
          <Fact name={t('monthPue')}>
            <Figure value={drawn.pue} />
          </Fact>
          <Fact name={t('cue')}>
            <Figure value={drawn.cue} unit="kg/kWh" />
            <span class="under">{t('cueNote')}</span>
          </Fact>
        </Facts>
      )}
    </Shown>
  );
}
