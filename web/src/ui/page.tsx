// What a page is made of: its head, and parts with their names in the gutter.

import { useLocation } from 'preact-iso/router';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { hub } from '../api/hub';
import { language, words } from '../i18n';
import en from '../i18n/en/shell';
import zh from '../i18n/zh/shell';

const t = words(en, zh);

export interface Crumb {
  href: string;
  text: string;
}

/** The first page is where the reader already is; on every later one the focus goes to its heading. */
let shownBefore: string | null = null;

/** A page: its one h1, the crumbs that lead to it, and on the right what is done or counted here.
 *  `title` is for the tab and, unless `heading` says it otherwise, for the h1. */
export function Page({ title, heading, crumbs = [], lead, aside, children }: {
  title: string;
  heading?: ComponentChildren;
  crumbs?: readonly Crumb[];
  /** A line under the heading. */
  lead?: ComponentChildren;
  /** Actions, or `<Counts>`. */
  aside?: ComponentChildren;
  children?: ComponentChildren;
}) {
  const { path } = useLocation();
  const h1 = useRef<HTMLHeadingElement>(null);
  const name = hub.value ? (language.value === 'zh' && hub.value.name_zh) || hub.value.name : '';
  useEffect(() => {
    document.title = [title, name, '数谷 Shugu'].filter(Boolean).join(' – ');
  }, [title, name]);
  useEffect(() => {
    if (shownBefore !== null && shownBefore !== path) h1.current?.focus({ preventScroll: true });
    shownBefore = path;
  }, [path]);
  return (
    <>
      <div class="page-head">
        <div class="page-title">
          {crumbs.length > 0 && (
            <nav class="crumbs" aria-label={t('crumbs')}>
              {crumbs.map((crumb) => <span key={crumb.href}><a href={crumb.href}>{crumb.text}</a><span aria-hidden="true"> / </span></span>)}
            </nav>
          )}
          <h1 tabIndex={-1} ref={h1}>{heading ?? title}</h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        {aside && <div class="page-aside">{aside}</div>}
      </div>
      {children}
    </>
  );
}

/** A part of a page: its name stands in the gutter, or above where there is no room. `wide` puts it above always: for tables
 *  that want the whole width. */
export function Part({ title, note, id, wide = false, aside, children }: {
  title: string;
  note?: ComponentChildren;
  id?: string;
  wide?: boolean;
  /** On the right of the name, in a wide part: filters, actions. */
  aside?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section class={wide ? 'part wide' : 'part'} id={id} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {note && <p class="note">{note}</p>}
        {aside && <div class="part-aside">{aside}</div>}
      </header>
      <div class="part-body">{children}</div>
    </section>
  );
}

/** Large numbers with their names: `<Counts><Count name="Running">12</Count></Counts>`. */
export const Counts = ({ children }: { children: ComponentChildren }) => <dl class="counts">{children}</dl>;
export const Count = ({ name, href, children }: { name: string; href?: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{href ? <a href={href}>{children}</a> : children}</dd>
  </div>
);

/** Names and values: `<Facts><Fact name="Tenant">llm-lab</Fact></Facts>`. */
export const Facts = ({ children }: { children: ComponentChildren }) => <dl class="facts">{children}</dl>;
export const Fact = ({ name, wide = false, children }: { name: string; wide?: boolean; children: ComponentChildren }) => (
  <div class={wide ? 'wide' : undefined}>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
