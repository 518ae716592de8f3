// What every list of pools shows.

import '../style/pages/pools.css';

import type { Pool } from '../api/types';
import { may } from '../api/session';
import { words } from '../i18n';
import en from '../i18n/en/sites';
import zh from '../i18n/zh/sites';
import { type Column, Contact, Held, Mark, Nothing } from '../ui';
import { ClosedMark, type Closing, ofPool } from './closings';
import { executorName } from './join';

const t = words(en, zh);

/** Whether a pool was let in and its agent has yet to come. */
export const isExpected = (pool: Pool): boolean => !pool.contact && pool.nodes === 0;

/** Whether the agent of a pool is in touch, silent, or has yet to come. */
export const PoolContact = ({ pool }: { pool: Pool }) =>
  isExpected(pool) ? (
    <Mark shape="dashes" tone="faint">
      {t('notJoined')}
    </Mark>
  ) : (
    <Contact is={pool.contact} />
  );

/** How many nodes take nothing, by what the site's manager or the hub says of them. */
export const outOfService = (pool: Pool): number => Object.keys(pool.out_of_service ?? {}).length;

/** What others than the hub's jobs use of a pool. */
export function OthersUse({ pool }: { pool: Pool }) {
  const [devices, cores] = [pool.devices_others ?? 0, pool.cores_others ?? 0];
  if (devices === 0 && cores === 0) return <Nothing />;
  return (
    <>
      {devices > 0 && <span class="nowrap">{t('othersDevices', { n: devices })}</span>}
      {cores > 0 && <span class={devices > 0 ? 'under' : 'nowrap'}>{t('othersCores', { n: cores })}</span>}
    </>
  );
}

/** Columns of a list of pools. `nameOf` tells the name of a site; without it the list is of one site. */
export const poolColumns = ({
  nameOf,
  closings,
}: {
  nameOf?: (site: string) => string;
  closings: readonly Closing[] | undefined;
}): readonly (Column<Pool> | false)[] => [
  {
    id: 'pool',
    head: t('poolOf'),
    name: true,
    cell: (pool) => (
      <>
        <span class="nowrap">{pool.name}</span>
        <span class="under">{pool.provider}</span>
      </>
    ),
    sort: (pool) => pool.name,
  },
  {
    id: 'contact',
    head: t('contactFilter'),
    cell: (pool) => <PoolContact pool={pool} />,
    sort: (pool) => Number(pool.contact),
    narrow: 'beside',
  },
  nameOf !== undefined && {
    id: 'site',
    head: t('site'),
    class: 'sites-name',
    cell: (pool) =>
      pool.site ? (
        <a class="quiet" href={`/sites/${encodeURIComponent(pool.site)}`}>
          {nameOf(pool.site)}
        </a>
      ) : (
        <span class="none">{t('noSite')}</span>
      ),
    sort: (pool) => pool.site && nameOf(pool.site),
  },
  {
    id: 'model',
    class: 'nowrap',
    head: t('model'),
    cell: (pool) => (
      <>
        {pool.model ?? (pool.nodes > 0 ? <span class="none">{t('noModel')}</span> : <Nothing />)}
        <span class="under">{t('runsAs', { executor: executorName(pool.executor) })}</span>
      </>
    ),
    sort: (pool) => pool.model,
  },
  {
    id: 'nodes',
    head: t('nodes'),
    num: true,
    cell: (pool) =>
      isExpected(pool) ? (
        <Nothing />
      ) : (
        <>
          {pool.nodes}
          {(pool.nodes_asleep ?? 0) > 0 && <span class="under">{t('asleep', { n: pool.nodes_asleep ?? 0 })}</span>}
        </>
      ),
    sort: (pool) => pool.nodes,
  },
  {
    id: 'devices',
    head: t('devicesHeld'),
    num: true,
    class: 'meter',
    cell: (pool) => (pool.nodes > 0 ? <Held part={pool.devices_held} total={pool.devices} /> : <Nothing />),
    sort: (pool) => pool.devices,
  },
  {
    id: 'cores',
    head: t('coresHeld'),
    num: true,
    class: 'meter',
    cell: (pool) => (pool.nodes > 0 ? <Held part={pool.cores_held} total={pool.cores} as="tenths" /> : <Nothing />),
    sort: (pool) => pool.cores,
  },
  {
    id: 'others',
    class: 'wraps',
    head: t('othersUse'),
    num: true,
    cell: (pool) => <OthersUse pool={pool} />,
    sort: (pool) => (pool.devices_others ?? 0) * 1e6 + (pool.cores_others ?? 0),
  },
  {
    id: 'out',
    class: 'wraps',
    head: t('out'),
    cell: (pool) =>
      outOfService(pool) > 0 ? (
        <Mark shape="warning" tone="ochre">
          {t('outNodes', { n: outOfService(pool), total: pool.nodes })}
        </Mark>
      ) : (
        <Nothing />
      ),
    sort: (pool) => -outOfService(pool),
  },
  may('operator', 'provider') && {
    id: 'closed',
    head: t('closedFilter'),
    cell: (pool) => <ClosedMark closings={ofPool(closings, pool)} />,
  },
  { id: 'jobs', head: t('jobs'), num: true, cell: (pool) => pool.jobs, sort: (pool) => pool.jobs },
];
