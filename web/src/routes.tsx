// Every page: its address, whose it is, and the file that is brought when it is opened.

import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import type { Role } from './api/session';
import Hub from './pages/hub';
import SignIn from './pages/signin';
import { common } from './ui/common';
import { Page } from './ui/page';
import { Notice, Skeleton } from './ui/trouble';

/** What a page is given: the names in its address. */
export interface PageProps {
  params: Record<string, string>;
}
type Loaded = ComponentType<PageProps>;

/** A page that is brought when it is first opened. */
function lazy(load: () => Promise<{ default: Loaded }>): Loaded {
  let found: Loaded | null = null;
  function Brought(props: PageProps) {
    const [, drawAgain] = useState(0);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (found) return;
      load().then(
        (module) => {
          found = module.default;
          drawAgain((n) => n + 1);
        },
        () => setFailed(true),
      );
    }, []);
    if (found) {
      const Found = found;
      return <Found {...props} />;
    }
    if (!failed) return <Skeleton lines={8} />;
    return (
      <Page title="">
        <Notice tone="cinnabar"><p>{common('troublePart')}</p><button type="button" onClick={() => location.reload()}>{common('reload')}</button></Notice>
      </Page>
    );
  }
  return Brought;
}

export interface Route {
  path: string;
  page: Loaded;
  /** Which item of the navigation it belongs to. */
  nav?: NavName;
  /** Who may see it; everybody, if nothing is said. */
  roles?: readonly Role[];
  /** Without the frame around it. */
  bare?: boolean;
}

export const routes: readonly Route[] = [
  { path: '/', page: Hub, nav: 'hub' },
  { path: '/wall', page: lazy(() => import('./pages/wall')), bare: true },
  { path: '/sites', page: lazy(() => import('./pages/sites')), nav: 'sites' },
  { path: '/sites/:id', page: lazy(() => import('./pages/site')), nav: 'sites' },
  { path: '/pools/:name', page: lazy(() => import('./pages/pool')), nav: 'sites' },
  { path: '/jobs', page: lazy(() => import('./pages/jobs')), nav: 'jobs' },
  { path: '/jobs/:id', page: lazy(() => import('./pages/job')), nav: 'jobs' },
  { path: '/submit', page: lazy(() => import('./pages/submit')), nav: 'submit', roles: ['operator', 'tenant'] },
  { path: '/tenants', page: lazy(() => import('./pages/tenants')), nav: 'tenants', roles: ['operator', 'auditor', 'tenant'] },
  { path: '/tenants/:name', page: lazy(() => import('./pages/tenant')), nav: 'tenants', roles: ['operator', 'auditor', 'tenant'] },
  { path: '/statements', page: lazy(() => import('./pages/statements')), nav: 'statements' },
  { path: '/plan', page: lazy(() => import('./pages/plans')), nav: 'plan', roles: ['operator'] },
  { path: '/plan/:id', page: lazy(() => import('./pages/plan')), nav: 'plan', roles: ['operator'] },
  { path: '/replay', page: lazy(() => import('./pages/replays')), nav: 'replay', roles: ['operator'] },
  { path: '/replay/:id', page: lazy(() => import('./pages/replay')), nav: 'replay', roles: ['operator'] },
  { path: '/report', page: lazy(() => import('./pages/report')), nav: 'report' },
  { path: '/signin', page: SignIn },
  // The parts to look at while building; in no build.
  ...(import.meta.env.DEV ? [{ path: '/specimen', page: lazy(() => import('./pages/specimen')) }] : []),
];

export type NavName = 'hub' | 'sites' | 'jobs' | 'submit' | 'tenants' | 'statements' | 'plan' | 'replay' | 'report';

/** The navigation, in its order. */
export const navigation: readonly { name: NavName; path: string; roles?: readonly Role[] }[] = [
  { name: 'hub', path: '/' },
  { name: 'sites', path: '/sites' },
  { name: 'jobs', path: '/jobs' },
  { name: 'submit', path: '/submit', roles: ['operator', 'tenant'] },
  { name: 'tenants', path: '/tenants', roles: ['operator', 'auditor', 'tenant'] },
  { name: 'statements', path: '/statements' },
  { name: 'plan', path: '/plan', roles: ['operator'] },
  { name: 'replay', path: '/replay', roles: ['operator'] },
  { name: 'report', path: '/report' },
];
