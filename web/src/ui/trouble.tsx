// What is shown when there is nothing to show: an error, an empty list, a page that is not for this role.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { Refused, TooSlow, Unreachable } from '../api/client';
import type { Live } from '../api/live';
import type { Role } from '../api/session';
import { common } from './common';
import { Shape } from './mark';

/** Something to know about what is below. `tone` ochre: mind this; cinnabar: this is wrong; azurite: only said. */
export function Notice({ tone = 'ochre', children }: { tone?: 'ochre' | 'cinnabar' | 'azurite' | 'malachite'; children: ComponentChildren }) {
  return <div class="notice" data-tone={tone}>{children}</div>;
}

function head(error: unknown): string {
  if (error instanceof Unreachable) return common('troubleAway');
  if (error instanceof TooSlow) return common('troubleSlow');
  if (!(error instanceof Refused)) return common('troublePage');
  if (error.status === 403) return common('troubleForbidden');
  if (error.status === 404) return common('troubleMissing');
  if (error.status === 409) return common('troubleConflict');
  return error.status >= 500 ? common('troubleHub') : common('troubleInput');
}

/** What went wrong, in the hub's words, and what to do. `alert` reads it out: for the answer to something the reader did. */
export function Problem({ error, again, alert = false }: { error: unknown; again?: (() => void) | undefined; alert?: boolean }) {
  const said = error instanceof Refused || !(error instanceof Unreachable || error instanceof TooSlow) ? String((error as Error)?.message ?? error) : '';
  const mild = error instanceof Refused && (error.status === 403 || error.status === 404);
  return (
    <div class="notice" data-tone={mild ? 'ochre' : 'cinnabar'} role={alert ? 'alert' : undefined}>
      <p><strong>{head(error)}</strong> {error instanceof Unreachable ? common('troubleAwayDo') : said && <span class="said" lang="en">{said}</span>}</p>
      {again && !mild && <button type="button" onClick={again}>{common('again')}</button>}
    </div>
  );
}

/** Nothing is here, and what to do about it: `<Empty command="shugu submit -- sleep 60">No job yet.</Empty>`. */
export function Empty({ children, command }: { children: ComponentChildren; command?: string }) {
  return (
    <div class="empty">
      <p>{children}</p>
      {command && <Command text={command} />}
    </div>
  );
}

/** A command to take over. */
export function Command({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    });
  };
  return (
    <span class="command">
      <code>{text}</code>
      {/* A page that is not served safely may not write the clipboard. */}
      {'clipboard' in navigator && <button type="button" class="plain" onClick={copy} aria-live="polite">{common(copied ? 'copied' : 'copy')}</button>}
    </span>
  );
}

/** Lines that stand where text will be. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="unseen">{common('loading')}</span>
      {Array.from({ length: lines }, (_, line) => <span key={line} class="bone" aria-hidden="true" />)}
    </div>
  );
}

/** What is read, or why it is not there: `<Shown of={live}>{(pool) => …}</Shown>`. While another query of the same list is read
 *  the old one stays, paler. */
export function Shown<T>({ of: live, lines, children }: { of: Live<T>; lines?: number; children: (data: T) => ComponentChildren }) {
  if (live.data === null) return live.error ? <Problem error={live.error} again={live.again} /> : <Skeleton lines={lines} />;
  return (
    <>
      {live.error && <Problem error={live.error} again={live.again} />}
      <div class={live.old ? 'old' : undefined} aria-busy={live.old || undefined}>{children(live.data)}</div>
    </>
  );
}

/** Not for this role. */
export function Forbidden({ roles, role }: { roles: readonly Role[]; role: Role }) {
  return (
    <div class="empty">
      <p><Shape is="lock" /> {common('onlyRoles', { roles: roles.map((name) => common(`roles.${name}`)).join(common('and')) })}</p>
      <p class="note">{common('onlyRolesDo', { role: common(`role.${role}`) })}</p>
    </div>
  );
}
