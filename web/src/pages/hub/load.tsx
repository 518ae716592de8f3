// The load of the hub by hour, as charts.

import type { Load } from '../../api/types';
import { words } from '../../i18n';
import en from '../../i18n/en/hub';
import zh from '../../i18n/zh/hub';
import { format } from '../../ui';
import { TimeChart } from '../../ui/chart';

const t = words(en, zh);
const HOUR = 3_600_000;

/** The mean of the hours that are over, as a share of what there is now. */
function mean(values: readonly number[], total: number): string | null {
  const over = values.slice(0, -1);
  return over.length > 0 && total > 0 ? format.percent(over.reduce((sum, value) => sum + value, 0) / over.length / total) : null;
}

export default function LoadCharts({ load }: { load: Load }) {
  const { hours, devices, cores } = load;
  if (devices === 0 && cores === 0 && hours.every((hour) => hour.device_hours === 0 && hour.core_hours === 0))
    return <p class="none">{t('loadNone')}</p>;
  const deviceHours = hours.map((hour) => hour.device_hours);
  const coreHours = hours.map((hour) => hour.core_hours);
  const points = (values: readonly number[]) =>
    hours.map((hour, index) => ({ at: Date.parse(hour.from), value: values[index] ?? null }));
  const [meanDevices, meanCores] = [mean(deviceHours, devices), mean(coreHours, cores)];
  const anyDevice = devices > 0 || deviceHours.some((value) => value > 0);
  return (
    <div class="hub-load">
      {anyDevice && (
        <div>
          <TimeChart
            title={t('loadDevices')}
            unit={t('deviceHours')}
            as="bars"
            unfinished
            interval={HOUR}
            height={150}
            series={[{ name: t('held'), points: points(deviceHours) }]}
            {...(devices > 0 ? { limit: { name: t('devicesNow'), value: devices } } : {})}
          />
          {meanDevices && <p class="note">{t('loadMean', { share: meanDevices })}</p>}
        </div>
      )}
      <div>
        <TimeChart
          title={t('loadCores')}
          unit={t('coreHours')}
          as="bars"
          unfinished
          interval={HOUR}
          height={150}
          series={[{ name: t('held'), points: points(coreHours) }]}
          {...(cores > 0 ? { limit: { name: t('coresNow'), value: cores } } : {})}
        />
        {meanCores && <p class="note">{t('loadMeanCores', { share: meanCores })}</p>}
      </div>
    </div>
  );
}
