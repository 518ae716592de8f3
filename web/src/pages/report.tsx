import '../style/pages/report.css';

import { useEffect, useState } from 'preact/hooks';

import { useQuery } from '../address';
import { type Address, at, download } from '../api/client';
import { hub, now } from '../api/hub';
import { useLive } from '../api/live';
import type { SiteList } from '../api/types';
import { language, words } from '../i18n';
import en from '../i18n/en/report';
import zh from '../i18n/zh/report';
import { Choices, format, Page, Problem, Shown } from '../ui';
import type { Report as ReportData } from './report/data';
import { Whole } from './report/whole';

const t = words(en, zh);

/** The year's report: what the hub has and how it grew, each figure with its source. It prints as a page to publish. */
export default function Report() {
  const query = useQuery();
  const date = query.get('at');
  const report = useLive(at('/v1/report', { at: date }) as Address<ReportData>, ['census'], { every: 5000, patience: 60_000 });
  const sites = useLive(at('/v1/sites') as Address<SiteList>, ['census'], { every: 60_000 });
  const [failed, setFailed] = useState<unknown>(null);
  const data = report.data;

  // A link to a figure leads here before the figure is read.
  useEffect(() => {
    if (data === null || location.hash.length < 2) return undefined;
    const frame = requestAnimationFrame(() => {
      const found = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      found?.scrollIntoView({ block: found.matches('section') ? 'start' : 'center' });
      found?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [data === null]);

  const told = hub.value;
  const name = data
    ? (language.value === 'zh' && data.hub_zh) || data.hub
    : told
      ? (language.value === 'zh' && told.name_zh) || told.name
      : '';
  const year = Number(format.day(now.peek()).slice(0, 4));
  const ends = [1, 2, 3].map((before) => `${year - before}-12-31`);
  const options = [{ value: '', label: t('today') }, ...ends.map((end) => ({ value: end, label: end }))];
  if (date && !ends.includes(date)) options.push({ value: date, label: date });
  const bring = (): void => {
    setFailed(null);
    const asked = at('/v1/report', { at: date });
    download(asked, `report-${data?.as_of ?? date}.json`).catch(setFailed);
  };
  return (
    <Page
      title={t('title')}
      heading={name ? t('heading', { hub: name }) : t('title')}
      lead={data && t('lead', { date: data.as_of })}
      aside={
        <>
          <button type="button" onClick={bring} disabled={!data}>
            {t('download')}
          </button>
          <button type="button" onClick={() => print()} disabled={!data}>
            {t('print')}
          </button>
        </>
      }
    >
      <div class="filters report-dates">
        <Choices name="at" label={t('dates')} options={options} clears={[]} />
        <label>
          {t('date')}{' '}
          <input
            type="date"
            value={/^\d{4}-\d\d-\d\d$/.test(date) ? date : ''}
            max={`${year + 50}-12-31`}
            onChange={(event) => query.set({ at: event.currentTarget.value })}
          />
        </label>
      </div>
      {failed !== null && <Problem error={failed} alert />}
      <Shown of={report} lines={14}>
        {(read) => <Whole report={read} sites={sites.data?.sites ?? []} />}
      </Shown>
    </Page>
  );
}
