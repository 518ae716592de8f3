// The nodes of a pool, as far as the hub tells: where its jobs run, what is closed, and what is out of service.

import { useEffect, useRef, useState } from 'preact/hooks';

import { ask, at } from '../../api/client';
import { may } from '../../api/session';
import type { Pool } from '../../api/types';
import { words } from '../../i18n';
import en from '../../i18n/en/pool';
import zh from '../../i18n/zh/pool';
import { type Asked, CloseButtons, ClosedMark, type Closing, type What } from '../../parts/closings';
import type { JobRow } from '../../parts/holding';
import { Mark, Nothing, Table } from '../../ui';

const t = words(en, zh);

/** Of so many jobs the nodes are read: each is a question of its own. */
export const NODES_OF = 60;
/** What the hub says of a machine whose own agent is silent (SILENT in crates/dispatch). */
const SILENT = 'its agent is silent';

/** On which nodes jobs run, read once for each time a job is placed. */
export function useNodesOf(jobs: readonly JobRow[] | undefined): ReadonlyMap<string, readonly string[]> {
  const [known, setKnown] = useState<ReadonlyMap<string, readonly string[]>>(new Map());
  const read = useRef(new Map<string, readonly string[] | null>());
  const key = (job: JobRow): string => `${job.id} ${job.placed_at ?? ''}`;
  const wanted = (jobs ?? []).slice(0, NODES_OF);
  const all = wanted.map(key).join(',');
  useEffect(() => {
    let over = false;
    const show = (): void => {
      if (over) return;
      setKnown(
        new Map(
          wanted.flatMap((job) => {
            const nodes = read.current.get(key(job));
            return nodes ? [[job.id, nodes] as const] : [];
          }),
        ),
      );
    };
    const left = wanted.filter((job) => !read.current.has(key(job)));
    left.forEach((job) => read.current.set(key(job), null));
    const next = async (): Promise<void> => {
      for (let job = left.shift(); job; job = left.shift()) {
        try {
          const { nodes } = (await ask(at('/v1/jobs/{id}', { id: job.id }))) as JobRow;
          read.current.set(key(job), nodes ?? []);
        } catch {
          // It may be asked again when the list changes.
          read.current.delete(key(job));
        }
      }
    };
    show();
    if (left.length > 0) void Promise.all([next(), next(), next()]).then(show);
    return () => {
      over = true;
      left.splice(0).forEach((job) => read.current.delete(key(job)));
    };
  }, [all]);
  return known;
}

interface Row {
  name: string;
  jobs: JobRow[];
  reason: string | undefined;
  closings: Closing[];
}

export function Nodes({
  pool,
  jobs,
  nodes,
  closings,
  onAsk,
}: {
  pool: Pool;
  jobs: readonly JobRow[];
  nodes: ReadonlyMap<string, readonly string[]>;
  closings: readonly Closing[];
  onAsk: (asked: Asked) => void;
}) {
  const rows = new Map<string, Row>();
  const row = (name: string): Row => {
    const found = rows.get(name) ?? { name, jobs: [], reason: undefined, closings: [] };
    rows.set(name, found);
    return found;
  };
  for (const [name, reason] of Object.entries(pool.out_of_service ?? {})) row(name).reason = reason;
  for (const closing of closings) if (closing.pool === pool.name && closing.node) row(closing.node).closings.push(closing);
  for (const job of jobs) for (const name of new Set(nodes.get(job.id) ?? [])) row(name).jobs.push(job);
  const named = [...rows.values()];
  const rest = pool.nodes - named.length;
  const unread = pool.jobs - Math.min(jobs.length, NODES_OF);
  const closes = may('operator', 'provider');
  const askNode = (what: What): void =>
    onAsk({ what, target: { pool: pool.name, node: '' }, label: pool.name, nodes, known: named.map((one) => one.name) });

  return (
    <>
      {named.length > 0 && (
        <Table
          caption={t('nodesCaption')}
          class="pools-table"
          rows={named}
          order="nodes"
          sorted="node"
          sticky={false}
          rowKey={(one) => one.name}
          mark={(one) => `${one.reason} ${one.closings.length}`}
          columns={[
            {
              id: 'node',
              head: t('node'),
              name: true,
              cell: (one) => <span class="mono">{one.name}</span>,
              sort: (one) => one.name,
            },
            {
              id: 'state',
              head: t('nodeState'),
              narrow: 'beside',
              cell: (one) =>
                one.reason === undefined ? (
                  <Mark shape="ring" filled tone="malachite">
                    {t('serves')}
                  </Mark>
                ) : (
                  <Mark shape="warning" tone="ochre" strong>
                    {t('out')}
                  </Mark>
                ),
              sort: (one) => Number(one.reason === undefined),
            },
            named.some((one) => one.reason !== undefined) && {
              id: 'reason',
              head: t('reason'),
              narrow: 'line',
              cell: (one) =>
                one.reason !== undefined && (
                  <span class="pool-reason" lang={one.reason === SILENT ? undefined : 'en'}>
                    {one.reason === SILENT ? t('silentNode') : one.reason}
                  </span>
                ),
            },
            closes && {
              id: 'closed',
              head: t('closings'),
              cell: (one) => (one.closings.length > 0 ? <ClosedMark closings={one.closings} node /> : <Nothing />),
            },
            {
              id: 'jobs',
              head: t('nodeJobs'),
              narrow: 'line',
              cell: (one) =>
                one.jobs.length > 0 ? (
                  <ul class="pool-node-jobs">
                    {one.jobs.slice(0, 6).map((job) => (
                      <li key={job.id}>
                        <a href={`/jobs/${job.id}`}>{job.id}</a> <span class="note">{job.name}</span>
                      </li>
                    ))}
                    {one.jobs.length > 6 && <li class="note">+ {one.jobs.length - 6}</li>}
                  </ul>
                ) : (
                  <Nothing />
                ),
              sort: (one) => one.jobs.length,
            },
            closes && {
              id: 'actions',
              head: t('nodeActions'),
              narrow: 'line',
              cell: (one) => (
                <CloseButtons
                  small
                  target={{ pool: pool.name, node: one.name }}
                  label={`${pool.name}/${one.name}`}
                  nodes={nodes}
                  closings={one.closings}
                  onAsk={onAsk}
                />
              ),
            },
          ]}
        />
      )}
      {rest > 0 && <p class="note">{t('unnamed', { n: rest })}</p>}
      {!may('tenant') && unread > 0 && <p class="note">{t('unread', { n: Math.min(jobs.length, NODES_OF), rest: unread })}</p>}
      {closes && rest > 0 && (
        <p class="pool-other-node">
          {t('closeNode')}{' '}
          <button type="button" class="plain" onClick={() => askNode('cordon')}>
            {t('cordonNode')}
          </button>
          <button type="button" class="plain" onClick={() => askNode('drain')}>
            {t('drainNode')}
          </button>
          <button type="button" class="plain" onClick={() => askNode('window')}>
            {t('windowNode')}
          </button>
        </p>
      )}
    </>
  );
}
