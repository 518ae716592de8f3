// Tables: one way to draw rows, and all the states a list can be in.

import { useLocation } from 'preact-iso/router';
import type { ComponentChildren, TargetedMouseEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { useQuery } from '../address';
import type { Live } from '../api/live';
import { common } from './common';
import { Problem } from './trouble';

export interface Column<R> {
  /** Names the column in the address when it is sorted by. */
  id: string;
  head: string;
  /** Of the numbers, said once in the head. */
  unit?: string;
  cell: (row: R) => ComponentChildren;
  /** Numbers stand on the right. */
  num?: boolean;
  /** The cell names the row: one column of a table does. */
  name?: boolean;
  /** What to sort by; columns without it are not sorted. Unknown (null) comes last either way. */
  sort?: (row: R) => number | string | null | undefined;
  /** On a narrow page: left out, on a line of its own, or at the right of the name. */
  narrow?: 'hide' | 'line' | 'beside';
  class?: string;
}

export interface TableProps<R> {
  /** Says what the table holds; drawn only with `titled`. */
  caption: string;
  titled?: boolean;
  /** Beside a drawn caption. */
  note?: ComponentChildren;
  columns: readonly (Column<R> | false | null | undefined)[];
  rows: readonly R[] | null | undefined;
  rowKey: (row: R) => string | number;
  /** The reading the rows come from: gives loading, error and old. Without it the rows are simply there. */
  live?: Pick<Live<unknown>, 'error' | 'loading' | 'old' | 'again'>;
  /** Shown when there are no rows. */
  empty?: ComponentChildren;
  /** Where a row leads: its name becomes a link and a click anywhere on the row follows it. */
  href?: (row: R) => string;
  current?: (row: R) => boolean;
  /** A row whose mark changes lights up for a moment. */
  mark?: (row: R) => string;
  foot?: ComponentChildren;
  /** How the table is sorted when the address says nothing: a column's id, `-` before it for largest first. */
  sorted?: string;
  /** Which value of the query holds the order, where a page has several tables. */
  order?: string;
  skeleton?: number;
  /** The head stays below the bar; not where the table scrolls sideways in a box of its own. */
  sticky?: boolean;
  class?: string;
}

function compare(one: number | string | null | undefined, other: number | string | null | undefined, down: boolean): number {
  const lacking = (value: unknown): boolean => value === null || value === undefined || Number.isNaN(value);
  if (lacking(one) || lacking(other)) return Number(lacking(one)) - Number(lacking(other));
  const order = typeof one === 'string' || typeof other === 'string' ? String(one).localeCompare(String(other), undefined, { numeric: true }) : Number(one) - Number(other);
  return down ? -order : order;
}

export function Table<R>(props: TableProps<R>) {
  const { caption, titled = false, note, rowKey, live, empty, href, foot, order = 'sort', skeleton = 5, sticky = true } = props;
  const columns = props.columns.filter((column): column is Column<R> => Boolean(column));
  const query = useQuery();
  const sort = query.get(order) || props.sorted || '';
  const down = sort.startsWith('-');
  const by = columns.find((column) => column.sort && column.id === sort.replace(/^-/, ''));
  const rows = by?.sort && props.rows ? props.rows.toSorted((one, other) => compare(by.sort?.(one), by.sort?.(other), down)) : props.rows;

  const head = (column: Column<R>) => {
    const label = <>{column.head}{column.unit && <span class="unit"> {column.unit}</span>}</>;
    const className = cellClass(column);
    if (!column.sort) return <th key={column.id} role="columnheader" scope="col" class={className}>{label}</th>;
    const chosen = by === column;
    // Numbers are looked at from the largest down, names from the first on.
    const next = chosen ? (down ? column.id : `-${column.id}`) : column.num ? `-${column.id}` : column.id;
    return (
      <th key={column.id} role="columnheader" scope="col" class={className} aria-sort={chosen ? (down ? 'descending' : 'ascending') : undefined}>
        <button type="button" class="sort" title={common('sortBy', { column: column.head })} onClick={() => query.set({ [order]: next }, true)}>
          {label}<svg class="arrow" viewBox="0 0 8 8" aria-hidden="true"><path d={chosen ? (down ? 'M1 2.5h6L4 6.5Z' : 'M1 5.5h6L4 1.5Z') : 'M1.5 3.4L4 1l2.5 2.4M1.5 4.6L4 7l2.5-2.4'} /></svg>
        </button>
      </th>
    );
  };

  let body: ComponentChildren;
  if (rows && rows.length > 0) {
    body = rows.map((row) => <Row key={rowKey(row)} row={row} columns={columns} href={href?.(row)} current={props.current?.(row) ?? false} mark={props.mark?.(row)} />);
  } else if (rows) {
    body = <tr role="row" class="whole"><td role="cell" colSpan={columns.length}>{empty ?? <span class="none">{common('none')}</span>}</td></tr>;
  } else if (live?.error) {
    body = <tr role="row" class="whole"><td role="cell" colSpan={columns.length}><Problem error={live.error} again={live.again} /></td></tr>;
  } else {
    body = Array.from({ length: skeleton }, (_, line) => (
      <tr key={line} role="row" class="bones" aria-hidden="true">
        {columns.map((column) => <td key={column.id} class={cellClass(column)}><span class="bone" /></td>)}
      </tr>
    ));
  }
  return (
    <>
      {rows && live?.error && <Problem error={live.error} again={live.again} />}
      <table role="table" class={['table', sticky && 'sticky', href && 'leading', live?.old && 'old', props.class].filter(Boolean).join(' ')} aria-busy={(!rows && !live?.error) || live?.old || undefined}>
        <caption class={titled ? undefined : 'unseen'}>{caption}{note && <span class="aside"> {note}</span>}</caption>
        <thead role="rowgroup"><tr role="row">{columns.map(head)}</tr></thead>
        <tbody role="rowgroup">{body}</tbody>
        {foot && rows && rows.length > 0 && <tfoot role="rowgroup">{foot}</tfoot>}
      </table>
    </>
  );
}

const cellClass = <R,>(column: Column<R>): string | undefined =>
  [column.num && 'num', column.narrow && `narrow-${column.narrow}`, column.class].filter(Boolean).join(' ') || undefined;

function Row<R>({ row, columns, href, current, mark }: {
  row: R;
  columns: readonly Column<R>[];
  href: string | undefined;
  current: boolean;
  mark: string | undefined;
}) {
  const { route } = useLocation();
  const element = useRef<HTMLTableRowElement>(null);
  const before = useRef(mark);
  useEffect(() => {
    if (before.current === mark) return;
    before.current = mark;
    const shown = element.current;
    if (!shown) return;
    shown.classList.remove('changed');
    void shown.offsetWidth; // Restarts the animation.
    shown.classList.add('changed');
  }, [mark]);
  const follow = (event: TargetedMouseEvent<HTMLTableRowElement>): void => {
    if (!href || (event.target as Element).closest('a, button, input, select, label, summary') || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey) open(href, '_blank');
    else route(href);
  };
  return (
    // The link in the row's name does the same for the keyboard.
    <tr role="row" ref={element} class={href ? 'leads' : undefined} aria-current={current || undefined} onClick={href ? follow : undefined}>
      {columns.map((column) => {
        const label = column.unit ? `${column.head}, ${column.unit}` : column.head;
        const className = cellClass(column);
        if (column.name) {
          return (
            <th key={column.id} role="rowheader" scope="row" class={className}>
              {href ? <a class="quiet" href={href}>{column.cell(row)}</a> : column.cell(row)}
            </th>
          );
        }
        return <td key={column.id} role="cell" class={className} data-label={label}>{column.cell(row)}</td>;
      })}
    </tr>
  );
}
