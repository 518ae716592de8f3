// The frame around every page: the bar with navigation and the link to the hub, and the banner when the hub is away.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { hub, now } from '../api/hub';
import { lastSeen, link, tryNow } from '../api/live';
import { may, me, signOut, standing } from '../api/session';
import { language, speak, words } from '../i18n';
import en from '../i18n/en/shell';
import zh from '../i18n/zh/shell';
import { type NavName, navigation } from '../routes';
import { choose, type Theme, theme } from '../theme';
import { common } from './common';
import { clock, day, zone } from './format';

const t = words(en, zh);

export const Sign = () => (
  <svg class="sign" viewBox="0 0 22 16" width="22" height="16" aria-hidden="true" focusable="false">
    <path d="M1 1h2v14H1zM5 5h2v10H5zM10 10h2v5h-2zM15 6h2v9h-2zM19 2h2v13h-2z" />
  </svg>
);

/** How the page hangs together with the hub: a dot and a word. */
export const LinkMark = () => (
  <p class="link" data-state={link.value}>
    <span class="dot" aria-hidden="true" /><span role="status">{t(`link.${link.value}`)}</span>
  </p>
);

function HubTime() {
  if (!hub.value) return null;
  return (
    <p class="hub-time" title={zone()}>
      <time><span class="hub-day">{day(now.value)} </span>{clock(now.value)}<span class="unit"> {zone()}</span></time>
    </p>
  );
}

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

function Menu() {
  const box = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const shut = (event: Event): void => {
      const open = box.current?.open === true;
      if (!open || !box.current) return;
      const leaves = event instanceof KeyboardEvent ? event.key === 'Escape' : !box.current.contains(event.target as Node);
      if (!leaves) return;
      box.current.open = false;
      if (event instanceof KeyboardEvent) box.current.querySelector('summary')?.focus();
    };
    document.addEventListener('click', shut);
    document.addEventListener('keydown', shut);
    return () => {
      document.removeEventListener('click', shut);
      document.removeEventListener('keydown', shut);
    };
  }, []);
  const who = me.value;
  const role = who && common(`role.${who.role}`);
  return (
    <details class="menu" ref={box}>
      <summary aria-label={[t('menu'), who && (who.subject === who.role ? role : who.subject)].filter(Boolean).join(': ')}>
        <svg class="shape" viewBox="0 0 12 12" aria-hidden="true"><path d="M6 1.5a2.3 2.3 0 1 1 0 4.6a2.3 2.3 0 1 1 0-4.6M1.5 10.8c.4-2.6 2-3.6 4.5-3.6s4.1 1 4.5 3.6" /></svg>
        {who && <span class="who">{who.subject === who.role ? role : who.subject}</span>}
      </summary>
      <div class="menu-body">
        {who && <p>{t('signedInAs')} <b>{who.subject}</b>{who.subject !== who.role && <span class="note"> {role}</span>}</p>}
        <fieldset>
          <legend>{t('theme')}</legend>
          <div class="choices">
            {THEMES.map((name) => (
              <label key={name} class="choice">
                <input type="radio" name="theme" checked={theme.value === name} onChange={() => choose(name)} /><span>{t(`theme.${name}`)}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <ul>
          <li><a href="/wall">{t('nav.wall')}</a></li>
          {standing.value !== 'out' && <li><button type="button" class="plain" onClick={() => void signOut()}>{t('signOut')}</button></li>}
        </ul>
      </div>
    </details>
  );
}

function Banner() {
  if (link.value !== 'away') return null;
  const since = lastSeen.value;
  return (
    <div class="banner" role="alert">
      <p><strong>{t('away')}</strong> {since ? t('awaySince', { time: clock(since.getTime()) }) : t('awayNothing')} {t('awayDo')}</p>
      <button type="button" onClick={tryNow}>{t('tryNow')}</button>
    </div>
  );
}

export function Shell({ nav, children }: { nav?: NavName | undefined; children: ComponentChildren }) {
  const other = language.value === 'zh' ? 'en' : 'zh';
  return (
    <div class={link.value === 'away' ? 'shell stale' : 'shell'}>
      <a class="skip" href="#content">{t('skip')}</a>
      <header class="bar">
        <a class="brand" href="/"><Sign /><span lang="zh-Hans">数谷</span> <span class="latin">Shugu</span></a>
        <nav aria-label={t('navigation')}>
          {standing.value === 'in' && navigation.filter(({ roles }) => !roles || may(...roles)).map(({ name, path }) => (
            <a key={name} href={path} aria-current={name === nav ? 'page' : undefined}>{t(`nav.${name}`)}</a>
          ))}
        </nav>
        <div class="bar-end">
          <LinkMark />
          <HubTime />
          <button type="button" class="plain language" lang={other === 'zh' ? 'zh-Hans' : 'en'} onClick={() => speak(other)}>{t('otherLanguage')}</button>
          <Menu />
        </div>
      </header>
      <Banner />
      <main id="content" tabIndex={-1}>{children}</main>
      <footer class="foot">
        <span><span lang="zh-Hans">数谷</span> Shugu {hub.value?.version}</span>
        <a href="/openapi.json" target="_blank" rel="noopener">{t('api')}</a>
      </footer>
    </div>
  );
}
