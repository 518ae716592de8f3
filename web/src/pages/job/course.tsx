// What became of a job: each attempt as a bar of waiting, placed and running, to scale, and every step below with its entry of the
// journal.

import { now } from '../../api/hub';
import type { Job, JobEvent } from '../../api/types';
import { said } from '../../parts/said';
import { type Column, ENDED, format, Part, Table, Time } from '../../ui';
import { t } from './words';

type Phase = 'waiting' | 'placed' | 'running' | 'stopping';
interface Stretch {
  phase: Phase;
  attempt: number;
  from: number;
  /** Null: it goes on. */
  until: number | null;
}

/** The stretches of a job's life, oldest first. */
export function stretches(job: Job, events: readonly JobEvent[]): Stretch[] {
  const found: Stretch[] = [];
  let open: Stretch | null = { phase: 'waiting', attempt: 1, from: Date.parse(job.submitted_at), until: null };
  const turn = (at: number, phase: Phase | null, attempt: number): void => {
    if (open) {
      open.until = at;
      // What had no place when it ended waited to its end; stretches without length say nothing.
      if (open.until > open.from) found.push(open);
    }
    open = phase ? { phase, attempt, from: at, until: null } : null;
  };
  for (const event of events) {
    const time = Date.parse(event.at);
    const attempt: number = event.attempt ?? open?.attempt ?? 1;
    if (event.what === 'placed') turn(time, 'placed', attempt);
    else if (event.what === 'started') turn(time, 'running', attempt);
    else if (event.what === 'stopping') turn(time, 'stopping', attempt);
    else if (event.what === 'yielded') turn(time, 'waiting', attempt + 1);
    else if (event.what === 'ended') turn(time, null, attempt);
  }
  if (open && !ENDED.has(job.state)) found.push(open);
  return found;
}

const LANES = 8;

function Bars({ job, events }: { job: Job; events: readonly JobEvent[] }) {
  const all = stretches(job, events);
  const over = ENDED.has(job.state);
  const last = over ? Date.parse(job.ended_at ?? job.submitted_at) : Math.max(now.value, ...all.map((stretch) => stretch.from));
  const attempts = [...new Set(all.map((stretch) => stretch.attempt))];
  const shown = attempts.slice(-LANES);
  const first = all.find((stretch) => shown.includes(stretch.attempt))?.from ?? last;
  const width = Math.max(1, last - first);
  const place = (at: number): string => `${((at - first) / width) * 100}%`;
  const length = (stretch: Stretch): string => format.span(((stretch.until ?? last) - stretch.from) / 1000);
  const phases = (['waiting', 'placed', 'running', 'stopping'] as const).filter((phase) => all.some((stretch) => stretch.phase === phase));
  const sum = (phase: Phase): string =>
    format.span(all.filter((stretch) => stretch.phase === phase).reduce((total, stretch) => total + ((stretch.until ?? last) - stretch.from), 0) / 1000);
  return (
    <figure class="course">
      <figcaption class="legend">
        {phases.map((phase) => <span key={phase} class="course-key"><span class={`swatch course-${phase}`} data-state={job.state} aria-hidden="true" />{t(`phase.${phase}`)} <b>{sum(phase)}</b></span>)}
      </figcaption>
      <ol class="course-lanes">
        {shown.map((attempt) => (
          <li key={attempt}>
            {attempts.length > 1 && <span class="course-name">{t('attempt', { n: attempt })}</span>}
            <span class="course-lane">
              {all.filter((stretch) => stretch.attempt === attempt).map((stretch) => {
                const text = t('bar', { phase: t(`phase.${stretch.phase}`), span: length(stretch), from: format.moment(stretch.from) });
                return (
                  <span
                    key={stretch.from}
                    class={`course-${stretch.phase}${stretch.until === null ? ' course-open' : ''}`}
                    data-state={stretch.phase === 'running' && attempt === attempts.at(-1) ? job.state : undefined}
                    title={text}
                    style={{ insetInlineStart: place(stretch.from), inlineSize: `${(((stretch.until ?? last) - stretch.from) / width) * 100}%` }}
                  >
                    <span class="unseen">{text}</span>
                  </span>
                );
              })}
            </span>
          </li>
        ))}
      </ol>
      <p class="course-ends">
        <span>{format.moment(first)}</span>
        <span>{over ? format.moment(last) : t('nowMark')}</span>
      </p>
      {attempts.length > shown.length && <p class="note">{t('earlier', { n: attempts.length - shown.length })}</p>}
    </figure>
  );
}

export function Course({ job, events }: { job: Job; events: readonly JobEvent[] }) {
  const several = events.some((event) => (event.attempt ?? 1) > 1);
  const columns: (Column<JobEvent> | false)[] = [
    { id: 'when', head: t('when'), cell: (event) => <Time at={event.at} />, class: 'nowrap' },
    { id: 'step', head: t('step'), name: true, cell: (event) => t.of('what', event.what) },
    several && { id: 'attempt', head: t('attempt', { n: '' }).trim(), num: true, narrow: 'hide', cell: (event: JobEvent) => event.attempt ?? '' },
    {
      id: 'told',
      head: t('told'),
      narrow: 'line',
      class: 'course-told',
      cell: (event) => {
        const { text, lang } = said(event.text);
        return <><span lang={lang}>{text}</span>{event.pool && event.what !== 'billed' && <> <span class="note">{t.rich('atPool', { pool: <a href={`/pools/${encodeURIComponent(event.pool)}`}>{event.pool}</a> })}</span></>}</>;
      },
    },
    { id: 'entry', head: t('entry'), num: true, narrow: 'beside', cell: (event) => <span class="note">{event.entry}</span> },
  ];
  return (
    <Part title={t('course')} note={t('courseNote')}>
      <Bars job={job} events={events} />
      <Table caption={t('steps')} columns={columns} rows={events} rowKey={(event) => `${event.entry} ${event.what}`} order="steps" sticky={false} class="course-steps" />
    </Part>
  );
}
