// Where the reader is. Every filter, tab, page and opened thing is in the address, so that links are deep and Back works.

import { useLocation } from 'preact-iso/router';
import { useMemo } from 'preact/hooks';

/** Values of the query; null or '' takes one out. */
export type Changes = Record<string, string | number | null | undefined>;

/** An address with some values of its query changed; the others stay. */
export function withQuery(url: string, changes: Changes): string {
  const target = new URL(url, location.origin);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === '') target.searchParams.delete(name);
    else target.searchParams.set(name, String(value));
  }
  const query = target.searchParams.toString();
  return target.pathname + (query ? `?${query}` : '');
}

export interface Query {
  /** A value of the query, or ''. */
  get: (name: string) => string;
  /** The address with these values, for a link. */
  href: (changes: Changes) => string;
  /** Goes there; a step of its own for Back unless `replace` (typing into a search, say). */
  set: (changes: Changes, replace?: boolean) => void;
}

/** The query of this address. `const query = useQuery(); query.get('state'); query.set({ state: 'running', pages: null })`. */
export function useQuery(): Query {
  const { url, route } = useLocation();
  return useMemo(() => {
    const values = new URL(url, location.origin).searchParams;
    return {
      get: (name) => values.get(name) ?? '',
      href: (changes) => withQuery(url, changes),
      set: (changes, replace = false) => {
        const target = withQuery(url, changes);
        if (target !== url) route(target, replace);
      },
    };
  }, [url, route]);
}

/** Goes elsewhere in the dashboard: `const go = useGo(); go('/jobs/job-3')`. Links need it not: `<a href="/jobs">` is enough. */
export function useGo(): (url: string, replace?: boolean) => void {
  return useLocation().route;
}
