// The dialogs that close and open sites, pools and nodes: what will happen, in numbers, stands above what is to be said.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { ask, at, Refused } from '../api/client';
import { now } from '../api/hub';
import { changed, type Live, useLive } from '../api/live';
import { me } from '../api/session';
import type { Schemas } from '../api/types';
import { words } from '../i18n';
import en from '../i18n/en/closings';
import zh from '../i18n/zh/closings';
import { common, Dialog, Form, format, Notice, Problem, Skeleton, TextField, Time } from '../ui';
import { type Asked, type Closing, type Kind, same, type Target, targetName } from './closings';
import { HOLDING, HOUR, type JobRow as Job } from './holding';
import { asTold, meant, onClock, type When, WhenField } from './when';

const t = words(en, zh);

const MOST = 1000;

/** By when a job has ended, whatever it does; null where it has no limit. */
function endsBy(job: Job): number | null {
  if (job.time_limit_s === null || job.time_limit_s === undefined) return null;
  return (job.started_at ? Date.parse(job.started_at) : now.value) + job.time_limit_s * 1000;
}

const endingBefore = (jobs: readonly Job[], moment: number): number =>
  jobs.filter((job) => (endsBy(job) ?? Infinity) <= moment).length;

/** Jobs that hold a place at a target, as far as is known which. */
function useHolding(asked: Asked | null): { jobs: readonly Job[] | null; maybe: number; live: Live<Schemas['JobList']> } {
  const live = useLive(
    asked && asked.what !== 'open'
      ? at('/v1/jobs', { pool: asked.target.pool, site: asked.target.site, state: HOLDING, limit: MOST })
      : null,
    ['job'],
  );
  const all = live.old ? null : (live.data?.jobs ?? null);
  const node = asked?.target.node;
  if (!all || !node) return { jobs: all, maybe: 0, live };
  const known = asked?.nodes;
  return {
    jobs: all.filter((job) => known?.get(job.id)?.includes(node)),
    maybe: all.filter((job) => !known?.has(job.id)).length,
    live,
  };
}

/** How many jobs are concerned, and what becomes of them. */
function Effect({
  what,
  jobs,
  stops,
  until,
  unnamed,
  maybe,
}: {
  what: Kind;
  jobs: readonly Job[];
  /** When what still runs is stopped; null for at once. */
  stops: number | null;
  until: number | null;
  unnamed: boolean;
  maybe: number;
}) {
  const devices = jobs.reduce((sum, job) => sum + job.devices * job.replicas, 0);
  const cores = Math.round(jobs.reduce((sum, job) => sum + job.cpu * job.replicas, 0) * 1000) / 1000;
  const n = jobs.length;
  const moment = (milliseconds: number) => <b class="nowrap">{format.moment(milliseconds)}</b>;
  const sure = stops === null ? 0 : endingBefore(jobs, stops);
  const left = n - sure;
  const lines: ComponentChildren[] = [];
  if (unnamed) lines.push(t('nodeJobs'));
  else if (n === 0) lines.push(t('thereNone'));
  else lines.push(t('there', { n, devices, cores }));
  if (maybe > 0 && !unnamed) lines.push(t('maybe', { n: maybe }));
  if (what === 'cordon') lines.push(t(n > 0 ? 'cordonSome' : 'cordonNone'));
  if (what === 'window') lines.push(stops === null ? t('windowUnsaid') : t.rich('windowBefore', { at: moment(stops) }));
  if (what === 'drain') lines.push(t('drainNew'));
  if (what !== 'cordon' && n > 0 && !unnamed) {
    if (stops === null) {
      if (what === 'drain') lines.push(<b>{t('stopNow', { n })}</b>);
    } else if (sure === 0) {
      lines.push(n === 1 ? t.rich('stopOneAt', { at: moment(stops) }) : t.rich('stopAt', { n: <b>{n}</b>, at: moment(stops) }));
    } else if (left === 0) {
      lines.push(t.rich('stopNoneAt', { at: moment(stops) }));
    } else {
      lines.push(t.rich('stopSomeAt', { n: <b>{left}</b>, sure, at: moment(stops) }));
    }
  }
  if (what !== 'cordon' && (left > 0 || unnamed)) lines.push(<span class="note">{t('stopped')}</span>);
  if (until !== null) lines.push(t.rich('opensAt', { at: moment(until) }));
  return (
    <ul class="closing-effect">
      {lines.map((line, index) => (
        <li key={index}>{line}</li>
      ))}
    </ul>
  );
}

const UNSAID: When = { span: '', at: '' };

/** The form that closes: what it will do, in numbers, stands above what is to be said. */
function CloseForm({
  asked,
  closings,
  onSaid,
  onClose,
}: {
  asked: Asked & { what: Kind };
  closings: readonly Closing[];
  onSaid: (said: string) => void;
  onClose: () => void;
}) {
  const { what, target, label, size } = asked;
  const begin = Math.ceil(now.peek() / HOUR) * HOUR + HOUR;
  const [node, setNode] = useState('');
  const [deadline, setDeadline] = useState<When>({ span: what === 'drain' ? '2h' : '', at: '' });
  const [from, setFrom] = useState<When>({ span: 'at', at: onClock(begin) });
  const [until, setUntil] = useState<When>(what === 'window' ? { span: 'at', at: onClock(begin + 2 * HOUR) } : UNSAID);
  const [reason, setReason] = useState('');
  const unnamed = target.node === '';
  const meantTarget: Target = unnamed ? { pool: target.pool, node } : target;
  const holding = useHolding({ ...asked, target: meantTarget });
  const named = unnamed ? `${target.pool}/${node}` : label;
  const begins = what === 'window' ? meant(from) : null;
  const stops = what === 'window' ? begins : what === 'drain' ? meant(deadline) : null;
  const replaced =
    what === 'window' ? [] : closings.filter((closing) => same(closing, meantTarget) && closing.by === me.value?.role);

  const moveBegin = (when: When): void => {
    const [before, after, end] = [meant(from), meant(when), meant(until)];
    setFrom(when);
    // A window that begins later is as long as before.
    if (before !== null && after !== null && end !== null && end > before)
      setUntil({ span: 'at', at: onClock(end + after - before) });
  };
  const length = what === 'window' && begins !== null && meant(until) !== null ? (meant(until)! - begins) / 1000 : null;

  const send = async (): Promise<void> => {
    const form = {
      site: target.site ?? undefined,
      pool: target.pool ?? undefined,
      node: unnamed ? node : (target.node ?? undefined),
      kind: what,
      from: what === 'window' ? asTold(from) : undefined,
      until: asTold(until) ?? undefined,
      deadline: what === 'drain' ? (asTold(deadline) ?? undefined) : undefined,
      reason: reason.trim() || undefined,
    };
    let answer: Schemas['ClosingList'];
    try {
      answer = (await ask(at('/v1/closings'), { method: 'POST', body: form })) as Schemas['ClosingList'];
    } catch (error) {
      // It is the name of the node that is not known.
      if (unnamed && error instanceof Refused && error.status === 404)
        throw new Refused(404, error.code, t('noNode', { node: node || '–', pool: target.pool ?? '' }), 'node', error.said);
      throw error;
    }
    changed('closing', 'pool', 'job', 'census');
    const made = answer.closings.findLast((closing) => closing.kind === what && closing.by === me.value?.role);
    const text = (moment: string | null | undefined): string => (moment ? format.moment(Date.parse(moment)) : '');
    if (what === 'cordon') onSaid(t('saidCordon', { target: named }));
    else if (what === 'window') onSaid(t('saidWindow', { target: named, from: text(made?.from), until: text(made?.until) }));
    else if (stops === null) onSaid(t('saidDrainNow', { target: named, n: holding.jobs?.length ?? 0 }));
    else onSaid(t('saidDrain', { target: named, at: text(made?.stop_at) }));
    onClose();
  };

  return (
    <Form send={send}>
      {(busy) => (
        <>
          {unnamed && (
            <TextField
              name="node"
              label={t('node')}
              value={node}
              onValue={setNode}
              mono
              hint={t('nodeHint', { pool: target.pool ?? '' })}
              list={asked.known?.length ? asked.known : undefined}
            />
          )}
          <div class="dialog-text">
            {size && (
              <p>
                {t(size.pools === undefined ? 'size' : 'sizeSite', {
                  pools: size.pools ?? 0,
                  nodes: size.nodes,
                  devices: size.devices,
                  cores: Math.round(size.cores * 10) / 10,
                })}
              </p>
            )}
            {holding.live.error && <Problem error={holding.live.error} again={holding.live.again} />}
            {!holding.jobs && !holding.live.error && <Skeleton lines={2} />}
            {holding.jobs && (
              <Effect
                what={what}
                jobs={holding.jobs}
                stops={stops}
                until={what === 'window' ? null : meant(until)}
                unnamed={unnamed && !asked.known?.includes(node)}
                maybe={holding.maybe}
              />
            )}
            {replaced.length > 0 && (
              <Notice>
                <p>
                  {t('replaces', { n: replaced.length })}{' '}
                  {replaced
                    .map((closing) => `${t(`kind.${closing.kind}`)} ${format.moment(Date.parse(closing.from))}`)
                    .join('; ')}
                </p>
              </Notice>
            )}
          </div>
          {what === 'drain' && (
            <WhenField
              name="deadline"
              label={t('deadline')}
              value={deadline}
              onValue={setDeadline}
              nothing={t('atOnce')}
              spans={['30m', '2h', '8h', '1d']}
            />
          )}
          {what === 'window' && <WhenField name="from" label={t('windowFrom')} value={from} onValue={moveBegin} spans={[]} />}
          {what === 'window' ? (
            <WhenField
              name="until"
              label={t('windowUntil')}
              value={until}
              onValue={setUntil}
              spans={[]}
              hint={length !== null && length > 0 ? t('long', { span: format.span(length) }) : undefined}
            />
          ) : (
            <WhenField
              name="until"
              label={t('opensItself')}
              value={until}
              onValue={setUntil}
              nothing={t('byHand')}
              spans={['2h', '8h', '1d', '7d']}
            />
          )}
          <TextField name="reason" label={t('reason')} value={reason} onValue={setReason} hint={t('reasonHint')} />
          <div class="actions">
            <button type="submit" class={what === 'drain' ? 'danger' : 'primary'} disabled={busy}>
              {t(`yes.${what}`)}
            </button>
            <button type="button" data-first onClick={onClose}>
              {common('cancel')}
            </button>
          </div>
        </>
      )}
    </Form>
  );
}

/** Opening takes back all that one's own side said of a target. */
function OpenForm({
  asked,
  closings,
  onSaid,
  onClose,
}: {
  asked: Asked;
  closings: readonly Closing[];
  onSaid: (said: string) => void;
  onClose: () => void;
}) {
  const { target, label } = asked;
  const there = closings.filter((closing) => same(closing, target));
  const own = there.filter((closing) => closing.by === me.value?.role);
  const others = there.length - own.length;
  const send = async (): Promise<void> => {
    const path = at('/v1/closings', { site: target.site, pool: target.pool, node: target.node });
    const { closings: left } = (await ask(path, { method: 'DELETE' })) as Schemas['ClosingList'];
    changed('closing', 'pool', 'job', 'census');
    const still = left
      .map((closing) => `${targetName(closing)} (${t(`kind.${closing.kind}`)}, ${common.of('role', closing.by)})`)
      .join('; ');
    onSaid(left.length === 0 ? t('saidOpen', { target: label }) : t('saidStill', { target: label, still }));
    onClose();
  };
  return (
    <Form send={send}>
      {(busy) => (
        <>
          <div class="dialog-text">
            <p>{t('opens', { n: own.length })}</p>
            <ul class="closing-effect">
              {own.map((closing) => (
                <li key={`${closing.kind} ${closing.from}`}>
                  {t(`kind.${closing.kind}`)}, <Time at={closing.from} />
                  {closing.until && (
                    <>
                      {' '}
                      – <Time at={closing.until} />
                    </>
                  )}
                  {closing.reason && <>: {closing.reason}</>}
                </li>
              ))}
            </ul>
            {others > 0 && (
              <Notice>
                <p>{t(me.value?.role === 'operator' ? 'othersProvider' : 'othersOperator', { n: others })}</p>
              </Notice>
            )}
          </div>
          <div class="actions">
            <button type="submit" class="primary" disabled={busy}>
              {t('yes.open')}
            </button>
            <button type="button" data-first onClick={onClose}>
              {common('cancel')}
            </button>
          </div>
        </>
      )}
    </Form>
  );
}

/** The dialog of what is asked. */
export function CloseDialog({
  asked,
  closings,
  onClose,
  onSaid,
}: {
  asked: Asked | null;
  closings: readonly Closing[];
  onClose: () => void;
  onSaid: (said: string) => void;
}) {
  const title = asked
    ? t(asked.target.node === '' ? `askNode.${asked.what as Kind}` : `ask.${asked.what}`, { target: asked.label })
    : '';
  return (
    <Dialog open={asked !== null} title={title} onClose={onClose}>
      {asked &&
        (asked.what === 'open' ? (
          <OpenForm asked={asked} closings={closings} onSaid={onSaid} onClose={onClose} />
        ) : (
          <CloseForm asked={{ ...asked, what: asked.what }} closings={closings} onSaid={onSaid} onClose={onClose} />
        ))}
    </Dialog>
  );
}
