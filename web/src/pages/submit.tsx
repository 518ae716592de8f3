import '../style/pages/submit.css';

import { useEffect } from 'preact/hooks';

import { useQuery } from '../address';
import { type Address, at } from '../api/client';
import { useLive } from '../api/live';
import { may } from '../api/session';
import { type Bundle, formOf, readBundle, type SubmitForm } from '../parts/bundle';
import { Notice, Page, Problem, Skeleton, Tabs } from '../ui';
import { BLANK, type Draft, draft, draftOf, filledBy, fits } from './submit/draft';
import { FormWay, labelOf, taking } from './submit/form';
import { FileWay } from './submit/upload';
import { t } from './submit/words';

/** Fields that an address may fill in: `/submit?pools=sample`, `/submit?like=job-3&devices=4`. */
const TEXTS = ['name', 'devices', 'replicas', 'cpus', 'memory', 'time_limit', 'image'] as const;
const LISTS = ['sites', 'pools', 'inputs'] as const;

export default function Submit() {
  const query = useQuery();
  const like = query.get('like');
  const told = useLive(like ? (at('/v1/jobs/{id}/bundle', { id: like }) as Address<Bundle>) : null, []);
  const job = useLive(like ? at('/v1/jobs/{id}', { id: like }) : null, []);

  const changes: Partial<Draft> = {};
  for (const field of TEXTS) if (query.get(field)) changes[field] = query.get(field);
  for (const field of LISTS) if (query.get(field)) changes[field] = query.get(field).split(',');
  if (query.get('models')) Object.assign(changes, query.get('models') === 'any' ? taking({ field: 'models', to: 'any' }) : { models: [query.get('models')] });
  const named = Object.keys(changes);
  const key = `${like} ${JSON.stringify(changes)}`;

  const spec = told.data ? readBundle(told.data).spec : null;
  const before: SubmitForm | null = spec ? formOf(spec) : null;
  useEffect(() => {
    // What the reader has written since is not overwritten, and an address without a wish changes nothing.
    if (filledBy.peek() === key || (!like && named.length === 0)) return;
    if (like && (!before || !job.data)) return;
    filledBy.value = key;
    const filled = before && job.data ? { ...draftOf(before), tenant: may('operator') ? job.data.tenant : '' } : { ...BLANK };
    draft.value = { ...filled, ...changes };
  });

  const fields = named.map((field) => labelOf(field) ?? field).join(', ');
  const way = query.get('by');
  return (
    <Page title={t('title')}>
      <Tabs name="by" label={t('ways')} options={[{ value: '', label: t('byForm') }, { value: 'file', label: t('byFile') }]} />
      {like && way !== 'file' && (told.error ? <Problem error={told.error} again={told.again} /> : before ? (
        <Notice tone="azurite">
          <p>
            {t.rich('filled', { job: <a href={`/jobs/${like}`}>{like}</a> })}
            {named.length > 0 && ` ${t('filledChange', { what: fields })}`}
            {before.array && ` ${t('filledArray', { job: like, n: before.array })}`}
            {!fits(before) && ` ${t('filledEnv')}`}
          </p>
          <button type="button" onClick={() => {
            draft.value = BLANK;
            filledBy.value = '';
            query.set(Object.fromEntries(['like', 'models', ...TEXTS, ...LISTS].map((name) => [name, null])), true);
          }}>{t('blank')}</button>
        </Notice>
      ) : <Skeleton lines={1} />)}
      {way === 'file' ? <FileWay /> : <FormWay key={filledBy.value} />}
    </Page>
  );
}
