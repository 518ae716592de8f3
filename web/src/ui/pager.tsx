// Pages of a list whose answers name only the next cursor. The cursors behind are kept in the address, so that each page has a
// link of its own and "newer" leads back.

import { useQuery } from '../address';
import { common } from './common';

/** The cursor of the page that the address is at: `at('/v1/jobs', { after: usePage().after })`. */
export function usePage(name = 'pages'): { after: string; number: number; cursors: string[] } {
  const cursors = useQuery().get(name).split('~').filter(Boolean);
  return { after: cursors.at(-1) ?? '', number: cursors.length + 1, cursors };
}

/** Newer and older. Whoever changes a filter takes `pages` out of the query. */
export function Pager({ next, name = 'pages' }: { next: string | number | null | undefined; name?: string }) {
  const query = useQuery();
  const { number, cursors } = usePage(name);
  if (number === 1 && (next === null || next === undefined)) return null;
  const newer = cursors.slice(0, -1).join('~');
  const older = [...cursors, String(next)].join('~');
  return (
    <nav class="pager" aria-label={common('page', { n: number })}>
      {number > 1 ? <a class="button" href={query.href({ [name]: newer })} rel="prev">{common('newer')}</a> : <span class="button off">{common('newer')}</span>}
      <span>{common('page', { n: number })}</span>
      {next !== null && next !== undefined ? <a class="button" href={query.href({ [name]: older })} rel="next">{common('older')}</a> : <span class="button off">{common('older')}</span>}
    </nav>
  );
}
