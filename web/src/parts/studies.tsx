// Studies: replays and plans that the hub carries out beside itself. The list of a kind, the frame of one, and how one ends.

import '../style/pages/studies.css';

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { useGo, useQuery } from '../address';
import { type Address, ask, at, Refused } from '../api/client';
import { changed, type Live, useLive } from '../api/live';
import type { Schemas } from '../api/types';
import { words } from '../i18n';
import en from '../i18n/en/studies';
import zh from '../i18n/zh/studies';
import { common, Confirm, Count, Counts, format, Nothing, Notice, Page, Part, Problem, Shown, Span, StudyState, Table, Time } from '../ui';

const t = words(en, zh);

export type StudyKind = 'plan' | 'replay';
export type Study = Schemas['StudyView'];
/** A study with what was asked and what the command printed. */
export type Found<Request, Result> = Study & { request: Request; result: Result | null; picture: string | null };

const HOME: Record<StudyKind, string> = { plan: '/plan', replay: '/replay' };
const SHOWN = 20;
/** A page has been left by then. */
const LEFT_MS = 100;

export const underWay = (study: Study): boolean => study.state === 'waiting' || study.state === 'running';

/** "operator lin" is a role and a name; where both are one word, the role alone. */
export function Who({ by }: { by: string }) {
  const [role = '', ...rest] = by.split(' ');
  const subject = rest.join(' ');
  return <>{subject && subject !== role ? subject : common.of('role', role)}</>;
}

/** Brings a text to the reader's disk. */
export function saveText(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** A name as part of a file's name. */
export const fileName = (text: string): string => text.trim().replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '') || 'study';

// ---------------------------------------------------------------- ending one

/** Asks, then stops what is under way, or forgets what has ended. */
function EndStudy({ study, onClose, onEnded }: { study: Study | null; onClose: () => void; onEnded?: () => void }) {
  const stops = study !== null && underWay(study);
  const end = async (): Promise<void> => {
    if (!study) return;
    await ask(at('/v1/studies/{id}', { id: study.id }), { method: 'DELETE' });
    if (!stops) onEnded?.();
    // After a page of its own has been left: it must not ask for what is gone.
    setTimeout(() => changed('study'), stops ? 0 : LEFT_MS);
  };
  return (
    <Confirm
      open={study !== null}
      title={study ? t(stops ? 'stopAsk' : 'forgetAsk', { name: study.name }) : ''}
      action={t(stops ? 'stopDo' : 'forgetDo')}
      keep={t(stops ? 'stopKeep' : 'forgetKeep')}
      danger
      onYes={end}
      onClose={onClose}
    >
      {t(stops ? 'stopSays' : 'forgetSays')}
    </Confirm>
  );
}

/** Stop, or forget. */
export function EndButton({ study, onEnded, plain = false }: { study: Study; onEnded?: () => void; plain?: boolean }) {
  // Held as it was when asked: it may end while the question stands.
  const [ending, setEnding] = useState<Study | null>(null);
  const stops = underWay(study);
  return (
    <>
      <button
        type="button"
        class={plain ? 'plain' : undefined}
        aria-label={plain ? t(stops ? 'stopNamed' : 'forgetNamed', { name: study.name }) : undefined}
        onClick={() => setEnding(study)}
      >
        {t(stops ? 'stop' : 'forget')}
      </button>
      <EndStudy study={ending} onClose={() => setEnding(null)} onEnded={onEnded} />
    </>
  );
}

// ---------------------------------------------------------------- the list

/** The studies of a kind, newest first. */
export function StudyTable({ kind, caption, empty }: { kind: StudyKind; caption: string; empty: ComponentChildren }) {
  const studies = useLive(at('/v1/studies'), ['study']);
  const query = useQuery();
  const mine = studies.data?.studies.filter((study) => study.kind === kind);
  const all = query.get('all') !== '';
  const rows = all ? mine : mine?.slice(0, SHOWN);
  return (
    <>
      <Table
        class="study-table"
        caption={caption}
        rows={rows}
        live={studies}
        rowKey={(study) => study.id}
        href={(study) => `${HOME[kind]}/${study.id}`}
        mark={(study) => study.state}
        empty={empty}
        columns={[
          { id: 'state', head: t('state'), cell: (study) => <StudyState of={study.state} />, narrow: 'beside' },
          { id: 'name', head: t('name'), cell: (study) => study.name, name: true, sort: (study) => study.name },
          { id: 'remark', head: t('remark'), cell: (study) => <Remark study={study} />, narrow: 'line', class: 'study-remark' },
          { id: 'asked', head: t('asked'), cell: (study) => <Time at={study.asked_at} ago />, sort: (study) => study.asked_at, narrow: 'line', class: 'nowrap' },
          { id: 'by', head: t('by'), cell: (study) => <Who by={study.by} />, sort: (study) => study.by },
          {
            id: 'took',
            head: t('took'),
            cell: (study) => (study.state === 'waiting' ? <Nothing /> : <Span seconds={study.seconds} since={underWay(study) ? studies.readAt : undefined} />),
            num: true,
            sort: (study) => study.seconds,
          },
          { id: 'end', head: t('end'), cell: (study) => <EndButton study={study} plain />, class: 'study-end' },
        ]}
      />
      {mine && mine.length > SHOWN && (
        <p><a href={query.href({ all: all ? null : '1' })}>{all ? t('showFewer', { n: SHOWN }) : t('showAll', { n: mine.length })}</a></p>
      )}
    </>
  );
}

function Remark({ study }: { study: Study }) {
  if (study.state === 'waiting') return <span class="note">{t('waits')}</span>;
  if (study.error) return <span class="study-error" lang="en">{study.error}</span>;
  return <Nothing />;
}

// ---------------------------------------------------------------- one

const numbered = (id: string): boolean => /^\d{1,15}$/.test(id);

/** Reads a study; its request and result are what its kind says. */
export const useStudy = <Request, Result>(id: string): Live<Found<Request, Result>> =>
  useLive(
    numbered(id) ? at('/v1/studies/{id}', { id }) as string as Address<Found<Request, Result>> : null,
    ['study'],
    { only: (event) => String(event.id) === id },
  );

/** The page of a study: its head, how it goes on while it is under way, why it failed, or what it found. */
export function StudyPage<Request, Result>({ id, kind, title, live, most, again, meanwhile, failed, children }: {
  id: string;
  kind: StudyKind;
  /** Of the list that it stands in. */
  title: string;
  live: Live<Found<Request, Result>>;
  /** The longest it may take, in seconds. */
  most?: ((study: Found<Request, Result>) => number) | undefined;
  /** Where it is changed and run again. */
  again: (study: Found<Request, Result>) => string;
  /** What is shown while it is under way. */
  meanwhile?: ((study: Found<Request, Result>) => ComponentChildren) | undefined;
  /** More about how it failed, or was stopped. */
  failed?: ((study: Found<Request, Result>) => ComponentChildren) | undefined;
  children: (study: Found<Request, Result>, result: Result) => ComponentChildren;
}) {
  const go = useGo();
  const study = live.data;
  const crumbs = [{ href: HOME[kind], text: title }];
  if (!numbered(id)) {
    // Studies have numbers: the hub need not be asked for anything else.
    return <Page title={id} crumbs={crumbs}><Part title={id}><Problem error={new Refused(404, 'not_found', '', null, {})} /></Part></Page>;
  }
  if (study && study.kind !== kind) {
    const other = study.kind === 'plan' ? 'plan' : 'replay';
    return (
      <Page title={study.name} crumbs={crumbs}>
        <Part title={study.name} wide>
          <Notice><p>{t('otherKind', { kind: t(`kind.${other}`) })}</p><a class="button" href={`${HOME[other]}/${study.id}`}>{t('openThere')}</a></Notice>
        </Part>
      </Page>
    );
  }
  const lead = study && (
    <>
      <StudyState of={study.state} />
      {' · '}{t.rich('askedBy', { when: <Time at={study.asked_at} ago />, who: <Who by={study.by} /> })}
      {!underWay(study) && <> · {t.rich('tookSpan', { span: <Span seconds={study.seconds} /> })}</>}
    </>
  );
  const aside = study && (
    <>
      {!underWay(study) && <a class="button" href={again(study)}>{t('changeAgain')}</a>}
      {study.result !== null && (
        <button
          type="button"
          onClick={() => saveText(`${fileName(study.name)}.json`, `${JSON.stringify(study.result, null, 2)}\n`, 'application/json')}
        >
          {t('download')}
        </button>
      )}
      <EndButton study={study} onEnded={() => go(HOME[kind])} />
    </>
  );
  return (
    <Page title={study?.name ?? `#${id}`} crumbs={crumbs} lead={lead} aside={aside}>
      {study && <p class="unseen" role="status">{t('ended', { state: common.of('study', study.state) })}</p>}
      <Shown of={live} lines={8}>
        {(found) => {
          if (underWay(found)) return <><Goes study={found} readAt={live.readAt} most={most?.(found)} />{meanwhile?.(found)}</>;
          if (found.result !== null) return children(found, found.result);
          return (
            <Part title={t(found.state === 'stopped' ? 'stopped' : 'failed')}>
              {found.state === 'stopped' && !found.error ? <p>{t('stoppedSays')}</p> : <Said text={found.error} />}
              {failed?.(found)}
            </Part>
          );
        }}
      </Shown>
    </Page>
  );
}

function Said({ text }: { text: string | null | undefined }) {
  if (!text) return <Problem error={new Error(t('failed'))} />;
  return <Notice tone="cinnabar"><p>{t('failedSays')} <span class="said" lang="en">{text}</span></p></Notice>;
}

/** How far it is, as far as anybody knows. */
function Goes({ study, readAt, most }: { study: Study; readAt: number; most: number | undefined }) {
  const waits = study.state === 'waiting';
  return (
    <Part title={t(waits ? 'waitingTitle' : 'underWay')}>
      <Counts>
        <Count name={t(waits ? 'sinceAsked' : 'soFar')}><Span seconds={study.seconds} since={readAt} /></Count>
      </Counts>
      <div class="study-text">
        <p>{t(waits ? 'waitsLong' : 'comes')}</p>
        {most !== undefined && <p class="note">{t('atMost', { span: format.span(most) })}</p>}
      </div>
    </Part>
  );
}
