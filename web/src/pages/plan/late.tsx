// What makes a plan late: how likely the target would be met if one thing never were.

import { words } from '../../i18n';
import en from '../../i18n/en/plan';
import zh from '../../i18n/zh/plan';
import { format, known, Part } from '../../ui';
import { BarChart } from '../../ui/chart';
import { AssumedName } from './names';
import type { PlanResult } from './result';

const t = words(en, zh);

export function Drivers({ result }: { result: PlanResult }) {
  const now = result.probability_target_met;
  if (!known(now)) return null;
  const drivers = result.drivers.filter((driver) => driver.if_never_late > now + 1e-9);
  return (
    <Part title={t('drivers')} id="drivers" note={t('driversNote')}>
      {drivers.length === 0 ? <p>{t('noDriver')}</p> : (
        <BarChart
          title={t('driverChart')}
          most={1}
          format={format.percent}
          rows={[
            { key: '', name: <i>{t('asItIs')}</i>, value: now },
            ...drivers.map((driver) => ({
              key: driver.what,
              name: <AssumedName text={driver.what} />,
              value: driver.if_never_late,
              note: t('plus', { n: Math.round((driver.if_never_late - now) * 1000) / 10 }),
            })),
          ]}
        />
      )}
    </Part>
  );
}
