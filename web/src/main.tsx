import './style/tokens.css';
import './style/base.css';
import './style/parts.css';

import { exec, LocationProvider, useLocation } from 'preact-iso/router';
import { type ComponentChildren, render } from 'preact';
import { useErrorBoundary, useLayoutEffect } from 'preact/hooks';

import './api/hub';
import { startLive } from './api/live';
import { becomeReader, may, me, standing, takeTokenFromAddress, token } from './api/session';
import { words } from './i18n';
import en from './i18n/en/shell';
import zh from './i18n/zh/shell';
import SignIn from './pages/signin';
import { type Route, routes } from './routes';
import { common } from './ui/common';
import { Page } from './ui/page';
import { Shell } from './ui/shell';
import { Empty, Forbidden, Problem, Skeleton } from './ui/trouble';

const t = words(en, zh);

/** A page that fails leaves the frame standing. */
function Guard({ children }: { children: ComponentChildren }) {
  const [error, reset] = useErrorBoundary((caught) => console.error(caught));
  if (error === undefined) return <>{children}</>;
  return <Page title={common('troublePage')}><Problem error={error} again={reset} alert /></Page>;
}

function find(path: string): { route: Route; params: Record<string, string> } | null {
  for (const route of routes) {
    try {
      const found = exec(path, route.path, { path, query: {}, params: {} }) as { params: Record<string, string> } | undefined;
      if (found) return { route, params: found.params };
    } catch {
      // An address that is wrongly encoded leads nowhere.
    }
  }
  return null;
}

function content(path: string, found: ReturnType<typeof find>): ComponentChildren {
  if (!found) return <Page title={t('missing')}><Empty>{t('missingDo')} <a href="/">{t('toHub')}</a></Empty></Page>;
  const { route: { page: Shown, roles, nav }, params } = found;
  if (standing.value === 'out') return <SignIn />;
  if (standing.value === 'asking' || !me.value) return <Skeleton lines={8} />;
  if (roles && !may(...roles)) return <Page title={nav ? t(`nav.${nav}`) : ''}><Forbidden roles={roles} role={me.value.role} /></Page>;
  return <Guard key={path}><Shown params={params} /></Guard>;
}

function Frame() {
  const location = useLocation() as ReturnType<typeof useLocation> & { wasPush?: boolean };
  const { path } = location;
  const found = find(path);
  useLayoutEffect(() => {
    if (location.wasPush) scrollTo(0, 0);
  }, [path]);
  if (found?.route.bare && standing.value !== 'out') return <>{content(path, found)}</>;
  return <Shell nav={found?.route.nav}>{content(path, found)}</Shell>;
}

takeTokenFromAddress();
window.addEventListener('hashchange', () => {
  if (takeTokenFromAddress()) becomeReader(token());
});
startLive();
const place = document.getElementById('app');
if (place) render(<LocationProvider><Frame /></LocationProvider>, place);
