// What a job writes, as it writes it. Plain text, whatever it is: the log is one text node that grows at its end, so that what the
// reader has selected, and where they have scrolled to, stays.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

import { useQuery } from '../../address';
import { type Address, at, download, openStream, Refused } from '../../api/client';
import { link } from '../../api/live';
import { may } from '../../api/session';
import type { Job } from '../../api/types';
import { ENDED, format, Part, plainText, Problem } from '../../ui';
import { t } from './words';

const KIB = 1024;
const TAILS = [64 * KIB, KIB * KIB, 8 * KIB * KIB];
/** A follower that has read so much more than was asked for drops the beginning. */
const ROOM = 2;
const RETRY_MS = [1000, 3000, 6000, 12_000];
const DRAW_MS = 200;
const HITS_MOST = 2000;

type Standing = 'reading' | 'following' | 'ended' | 'read' | 'again';
interface Read {
  /** Which address it was read from: another one's text is not shown. */
  of: string | null;
  text: string;
  /** Its beginning is left out. */
  cut: boolean;
  standing: Standing;
  error: unknown;
}
const NOTHING: Read = { of: null, text: '', cut: false, standing: 'reading', error: null };

const untilSeen = async (): Promise<void> => {
  while (document.hidden) await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
};

/** Reads an output and goes on with it; begins anew after a break, and when the page is looked at again. */
function useOutput(address: Address<string> | null, follow: boolean, tail: number, attempt: string): Read & { again: () => void } {
  const [read, setRead] = useState<Read>(NOTHING);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (address === null) {
      setRead(NOTHING);
      return undefined;
    }
    let over = false;
    let open = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const follows = follow ? `${address}&follow=true` : address;

    const once = async (): Promise<void> => {
      open = new AbortController();
      const decoder = new TextDecoder();
      let text = '';
      let bytes = 0;
      let cut = false;
      let drawn = 0;
      let standing: Standing = 'reading';
      const draw = (): void => {
        clearTimeout(timer);
        timer = undefined;
        drawn = performance.now();
        if (!over) setRead({ of: address, text, cut, standing, error: null });
      };
      const body = (await openStream(follows, open.signal)).getReader();
      standing = follow ? 'following' : 'reading';
      draw();
      for (;;) {
        const { value, done } = await body.read();
        if (done) break;
        const before = bytes;
        bytes += value.length;
        text += decoder.decode(value, { stream: true });
        if (before < tail && bytes >= tail) {
          // The first line of a tail is seldom whole.
          cut = true;
          text = text.slice(text.indexOf('\n') + 1);
        }
        if (text.length > tail * ROOM) {
          cut = true;
          text = text.slice(text.indexOf('\n', text.length - tail) + 1);
        }
        timer ??= setTimeout(draw, Math.max(0, drawn + DRAW_MS - performance.now()));
      }
      text += decoder.decode();
      standing = follow ? 'ended' : 'read';
      draw();
    };

    const goOn = async (): Promise<void> => {
      for (let failures = 0; !over; failures += 1) {
        await untilSeen();
        if (over) return;
        try {
          await once();
          return;
        } catch (error) {
          if (over) return;
          const hidden = document.hidden;
          if (error instanceof Refused && error.status < 500) {
            setRead({ ...NOTHING, of: address, standing: 'read', error });
            return;
          }
          if (hidden) {
            failures = -1;
            continue;
          }
          setRead((before) => ({ ...before, of: address, standing: 'again', error: error instanceof Refused ? error : null }));
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]));
        }
      }
    };
    // A browser keeps few connections to one hub: a tab that nobody looks at holds none.
    const hide = (): void => {
      if (document.hidden && follow) open.abort();
    };
    document.addEventListener('visibilitychange', hide);
    // Where the hub was lost, something on the way may still hold this stream open without a word.
    const unheard = link.subscribe((state) => {
      if (state === 'away' || state === 'again') open.abort();
    });
    setRead((before) => ({ ...(before.of === address ? before : NOTHING), of: address, standing: 'reading', error: null }));
    void goOn();
    return () => {
      over = true;
      clearTimeout(timer);
      unheard();
      document.removeEventListener('visibilitychange', hide);
      open.abort();
    };
  }, [address, follow, tail, attempt, turn]);
  return { ...(read.of === address ? read : NOTHING), again: () => setTurn((n) => n + 1) };
}

/** Where in the text something stands; large and small letters alike. */
function hits(text: string, wanted: string): number[] {
  if (wanted === '') return [];
  const found: number[] = [];
  for (const hit of text.matchAll(new RegExp(wanted.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), 'gi'))) {
    found.push(hit.index);
    if (found.length > HITS_MOST) break;
  }
  return found;
}

const marks = (): HighlightRegistry | null => (typeof Highlight === 'function' ? CSS.highlights : null);

function LogText({ text, label, wrap, follow, wanted, hit }: { text: string; label: string; wrap: boolean; follow: boolean; wanted: string; hit: number }) {
  const element = useRef<HTMLPreElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const stays = useRef(true);
  const jump = useRef('');

  useLayoutEffect(() => {
    const pre = element.current;
    if (!pre) return;
    let node = pre.firstChild as Text | null;
    if (!node) {
      node = document.createTextNode('');
      pre.append(node);
    }
    const before = node.data;
    if (text.startsWith(before)) {
      if (text.length > before.length) node.appendData(text.slice(before.length));
    } else {
      node.data = text;
    }
    if (stays.current) pre.scrollTop = pre.scrollHeight;
  }, [text]);

  useLayoutEffect(() => {
    const registry = marks();
    const node = element.current?.firstChild;
    if (!node) return undefined;
    const range = (from: number): Range => {
      const made = new Range();
      made.setStart(node, from);
      made.setEnd(node, Math.min(from + wanted.length, (node as Text).length));
      return made;
    };
    const found = hits(text, wanted).slice(0, HITS_MOST);
    const here = found[hit];
    registry?.set('job-found', new Highlight(...found.map(range)));
    registry?.set('job-here', here === undefined ? new Highlight() : new Highlight(range(here)));
    // Only a new hit moves the reader, not the text that grows below it.
    const target = `${wanted} ${hit}`;
    const pre = element.current;
    if (here !== undefined && pre && jump.current !== target) {
      jump.current = target;
      stays.current = false;
      const box = range(here).getBoundingClientRect();
      const frame = pre.getBoundingClientRect();
      if (box.top < frame.top || box.bottom > frame.bottom) pre.scrollTop += box.top - frame.top - frame.height / 3;
      if (box.left < frame.left || box.right > frame.right) pre.scrollLeft += box.left - frame.left - frame.width / 3;
    }
    if (wanted === '') jump.current = '';
    return () => {
      registry?.delete('job-found');
      registry?.delete('job-here');
    };
  }, [text, wanted, hit]);

  return (
    <div class="job-log">
      <pre
        ref={element}
        class={wrap ? 'log' : 'log job-unwrapped'}
        tabIndex={0}
        role="region"
        aria-label={label}
        onScroll={(event) => {
          const pre = event.currentTarget;
          stays.current = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 24;
          setAtEnd(stays.current);
        }}
      />
      {follow && !atEnd && (
        <button
          type="button"
          class="job-to-end"
          onClick={() => {
            const pre = element.current;
            if (pre) pre.scrollTop = pre.scrollHeight;
          }}
        >
          {t('toEnd')}
        </button>
      )}
    </div>
  );
}

export function Output({ job }: { job: Job }) {
  const query = useQuery();
  const [typed, setTyped] = useState('');
  const [hit, setHit] = useState(0);
  const [problem, setProblem] = useState<unknown>(null);
  const stream = query.get('stream') === 'stderr' ? 'stderr' : 'stdout';
  const replica = Math.min(job.replicas - 1, Math.max(0, Math.floor(Number(query.get('replica')) || 0)));
  const tail = TAILS.find((size) => String(size) === query.get('tail')) ?? TAILS[0] ?? 64 * KIB;
  const wrap = query.get('wrap') !== 'off';
  const over = ENDED.has(job.state);
  const follow = !over && query.get('follow') !== 'off';
  const mayRead = may('operator', 'tenant');
  const begun = over ? job.started_at !== null : job.placed_at !== null && job.state !== 'waiting';
  const values = { id: job.id, stream, replica: replica || '' };
  const address = mayRead && begun ? (at('/v1/jobs/{id}/logs', { ...values, tail }) as Address<string>) : null;
  const read = useOutput(address, follow, tail, `${job.started_at} ${over}`);
  const text = plainText(read.text);
  const all = hits(text, typed);
  const current = all.length === 0 ? -1 : Math.min(hit, all.length - 1);
  const step = (by: number): void => setHit(all.length === 0 ? 0 : (current + by + all.length) % all.length);
  useEffect(() => setHit(Infinity), [typed]);

  if (!mayRead) return <Part title={t('output')}><p class="none">{t('outputFor')}</p></Part>;
  if (!begun) return <Part title={t('output')}><p class="none">{t(over ? 'neverStarted' : 'notStarted')}</p></Part>;
  const name = t(stream);
  const label = job.replicas > 1 ? t('outputOfReplica', { stream: name, job: job.id, n: replica }) : t('outputOf', { stream: name, job: job.id });
  const whole = async (): Promise<void> => {
    setProblem(null);
    try {
      await download(at('/v1/jobs/{id}/logs', values), `${job.id}${job.replicas > 1 ? `.${replica}` : ''}.${stream}.txt`);
    } catch (error) {
      setProblem(error);
    }
  };
  const standing = over && read.standing === 'read' ? 'ended' : read.standing;
  const links = (['stdout', 'stderr'] as const).map((one) => (
    <a key={one} href={query.href({ stream: one === 'stdout' ? null : one })} aria-current={one === stream ? 'true' : undefined}>{t(one)}</a>
  ));
  return (
    <Part title={t('output')} id="output" note={<span class="job-standing" data-standing={standing} role="status">{t(`log.${standing}`)}</span>}>
      <div class="job-log-bar">
        <nav class="job-streams" aria-label={t('stream')}>{links}</nav>
        {job.replicas > 1 && (
          <label class="select">
            <span>{t('replica')}</span>
            <select value={String(replica)} onChange={(event) => query.set({ replica: event.currentTarget.value === '0' ? null : event.currentTarget.value }, true)}>
              {Array.from({ length: Math.min(job.replicas, 4096) }, (_, n) => <option key={n} value={String(n)}>{n}</option>)}
            </select>
          </label>
        )}
        <label class="select">
          <span>{t('last')}</span>
          <select value={String(tail)} onChange={(event) => query.set({ tail: event.currentTarget.value === String(TAILS[0]) ? null : event.currentTarget.value }, true)}>
            {TAILS.map((size) => <option key={size} value={String(size)}>{format.bytes(size)}</option>)}
          </select>
        </label>
        {!over && <label class="job-check"><input type="checkbox" checked={follow} onChange={(event) => query.set({ follow: event.currentTarget.checked ? null : 'off' }, true)} /> {t('follow')}</label>}
        <label class="job-check"><input type="checkbox" checked={wrap} onChange={(event) => query.set({ wrap: event.currentTarget.checked ? null : 'off' }, true)} /> {t('wrap')}</label>
        <span class="job-find">
          <label class="search">
            <span class="unseen">{t('find')}</span>
            <svg class="shape" viewBox="0 0 12 12" aria-hidden="true"><path d="M5 1.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0-7M7.6 7.6L11 11" /></svg>
            <input
              type="search"
              value={typed}
              placeholder={t('find')}
              spellcheck={false}
              autoComplete="off"
              onInput={(event) => setTyped(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter') return;
                event.preventDefault();
                step(event.shiftKey ? -1 : 1);
              }}
            />
          </label>
          {typed !== '' && (
            <span class="job-hits" role="status">
              {all.length === 0 ? t('foundNone') : t(all.length > HITS_MOST ? 'foundMany' : 'found', { n: current + 1, total: Math.min(all.length, HITS_MOST) })}
            </span>
          )}
          {all.length > 1 && <button type="button" aria-label={t('previous')} title={t('previous')} onClick={() => step(-1)}>↑</button>}
          {all.length > 1 && <button type="button" aria-label={t('next')} title={t('next')} onClick={() => step(1)}>↓</button>}
        </span>
        <button type="button" class="job-download" onClick={() => void whole()}>{t('download')}</button>
      </div>
      {problem !== null && <Problem error={problem} alert />}
      {read.error !== null && <Problem error={read.error} again={read.again} />}
      {text !== '' && read.cut && <p class="note">{t('cut', { size: format.bytes(tail) })}</p>}
      {text === '' ? (
        read.error === null && <p class="none">{read.standing === 'reading' ? t('log.reading') : t(over ? 'nothing' : 'nothingYet')}</p>
      ) : (
        <LogText text={text} label={label} wrap={wrap} follow={!over} wanted={typed} hit={current} />
      )}
      {!over && !follow && read.error === null && <button type="button" onClick={read.again}>{t('readAgain')}</button>}
    </Part>
  );
}
