// A file of jobs: pasted, dropped or chosen; each job is tried out, and all are sent at once.

import { useEffect, useRef, useState } from 'preact/hooks';

import { useQuery } from '../../address';
import { ask, Refused } from '../../api/client';
import type { Schemas } from '../../api/coming';
import { now } from '../../api/hub';
import { changed } from '../../api/live';
import type { SubmitForm } from '../../parts/bundle';
import { modelNames, reasonInWords, refusedInWords, type WhyView } from '../../parts/why';
import { AreaField, type Column, Form, format, known, Mark, Notice, Problem, Table } from '../../ui';
import { draft, draftOf, fileText, fits } from './draft';
import type * as files from './file';
import { taking, useArrival } from './form';
import { located, Outcome, TRY_OUT, useTryOut, Verdict } from './outcome';
import { t } from './words';

const EXAMPLE = `- name: prepare
  command: [sh, -c, "echo preparing; sleep 5"]
  cpus: 1
  time_limit: 10m
- name: train
  command: [sh, -c, "echo training; sleep 30"]
  cpus: 1
  memory: 1GiB
  time_limit: 2h
  env: {EPOCHS: 3}
`;
const FIRST = 20;
const SIZE_MOST = 8 * 1024 * 1024;
const READING_MS = 250;

interface Line {
  at: number;
  form: SubmitForm;
  line: number;
}
type Tried = { why: WhyView } | { error: unknown };
type Taken = { id: string | null } | { error: { code?: string; message: string; field?: string } };

function asks(form: SubmitForm): string {
  const replicas = Number(form.replicas ?? 1);
  const parts = [
    replicas > 1 && t('replicasOf', { n: replicas }),
    form.devices && t('devicesOf', { n: String(form.devices), models: form.models?.length ? modelNames(form.models) : t('anyModel') }),
    form.cpus && t('cores', { n: Number.isFinite(Number(form.cpus)) ? Number(form.cpus) : String(form.cpus) }),
    form.memory && String(form.memory),
    form.time_limit && String(form.time_limit),
  ];
  return parts.filter(Boolean).join(', ');
}
const nameOf = (form: SubmitForm): string => form.name ?? (Array.isArray(form.command) ? String(form.command[0] ?? '') : '');

/** Tries out jobs of a list one after the other; none is asked about twice. */
function useEach(jobs: readonly SubmitForm[], most: number): ReadonlyMap<number, Tried> {
  const [answers, setAnswers] = useState<ReadonlyMap<number, Tried>>(new Map());
  const known = useRef(new Map<string, Tried>());
  useEffect(() => {
    const stop = new AbortController();
    setAnswers(new Map());
    const all = async (): Promise<void> => {
      for (const [at, form] of jobs.slice(0, most).entries()) {
        const body = JSON.stringify(form);
        let answer = known.current.get(body);
        if (!answer) {
          try {
            answer = { why: await ask(TRY_OUT, { method: 'POST', body, signal: stop.signal }) };
          } catch (error) {
            if (stop.signal.aborted) return;
            answer = { error: located(error) };
          }
          known.current.set(body, answer);
        }
        const told = answer;
        setAnswers((before) => new Map(before).set(at, told));
      }
    };
    void all();
    return () => stop.abort();
  }, [jobs, most]);
  return answers;
}

function InShort({ tried, pending }: { tried: Tried | undefined; pending: boolean }) {
  if (!tried) return <span class="none">{t(pending ? 'trying' : 'notTried')}</span>;
  if ('error' in tried) {
    const { text, lang } = refusedInWords(tried.error as Error & { code?: string });
    return <><Mark shape="cross" tone="cinnabar">{t('refused')}</Mark><span class="under" lang={lang}>{text}</span></>;
  }
  const { why } = tried;
  if (why.state === 'would start') return <Mark shape="tick" tone="malachite">{t('start')}</Mark>;
  return <><Mark shape="clock" tone="ochre">{why.starts_at ? t('startAt', { at: format.moment(Date.parse(why.starts_at)) }) : t('waitUnknown')}</Mark><span class="under">{reasonInWords(why)}</span></>;
}

const NONE: readonly SubmitForm[] = [];

export function FileWay() {
  const text = fileText.value;
  const query = useQuery();
  const [parser, setParser] = useState<typeof files | null>(null);
  const [found, setFound] = useState<files.Found | null>(null);
  const [wrong, setWrong] = useState<{ message: string; line: number | null; column: number | null } | null>(null);
  const [trouble, setTrouble] = useState<unknown>(null);
  const [over, setOver] = useState(false);
  const [all, setAll] = useState(false);
  const [taken, setTaken] = useState<{ jobs: SubmitForm[]; answers: Taken[]; begun: number } | null>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const arrive = useArrival();

  useEffect(() => {
    import('./file').then(setParser, setTrouble);
  }, []);
  useEffect(() => {
    if (!parser || text.trim() === '') {
      setFound(null);
      setWrong(null);
      return undefined;
    }
    const timer = setTimeout(() => {
      try {
        setFound(parser.readFile(text));
        setWrong(null);
      } catch (error) {
        if (!(error instanceof parser.WrongFile)) throw error;
        setFound(null);
        setWrong(error);
      }
    }, READING_MS);
    return () => clearTimeout(timer);
  }, [parser, text]);
  useEffect(() => {
    setAll(false);
    setTaken(null);
  }, [text]);

  const jobs = found?.jobs ?? NONE;
  const [single] = jobs;
  const one = jobs.length === 1 && single ? single : null;
  const tried = useTryOut(one);
  const each = useEach(one ? NONE : jobs, all ? jobs.length : FIRST);
  const refused = tried.error instanceof Refused && !tried.old ? tried.error : null;
  const lineOf = (error: unknown, from = 1): number | null => (error instanceof Refused && error.field && parser ? parser.lineOf(text, error.field, from) : null);

  const take = async (file: File | undefined): Promise<void> => {
    setOver(false);
    if (!file) return;
    if (file.size > SIZE_MOST) {
      setTrouble(new Error(`${file.name}: ${format.bytes(file.size)} > ${format.bytes(SIZE_MOST)}`));
      return;
    }
    setTrouble(null);
    fileText.value = await file.text();
  };
  const send = async (): Promise<void> => {
    if (!found || jobs.length === 0) throw new Error(t('fileNone'));
    const begun = now.peek() - 2000;
    if (!found.many && one) {
      const answer = await ask<Schemas['Submitted']>('/v1/jobs', { method: 'POST', body: one });
      fileText.value = '';
      arrive([answer.id], answer.warning ?? null, begun, (one.array ?? 1) > 1);
      return;
    }
    const answer = await ask<{ jobs: Taken[] }>('/v1/jobs', { method: 'POST', body: jobs, patience: 60_000 });
    const ids = answer.jobs.flatMap((job) => ('id' in job && job.id ? [job.id] : []));
    if (ids.length === answer.jobs.length) {
      fileText.value = '';
      arrive(ids, null, begun, ids.length > 1 || (one?.array ?? 1) > 1);
      return;
    }
    changed('job', 'money');
    setTaken({ jobs: [...jobs], answers: answer.jobs, begun });
  };

  const rows: Line[] = jobs.map((form, at) => ({ at, form, line: found?.lines[at] ?? 1 }));
  const columns: Column<Line>[] = [
    { id: 'n', head: t('col.n'), num: true, cell: (row) => row.at + 1 },
    { id: 'name', head: t('col.name'), name: true, cell: (row) => <>{nameOf(row.form)}{row.form.tenant && <span class="under">{row.form.tenant}</span>}</> },
    { id: 'asks', head: t('col.asks'), cell: (row) => asks(row.form), narrow: 'line' },
    {
      id: 'outcome',
      head: t('col.outcome'),
      narrow: 'line',
      cell: (row) => {
        const answer = each.get(row.at);
        const line = answer && 'error' in answer ? lineOf(answer.error, row.line) : null;
        return <>{known(line) && <span class="note">{t('line', { line })} </span>}<InShort tried={answer} pending={row.at < (all ? jobs.length : FIRST)} /></>;
      },
    },
  ];
  const told: Column<{ at: number; name: string; answer: Taken }>[] = [
    { id: 'n', head: t('col.n'), num: true, cell: (row) => row.at + 1 },
    { id: 'name', head: t('col.name'), name: true, cell: (row) => row.name },
    {
      id: 'job',
      head: t('job'),
      narrow: 'line',
      cell: ({ answer }) => {
        if (!('error' in answer)) return <a class="mono" href={`/jobs/${answer.id}`}>{answer.id}</a>;
        const { text: told, lang } = refusedInWords(answer.error);
        return <><Mark shape="cross" tone="cinnabar">{t('answerRefused')}</Mark><span class="under" lang={lang}>{told}</span></>;
      },
    },
  ];
  const at = wrong ? (known(wrong.column) ? t('lineColumn', { line: wrong.line ?? 1, column: wrong.column }) : known(wrong.line) ? t('line', { line: wrong.line }) : '') : '';
  const refusedLine = lineOf(refused);
  return (
    <Form send={send} written={text} class="submit">
      {(busy) => (
        <>
          <div class="form submit-fields">
            <div
              class={over ? 'submit-drop over' : 'submit-drop'}
              onDragOver={(event) => {
                event.preventDefault();
                setOver(true);
              }}
              onDragLeave={() => setOver(false)}
              onDrop={(event) => {
                event.preventDefault();
                void take(event.dataTransfer?.files[0]);
              }}
            >
              <AreaField name="file" label={t('file')} hint={t('fileHint')} rows={22} value={text} onValue={(value) => (fileText.value = value)} />
              <p class="submit-choose">
                {t('drop')}{' '}
                <button type="button" onClick={() => chooser.current?.click()}>{t('choose')}</button>
                {text === '' && <button type="button" class="plain" onClick={() => (fileText.value = EXAMPLE)}>{t('example')}</button>}
              </p>
              <input ref={chooser} type="file" class="unseen" tabIndex={-1} aria-hidden="true" accept=".yaml,.yml,.json,text/plain" onChange={(event) => {
                void take(event.currentTarget.files?.[0]);
                event.currentTarget.value = '';
              }} />
            </div>
            {trouble !== null && <Problem error={trouble} alert />}
            {wrong && <Notice tone="cinnabar"><p><strong>{t('fileWrong')}</strong> {at} <span lang="en">{wrong.message}</span></p></Notice>}
          </div>
          <aside class="submit-aside" aria-label={t('outcome')}>
            <section class="submit-outcome">
              <h2>{t('outcome')}</h2>
              <p class="note">{t('outcomeNote')}</p>
              {!taken && (
                <div class="submit-head">
                  {one && <Verdict tried={tried} fresh={null} />}
                  <button type="submit" class="primary" disabled={busy || jobs.length === 0}>{jobs.length > 1 ? t('sendMany', { n: jobs.length }) : t('send')}</button>
                  {one && fits(one) && <button type="button" onClick={() => {
                    draft.value = draftOf(one);
                    query.set({ by: null });
                  }}>{t('toForm')}</button>}
                </div>
              )}
              <div class="submit-live" aria-live="polite">
                {jobs.length === 0 && <p class="none">{t('fileNone')}</p>}
                {one && known(refusedLine) && <p class="bad">{t('line', { line: refusedLine })} <span lang="en">{refused?.message}</span></p>}
                {one && <Outcome tried={tried} fresh={null} replicas={Number(one.replicas ?? 1) || null} array={known(one.array) ? one.array : null} labelOf={() => null} onTake={(smaller) => {
                  // A change belongs to the form, where it can be seen in its field.
                  draft.value = { ...draftOf(one), ...taking(smaller) };
                  query.set({ by: null });
                }} />}
                {jobs.length > 1 && !taken && (
                  <>
                    <Table caption={t('found')} titled note={t('foundCount', { n: jobs.length })} columns={columns} rows={rows.slice(0, all ? 1000 : FIRST)} rowKey={(row) => row.at} order="found" sticky={false} />
                    {jobs.length > FIRST && !all && <button type="button" class="plain" onClick={() => setAll(true)}>{t('tryAll', { n: jobs.length })}</button>}
                  </>
                )}
                {taken && (
                  <>
                    <p>{t('answerSome', { n: taken.answers.filter((answer) => 'id' in answer).length, m: taken.answers.filter((answer) => 'error' in answer).length })}{' '}
                      <a href={`/jobs?from=${encodeURIComponent(new Date(taken.begun).toISOString())}`}>{t('answerList')}</a></p>
                    <Table caption={t('answer')} columns={told} rows={taken.answers.map((answer, index) => ({ at: index, name: nameOf(taken.jobs[index] ?? { command: [] }), answer }))} rowKey={(row) => row.at} order="answer" sticky={false} />
                  </>
                )}
              </div>
            </section>
          </aside>
        </>
      )}
    </Form>
  );
}

