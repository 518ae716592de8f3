// Who reads this page. A token lives in the tab's storage until the tab is closed; a sign-in by OIDC lives in a cookie that
// the page never sees. Changing the reader forgets everything that was read for the one before.

import { signal } from '@preact/signals';

export type Role = 'operator' | 'auditor' | 'provider' | 'tenant';
export interface Me {
  role: Role;
  subject: string;
}

/** `asking` until the hub has said who this is; `out` when it wants to know first. */
export const standing = signal<'asking' | 'in' | 'out'>('asking');
/** Whom the hub takes the reader for. */
export const me = signal<Me | null>(null);
/** Counts readers: an answer to the one before is not shown to the next. */
export const reader = signal(0);
/** Whether the hub refused what was sent, rather than missing something. */
export const refused = signal(false);

/** Whether the reader sees what everybody has. */
export const overlooks = (): boolean => may('operator', 'auditor');
export const may = (...roles: readonly Role[]): boolean => me.value !== null && roles.includes(me.value.role);

const KEY = 'shugu.token';
let memory = '';

export function token(): string {
  try {
    return sessionStorage.getItem(KEY) ?? memory;
  } catch {
    return memory;
  }
}

function keep(text: string): void {
  memory = text;
  try {
    if (text) sessionStorage.setItem(KEY, text);
    else sessionStorage.removeItem(KEY);
  } catch {
    // A browser without storage keeps it until the page is left.
  }
}

/** Takes a token over from the address and strips it, so that it is neither shared nor kept in the history. */
export function takeTokenFromAddress(): boolean {
  const found = /^#token=(.+)$/.exec(location.hash)?.[1];
  if (found === undefined) return false;
  let given = found;
  try {
    given = decodeURIComponent(found);
  } catch {
    // Not percent-encoded: it stands as it is.
  }
  keep(given);
  history.replaceState(null, '', location.pathname + location.search);
  return true;
}

/** Another reader from now on. */
export function becomeReader(given: string): void {
  keep(given);
  refused.value = false;
  me.value = null;
  standing.value = 'asking';
  reader.value += 1;
}

/** The hub answered 401: nothing that was read may stay. A token that is not good is not kept either. */
export function loseSession(): void {
  if (standing.peek() === 'out') return;
  refused.value = token() !== '';
  keep('');
  me.value = null;
  standing.value = 'out';
  reader.value += 1;
}

export async function signOut(): Promise<void> {
  if (token() === '') {
    // A session of the hub's own ends there; where it cannot be told, the cookie stays, and so does the reader.
    const answer = await fetch('/v1/signout', { method: 'POST', cache: 'no-store' }).catch(() => null);
    if (answer === null) return;
  }
  keep('');
  refused.value = false;
  me.value = null;
  standing.value = 'out';
  reader.value += 1;
}
