// One way to ask the hub. An answer is data, or an error that says which of three things happened: the hub refused
// (`Refused`), it could not be reached (`Unreachable`), or it took too long (`TooSlow`).

import type { paths } from './schema';
import { token } from './session';

/** An address of the API that knows what is answered there. */
export type Address<T> = string & { readonly answers?: T };
type Value = string | number | boolean | null | undefined | readonly string[];
type Answered<P> = P extends { get: { responses: { 200: { content: infer C } } } }
  ? C extends { 'application/json': infer T } ? T : string
  : unknown;

/** `at('/v1/jobs/{id}', { id })`, `at('/v1/jobs', { state, after })`: names in braces go into the path, the others into the
 *  query; what is empty or unknown is left out. A route that the description of the API lacks is given its type: `at<SiteList>('/v1/sites')`. */
export function at<P extends keyof paths>(path: P, values?: Record<string, Value>): Address<Answered<paths[P]>>;
export function at<T>(path: string, values?: Record<string, Value>): Address<T>;
export function at(path: string, values: Record<string, Value> = {}): string {
  const left = new URLSearchParams();
  let filled = path;
  for (const [name, value] of Object.entries(values)) {
    const text = Array.isArray(value) ? value.join(',') : String(value ?? '');
    if (filled.includes(`{${name}}`)) filled = filled.replace(`{${name}}`, encodeURIComponent(text));
    else if (text !== '') left.set(name, text);
  }
  const query = left.toString();
  return query ? `${filled}?${query}` : filled;
}

/** The hub answered no: with a code, a sentence and, where one is at fault, the field. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string | null,
    /** The whole of what it said, with its numbers. */
    readonly said: Readonly<Record<string, unknown>>,
  ) {
    super(message);
  }
}
/** The hub could not be reached, or something in between answered for it. */
export class Unreachable extends Error {}
/** The hub did not answer in time. */
export class TooSlow extends Error {}

export type Trouble = Refused | Unreachable | TooSlow;
export const isTrouble = (error: unknown): error is Trouble =>
  error instanceof Refused || error instanceof Unreachable || error instanceof TooSlow;

export interface Asking {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Sent as JSON; a string is sent as it is, with `type`. */
  body?: unknown;
  type?: string;
  accept?: string;
  signal?: AbortSignal;
  /** How long to wait, in milliseconds. */
  patience?: number;
  /** Another token than the kept one: for trying it. */
  token?: string;
}

const PATIENCE_MS = 15_000;

export const authorization = (given = token()): Record<string, string> => (given ? { Authorization: `Bearer ${given}` } : {});

function refusal(status: number, body: string): Refused {
  try {
    const { error } = JSON.parse(body) as { error?: Record<string, unknown> };
    if (typeof error?.message === 'string') {
      return new Refused(status, String(error.code ?? status), error.message, typeof error.field === 'string' ? error.field : null, error);
    }
  } catch {
    // Not JSON; short plain text is shown as it is.
  }
  const plain = body.length > 0 && body.length < 300 && !body.startsWith('<');
  return new Refused(status, String(status), plain ? body : `the hub answered ${status}`, null, {});
}

/** Asks, and gives the answer as text. Throws a `Trouble`, or the abort of the caller's own signal. */
export async function askText(path: string, asking: Asking = {}): Promise<string> {
  const { method = 'GET', body, accept = 'application/json', signal, patience = PATIENCE_MS } = asking;
  // By hand, and cleared: signals made by `timeout` and `any` stay in memory until the time is over, and a page asks all day.
  const controller = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    controller.abort();
  }, patience);
  const stop = (): void => controller.abort();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  const headers: Record<string, string> = { Accept: accept, ...authorization(asking.token) };
  if (body !== undefined) headers['Content-Type'] = asking.type ?? 'application/json';
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      cache: 'no-store',
      credentials: 'same-origin',
      signal: controller.signal,
    });
    text = await answer.text();
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    if (late) throw new TooSlow('no answer in time', { cause });
    throw new Unreachable('no answer', { cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
  if (answer.ok) return text;
  if ([502, 503, 504].includes(answer.status)) throw new Unreachable(`answered ${answer.status}`);
  throw refusal(answer.status, text);
}

/** Asks, and gives the answer as data. After a change, tell `changed(…)` of live.ts what it touched. */
export async function ask<T = unknown>(path: Address<T>, asking: Asking = {}): Promise<T> {
  const text = await askText(path, asking);
  return (text === '' ? null : JSON.parse(text)) as T;
}

/** Brings a file of the API to the reader's disk; a plain link could not send the token. */
export async function download(path: string, name: string): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch(path, { headers: authorization(), cache: 'no-store', credentials: 'same-origin' });
  } catch (cause) {
    throw new Unreachable('no answer', { cause });
  }
  if (!answer.ok) throw refusal(answer.status, await answer.text());
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Opens an answer that is read as it comes, such as output that is followed; its body is the caller's to read. A 503 in the hub's own
 *  words (an agent is silent) is a refusal here. */
export async function openStream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  let answer: Response;
  try {
    answer = await fetch(path, { headers: { Accept: 'text/plain', ...authorization() }, cache: 'no-store', credentials: 'same-origin', signal });
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw new Unreachable('no answer', { cause });
  }
  if (answer.ok && answer.body) return answer.body;
  const trouble = refusal(answer.status, await answer.text());
  throw answer.status < 500 || trouble.code !== String(answer.status) ? trouble : new Unreachable(`answered ${answer.status}`);
}
