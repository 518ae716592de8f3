// What is shown keeps itself up to date: one stream of events for the whole page, and feeds that are read again when an
// event touches them. A feed is read at most once in its span, never twice at once, never while nobody looks.

import { signal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { type Address, askText, authorization, Refused, TooSlow, type Trouble, Unreachable } from './client';
import { loseSession, reader, standing } from './session';

/** What an event tells of. */
export type Kind = 'job' | 'pool' | 'census' | 'tenant' | 'closing' | 'money' | 'study';
const KINDS: readonly string[] = ['job', 'pool', 'census', 'tenant', 'closing', 'money', 'study'] satisfies Kind[];

export interface Event {
  kind: Kind;
  /** Of `job` and `study`: which. */
  id?: string;
  state?: string;
  tenant?: string;
  /** Of `pool`, `tenant`, `closing`: which. */
  name?: string;
  /** Of `money`: whose bill. */
  job?: string;
}

// ---------------------------------------------------------------- the link

/** connecting → live ⇄ again → away; polling where the hub streams nothing; closed while nobody is signed in. */
export type LinkState = 'connecting' | 'live' | 'again' | 'polling' | 'away' | 'closed';
const linkState = signal<LinkState>('connecting');
export const link: ReadonlySignal<LinkState> = linkState;
/** When the hub last answered, by the reader's clock. */
export const lastSeen = signal<Date | null>(null);

const RETRY_MS = [500, 1500, 3000, 6000, 12_000];
const OPENING_MS = 20_000;
const HELD_BACK_MS = 1000;
const HEARTBEAT_MS = 15_000;
const SILENCE_MS = 60_000;
const POLL_MS = 5000;

let wakeUp: (() => void) | null = null;
let open: AbortController | null = null;
let heardAt = 0;
let renewing = false;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    wakeUp = () => {
      clearTimeout(timer);
      resolve();
    };
  });

/** Tries the hub now rather than at the next turn. */
export function tryNow(): void {
  wakeUp?.();
  open?.abort();
}

/** A browser keeps six connections to a hub for all its tabs: a tab that nobody looks at holds none. */
async function looked(): Promise<void> {
  while (document.hidden) await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
}

/** Follows the hub's events for as long as the page is open. One failed try is silent, the second is told. */
async function follow(): Promise<never> {
  let failures = 0;
  for (;;) {
    await looked();
    if (standing.peek() === 'out') {
      linkState.value = 'closed';
      await pause(3_600_000);
      failures = 0;
      linkState.value = 'connecting';
      continue;
    }
    let heard = false;
    try {
      await stream(() => {
        heard = true;
        failures = 0;
      });
    } catch (error) {
      if (error instanceof Refused && error.status === 401) {
        loseSession();
        continue;
      }
      if (error instanceof Refused) {
        await poll();
        continue;
      }
    }
    if (renewing) {
      renewing = false;
      continue;
    }
    if (heard) {
      linkState.value = 'again';
    } else {
      failures += 1;
      linkState.value = failures > 1 ? 'away' : linkState.peek() === 'connecting' ? 'connecting' : 'again';
    }
    const step = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0;
    await pause(step * (0.8 + 0.4 * Math.random()));
  }
}

/** Without a stream of events the page asks again every few seconds, until the stream may be there again. */
async function poll(): Promise<void> {
  for (let turn = 0; turn < 12 && standing.peek() !== 'out'; turn += 1) {
    await looked();
    try {
      await askText('/v1/hub');
      linkState.value = 'polling';
      touchAll();
    } catch (error) {
      if (error instanceof Refused && error.status === 401) {
        loseSession();
        return;
      }
      linkState.value = 'away';
    }
    await pause(POLL_MS);
  }
}

/** EventSource cannot send a header, so the stream is read by hand. */
async function stream(opened: () => void): Promise<void> {
  const controller = new AbortController();
  open = controller;
  const late = setTimeout(() => controller.abort(), OPENING_MS);
  let begun = false;
  const begin = (): void => {
    if (begun) return;
    begun = true;
    heardAt = performance.now();
    opened();
    linkState.value = 'live';
    touchAll();
  };
  // The head of a stream may be held back on the way until its first event. A hub that answers all else is there.
  const heldBack = setTimeout(() => {
    askText('/v1/hub', { signal: controller.signal }).then(begin, () => undefined);
  }, HELD_BACK_MS);
  try {
    const answer = await fetch('/v1/events', {
      headers: { Accept: 'text/event-stream', ...authorization() },
      cache: 'no-store',
      credentials: 'same-origin',
      signal: controller.signal,
    });
    if ([502, 503, 504].includes(answer.status)) throw new Unreachable(`answered ${answer.status}`);
    if (!answer.ok || !answer.body) throw new Refused(answer.status, 'no_stream', 'no stream', null, {});
    clearTimeout(late);
    clearTimeout(heldBack);
    begin();
    await readEvents(answer.body.getReader());
  } finally {
    clearTimeout(late);
    clearTimeout(heldBack);
    begun = true;
    if (open === controller) open = null;
  }
}

async function readEvents(body: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  let kind = '';
  let data: string[] = [];
  for (;;) {
    const { value, done } = await body.read();
    if (done) return;
    heardAt = performance.now();
    const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (kind !== '' || data.length > 0) heard(kind, data.join('\n'));
        kind = '';
        data = [];
      } else if (line.startsWith('event:')) {
        kind = line.slice(6).trim();
      } else if (line.startsWith('data:')) {
        data.push(line.slice(5).replace(/^ /, ''));
      }
    }
  }
}

const listeners = new Set<(event: Event) => void>();

function heard(kind: string, data: string): void {
  if (!KINDS.includes(kind)) {
    touchAll();
    return;
  }
  let told: Omit<Event, 'kind'> = {};
  try {
    told = JSON.parse(data) as typeof told;
  } catch {
    // An event that cannot be read still says that something changed.
  }
  const event: Event = { ...told, kind: kind as Kind };
  for (const listener of listeners) listener(event);
  for (const feed of feeds.values()) if (feed.concerns(event)) feed.dirty = true;
  pump();
}

// ---------------------------------------------------------------- feeds

/** What is known of an address. `data` stays while it is read again, and while the hub is away. */
export interface Reading<T> {
  data: T | null;
  error: Trouble | null;
  /** Nothing to show yet: neither data nor an error. */
  loading: boolean;
  /** `performance.now()` of the reading: spans that grow are counted on from here. */
  readAt: number;
}
const UNREAD: Reading<never> = { data: null, error: null, loading: true, readAt: 0 };

class Feed {
  readonly reading = signal<Reading<unknown>>(UNREAD);
  readonly kinds = new Set<Kind>();
  users = 0;
  every = 1000;
  patience = 15_000;
  /** Which of the events of its kinds concern it; all, where nobody said. */
  only: ((event: Event) => boolean) | null = null;
  dirty = true;
  busy: AbortController | null = null;
  last = -Infinity;
  text: string | null = null;

  constructor(readonly path: string, readonly plain: boolean) {}

  concerns(event: Event): boolean {
    return this.kinds.has(event.kind) && (this.only === null || this.only(event));
  }

  forget(): void {
    this.busy?.abort();
    this.busy = null;
    this.dirty = true;
    this.last = -Infinity;
    this.text = null;
    this.reading.value = UNREAD;
  }
}

const feeds = new Map<string, Feed>();
const UNUSED_MOST = 40;

function feedOf(path: string, plain: boolean): Feed {
  const key = plain ? `text ${path}` : path;
  let feed = feeds.get(key);
  if (!feed) {
    feed = new Feed(path, plain);
    feeds.set(key, feed);
  }
  return feed;
}

/** What nobody looks at is kept a while, so that going back shows it at once. */
function letGo(feed: Feed): void {
  feed.users -= 1;
  if (feed.users > 0) return;
  feed.every = 1000;
  const key = feed.plain ? `text ${feed.path}` : feed.path;
  feeds.delete(key);
  feeds.set(key, feed);
  const unused = [...feeds].filter(([, other]) => other.users === 0 && other.busy === null);
  for (const [old] of unused.slice(0, Math.max(0, unused.length - UNUSED_MOST))) feeds.delete(old);
}

function touchAll(): void {
  for (const feed of feeds.values()) feed.dirty = true;
  pump();
}

/** Tells that the page itself changed something: what shows it is read again at once, without waiting for the event. */
export function changed(...kinds: readonly Kind[]): void {
  for (const feed of feeds.values()) {
    if (!kinds.some((kind) => feed.kinds.has(kind))) continue;
    feed.dirty = true;
    feed.last = -Infinity;
  }
  pump();
}

let timer: ReturnType<typeof setTimeout> | undefined;

function pump(): void {
  clearTimeout(timer);
  if (document.hidden || standing.peek() === 'out' || linkState.peek() === 'away') return;
  let soonest = Infinity;
  for (const feed of feeds.values()) {
    if (!feed.dirty || feed.users === 0 || feed.busy) continue;
    const due = feed.last + feed.every - performance.now();
    if (due <= 0) void load(feed);
    else soonest = Math.min(soonest, due);
  }
  if (soonest < Infinity) timer = setTimeout(pump, soonest);
}

async function load(feed: Feed): Promise<void> {
  const controller = new AbortController();
  const asker = reader.peek();
  feed.busy = controller;
  feed.dirty = false;
  feed.last = performance.now();
  try {
    const accept = feed.plain ? 'text/plain' : 'application/json';
    const text = await askText(feed.path, { accept, signal: controller.signal, patience: feed.patience });
    if (asker !== reader.peek()) return;
    lastSeen.value = new Date();
    const before = feed.reading.peek();
    if (text !== feed.text || before.error !== null) {
      feed.text = text;
      feed.reading.value = { data: feed.plain ? text : JSON.parse(text), error: null, loading: false, readAt: performance.now() };
    }
  } catch (error) {
    if (controller.signal.aborted || asker !== reader.peek()) return;
    const before = feed.reading.peek();
    if (error instanceof Unreachable) {
      feed.dirty = true;
      if (before.data === null) feed.reading.value = { ...before, error, loading: false };
      open?.abort(); // The link decides whether the hub is gone.
    } else if (error instanceof Refused && error.status === 401) {
      loseSession();
    } else if (error instanceof Refused && error.status < 500) {
      feed.text = null;
      feed.reading.value = { data: null, error, loading: false, readAt: performance.now() };
    } else if (error instanceof Refused || error instanceof TooSlow) {
      feed.reading.value = { ...before, error, loading: false };
    } else {
      throw error;
    }
  } finally {
    if (feed.busy === controller) feed.busy = null;
    pump();
  }
}

// ---------------------------------------------------------------- for pages

export interface Options {
  /** Read at most once in so many milliseconds; 1000 if nothing is said. */
  every?: number;
  /** Read again after so many milliseconds even without an event: for what no event tells, such as output. */
  poll?: number;
  /** Which events of these kinds concern it: `(event) => event.id === 'job-3'`. */
  only?: (event: Event) => boolean;
  /** The answer is plain text. */
  plain?: boolean;
  /** How long an answer may take, in milliseconds. */
  patience?: number;
}

export interface Live<T> extends Reading<T> {
  /** What is shown answered the query before (another page or filter of the same list) and is about to be replaced. */
  old: boolean;
  /** Reads now. */
  again: () => void;
}

const resource = (path: string): string => path.split('?')[0] ?? path;

/** Reads an address and keeps it up to date: again when an event of these kinds arrives, or after the stream was broken.
 *  A path of null reads nothing. While another query of the same resource is read, what was shown stays. */
export function useLive<T>(path: Address<T> | null, kinds: readonly Kind[], options: Options = {}): Live<T> {
  const { every = 1000, poll: repeat, only, plain = false, patience = 15_000 } = options;
  const feed = path === null ? null : feedOf(path, plain);
  const shown = useRef<{ path: string; reader: number; reading: Reading<unknown> } | null>(null);
  const wanted = kinds.join(' ');
  useEffect(() => {
    if (!feed) return undefined;
    // Between drawing and this effect the feed may have been dropped as unused.
    feeds.set(feed.plain ? `text ${feed.path}` : feed.path, feed);
    feed.users += 1;
    feed.every = feed.users === 1 ? every : Math.min(feed.every, every);
    feed.patience = patience;
    for (const kind of wanted.split(' ')) if (kind) feed.kinds.add(kind as Kind);
    feed.only = feed.users === 1 ? (only ?? null) : null;
    pump();
    return () => letGo(feed);
    // `only` is taken as it is when the feed is first used: it may not depend on more than the path.
  }, [feed, wanted, every, patience]);
  useEffect(() => {
    if (!feed || !repeat) return undefined;
    const turn = setInterval(() => {
      feed.dirty = true;
      pump();
    }, repeat);
    return () => clearInterval(turn);
  }, [feed, repeat]);

  const again = (): void => {
    if (!feed) return;
    feed.dirty = true;
    feed.last = -Infinity;
    if (linkState.peek() === 'away') tryNow();
    else pump();
  };
  if (!feed) return { ...UNREAD, loading: false, old: false, again };
  const reading = feed.reading.value as Reading<T>;
  const before = shown.current;
  if (reading.data === null && reading.loading && before && before.reader === reader.value && resource(before.path) === resource(feed.path)) {
    return { ...(before.reading as Reading<T>), old: true, again };
  }
  shown.current = reading.data === null ? null : { path: feed.path, reader: reader.value, reading };
  return { ...reading, old: false, again };
}

/** A reading that is held for as long as the page is open, outside of any component. */
export function hold<T>(path: Address<T>, kinds: readonly Kind[]): ReadonlySignal<Reading<T>> {
  const feed = feedOf(path, false);
  feed.users += 1;
  for (const kind of kinds) feed.kinds.add(kind);
  return feed.reading as ReadonlySignal<Reading<T>>;
}

/** Hears events as they come, for what reading again cannot show. */
export function useEvents(listener: (event: Event) => void): void {
  const newest = useRef(listener);
  newest.current = listener;
  useEffect(() => {
    const hear = (event: Event): void => newest.current(event);
    listeners.add(hear);
    return () => void listeners.delete(hear);
  }, []);
}

/** Begins; once, when the page starts. */
export function startLive(): void {
  reader.subscribe(() => {
    for (const feed of feeds.values()) feed.forget();
    for (const [key, feed] of [...feeds]) if (feed.users === 0) feeds.delete(key);
    lastSeen.value = null;
    renewing = open !== null;
    tryNow();
    pump();
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) {
      touchAll();
    } else if (linkState.peek() === 'live') {
      renewing = true;
      open?.abort();
    }
  });
  window.addEventListener('online', tryNow);
  setInterval(() => {
    const hub = feeds.get('/v1/hub');
    if (hub) hub.dirty = true;
    // A stream silent for a minute may be dead without a sign: it is opened anew, and nobody needs to know.
    if (linkState.peek() === 'live' && performance.now() - heardAt > SILENCE_MS) {
      renewing = true;
      open?.abort();
    }
    pump();
  }, HEARTBEAT_MS);
  void follow();
}
