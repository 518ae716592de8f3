// Sites, pools and nodes that take no work, now or later: what is said of them, and the ways to close and open them. The dialogs
// are in close.tsx.

import '../style/pages/closings.css';

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { at } from '../api/client';
import { now } from '../api/hub';
import { type Live, useLive } from '../api/live';
import { may, me } from '../api/session';
import type { Schemas } from '../api/types';
import { words } from '../i18n';
import en from '../i18n/en/closings';
import zh from '../i18n/zh/closings';
import { common, Mark, Notice, Nothing, Table, Time } from '../ui';

const t = words(en, zh);

export type Closing = Schemas['ClosingView'];
export type Kind = Schemas['ClosingKind'];

/** What is closed: a site, a pool, or a node of a pool. An empty node is one that is still to be named. */
export interface Target {
  site?: string | null;
  pool?: string | null;
  node?: string | null;
}

/** As commands name it. */
export const targetName = ({ site, pool, node }: Target): string =>
  site ? `site:${site}` : node ? `${pool}/${node}` : (pool ?? '');

export const same = (one: Target, other: Target): boolean => targetName(one) === targetName(other);

/** Operators see all closings, providers those of their own pools, others none. Time alone may begin or end one. */
export const useClosings = (): Live<Schemas['ClosingList']> =>
  useLive(may('operator', 'provider') ? at('/v1/closings') : null, ['closing', 'pool'], { poll: 30_000 });

/** Closings that keep work from a pool: its own, its nodes', and its site's. */
export const ofPool = (all: readonly Closing[] | undefined, pool: { name: string; site?: string | null }): Closing[] =>
  (all ?? []).filter(
    (closing) =>
      closing.pool === pool.name || (closing.site !== null && closing.site !== undefined && closing.site === pool.site),
  );

/** Those that close all of a pool now. */
export const closeAll = (closings: readonly Closing[]): Closing[] => closings.filter((closing) => closing.begun && !closing.node);

/** Whether, and how far, something is closed. */
export function ClosedMark({
  closings,
  node = false,
}: {
  closings: readonly Closing[];
  /** They are of one node. */
  node?: boolean;
}) {
  if ((node ? closings.filter((closing) => closing.begun) : closeAll(closings)).length > 0)
    return (
      <Mark shape="lock" tone="ochre" strong>
        {t('closed')}
      </Mark>
    );
  const nodes = new Set(closings.filter((closing) => closing.begun).map((closing) => closing.node));
  if (nodes.size > 0)
    return (
      <Mark shape="lock" tone="ochre">
        {t('closedNodes', { n: nodes.size })}
      </Mark>
    );
  if (closings.length > 0)
    return (
      <Mark shape="clock" tone="ochre">
        {t('closesLater')}
      </Mark>
    );
  return <Nothing />;
}

/** What a closing means, in a sentence. */
function meaning(closing: Closing): ComponentChildren {
  const { kind, begun, stop_at: stops } = closing;
  if (kind === 'cordon') return t('means.cordon');
  if (kind === 'window') return begun ? t('means.windowNow') : t.rich('means.window', { at: <Time at={closing.from} short /> });
  const over = stops && Date.parse(stops) <= now.value;
  return over ? t('means.drained') : t.rich('means.drain', { at: <Time at={stops} short /> });
}

const KIND = {
  cordon: { shape: 'lock', tone: 'ochre' },
  drain: { shape: 'cutSquare', tone: 'cinnabar' },
  window: { shape: 'clock', tone: 'amethyst' },
} as const;
const ClosingKind = ({ of: kind }: { of: Kind }) => <Mark {...KIND[kind]}>{t(`kind.${kind}`)}</Mark>;

/** Where a closing applies, as a link to its page. */
function Where({ closing, siteName }: { closing: Closing; siteName?: ((id: string) => string) | undefined }) {
  if (closing.site) {
    return (
      <>
        <a class="quiet" href={`/sites/${encodeURIComponent(closing.site)}`}>
          {siteName?.(closing.site) ?? closing.site}
        </a>
        <span class="under">{t('wholeSite')}</span>
      </>
    );
  }
  const pool = encodeURIComponent(closing.pool ?? '');
  return (
    <>
      <a class="quiet" href={`/pools/${pool}`}>
        {closing.node ? (
          <>
            {closing.pool} / {closing.node}
          </>
        ) : (
          closing.pool
        )}
      </a>
      <span class="under">{t(closing.node ? 'oneNode' : 'wholePool')}</span>
    </>
  );
}

/** Closings, each with what it means, and for whoever closed it the way to open it again. */
export function ClosingTable({
  rows,
  live,
  caption,
  empty,
  siteName,
  onAsk,
  order,
}: {
  rows: readonly Closing[] | null | undefined;
  live: Live<unknown>;
  caption: string;
  empty: ComponentChildren;
  siteName?: (id: string) => string;
  onAsk: (asked: Asked) => void;
  /** Which value of the query holds the order. */
  order?: string;
}) {
  if (rows?.length === 0 && !live.error) return <>{empty}</>;
  return (
    <Table
      caption={caption}
      rows={rows}
      live={live}
      order={order}
      skeleton={2}
      sticky={false}
      rowKey={(closing) => `${targetName(closing)} ${closing.kind} ${closing.from} ${closing.by}`}
      columns={[
        {
          id: 'where',
          head: t('where'),
          name: true,
          cell: (closing) => <Where closing={closing} siteName={siteName} />,
          sort: targetName,
        },
        { id: 'kind', head: t('kind'), cell: (closing) => <ClosingKind of={closing.kind} />, narrow: 'beside' },
        {
          id: 'means',
          head: t('means'),
          cell: (closing) => (
            <>
              {meaning(closing)}
              {closing.reason && <span class="under closing-reason">{closing.reason}</span>}
            </>
          ),
          narrow: 'line',
        },
        {
          id: 'from',
          head: t('from'),
          narrow: 'line',
          cell: (closing) => <Time at={closing.from} ago={closing.begun} />,
          sort: (closing) => closing.from,
        },
        {
          id: 'until',
          head: t('until'),
          narrow: 'line',
          cell: (closing) => (closing.until ? <Time at={closing.until} ago /> : <span class="none">{t('untilOpened')}</span>),
          sort: (closing) => closing.until,
        },
        { id: 'by', head: t('by'), cell: (closing) => common.of('role', closing.by), sort: (closing) => closing.by },
        {
          id: 'open',
          head: t('action'),
          num: true,
          cell: (closing) =>
            closing.by === me.value?.role ? (
              <button type="button" onClick={() => onAsk({ what: 'open', target: closing, label: labelOf(closing, siteName) })}>
                {t('open')}
                <span class="unseen"> {targetName(closing)}</span>
              </button>
            ) : (
              <span class="note">{t(closing.by === 'provider' ? 'providerOpens' : 'operatorOpens')}</span>
            ),
        },
      ]}
    />
  );
}

const labelOf = (target: Target, siteName?: (id: string) => string): string =>
  target.site ? (siteName?.(target.site) ?? target.site) : targetName(target);

export type What = Kind | 'open';

/** What a reader is about to do. */
export interface Asked {
  what: What;
  target: Target;
  /** As people call it. */
  label: string;
  /** What it has, to be told before it is closed. */
  size?: { pools?: number; nodes: number; devices: number; cores: number };
  /** On which nodes jobs are known to run, by job: to tell which of a pool's jobs a node has. */
  nodes?: ReadonlyMap<string, readonly string[]>;
  /** Names to choose from, where the node is still to be named. */
  known?: readonly string[];
}

/** The ways to close and open one thing; nothing for those who may not. */
export function CloseButtons({
  target,
  label,
  size,
  nodes,
  closings,
  onAsk,
  small = false,
}: Omit<Asked, 'what' | 'known'> & {
  closings: readonly Closing[];
  onAsk: (asked: Asked) => void;
  small?: boolean;
}) {
  const own = closings.some((closing) => same(closing, target) && closing.by === me.value?.role);
  const button = (what: What, danger = false) => (
    <button
      type="button"
      class={[danger && 'danger', small && 'plain'].filter(Boolean).join(' ') || undefined}
      onClick={() => onAsk({ what, target, label, size, nodes })}
    >
      {t(`do.${what}`)}
      {small && <span class="unseen"> {label}</span>}
    </button>
  );
  return (
    <div class={small ? 'closing-few' : 'actions'} role="group" aria-label={t('actions', { target: label })}>
      {own && button('open')}
      {button('cordon')}
      {button('drain')}
      {button('window')}
    </div>
  );
}

/** What closes something now, above all else on its page. */
export function ClosedNotice({ closings, where }: { closings: readonly Closing[]; where: 'site' | 'pool' }) {
  const all = closeAll(closings).filter((closing) => where === 'pool' || closing.site);
  if (all.length === 0) return null;
  return (
    <>
      {all.map((closing) => (
        <Notice key={`${targetName(closing)} ${closing.kind} ${closing.from}`}>
          <p>
            <strong>{t(where === 'site' ? 'siteClosed' : closing.site ? 'poolBySite' : 'poolClosed')}</strong>{' '}
            {t.rich('since', { at: <Time at={closing.from} short ago />, by: common.of('role', closing.by) })} {meaning(closing)}
            {closing.until && <> {t.rich('opensAt', { at: <Time at={closing.until} short /> })}</>}
            {closing.reason && (
              <>
                {' '}
                <span class="closing-reason">{t('because', { reason: closing.reason })}</span>
              </>
            )}
          </p>
        </Notice>
      ))}
    </>
  );
}

/** What was done is told, until something else is done. */
export function useSaid(): [(said: string) => void, () => ComponentChildren] {
  const [said, setSaid] = useState('');
  const show = () => (
    <div role="status" class="said-place">
      {said && (
        <Notice tone="malachite">
          <p>{said}</p>
          <button type="button" class="plain" onClick={() => setSaid('')}>
            {common('close')}
          </button>
        </Notice>
      )}
    </div>
  );
  return [setSaid, show];
}
