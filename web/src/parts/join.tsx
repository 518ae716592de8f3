// Letting a pool join, or one more machine of it: what is asked, and the tokens, which are shown once.

import '../style/pages/join.css';

import { useState } from 'preact/hooks';

import { ask, at, Refused } from '../api/client';
import { changed, useLive } from '../api/live';
import type { Pool, Schemas } from '../api/types';
import { language, words } from '../i18n';
import en from '../i18n/en/join';
import zh from '../i18n/zh/join';
import { Command, common, Confirm, Dialog, Form, format, Notice, SelectField, Table, TextField, Time } from '../ui';

const t = words(en, zh);

type Made = Schemas['MadeToken'];
type Site = Schemas['SiteView'];

/** The words for what starts work in a pool. */
export const executorName = (executor: string): string => t.of('executor', executor);

/** What is typed as a number is sent as one; what is none is the hub's to refuse. */
export const asNumber = (text: string): number | string | undefined => {
  const plain = text.trim();
  if (plain === '') return undefined;
  return Number.isFinite(Number(plain)) ? Number(plain) : plain;
};

/** What the provider runs, with the token in it. */
function command(pool: string, executor: string, token: string): string {
  const own =
    executor === 'slurm'
      ? ' --folder /shared/shugu'
      : executor === 'kubernetes'
        ? ' --image IMAGE --folder /var/lib/shugu'
        : ' --folder /var/lib/shugu';
  return `SHUGU_TOKEN=${token} shugu join --hub ${location.origin} --pool ${format.quoted(pool)} --executor ${executor}${own}`;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

function Tokens({ pool, executor, made, onClose }: { pool: string; executor: string; made: Made; onClose: () => void }) {
  const tokens = [made.token, ...(made.more ?? [])];
  const [one = '', ...others] = tokens;
  return (
    <>
      <Notice>
        <p>
          <strong>{t('made', { n: tokens.length, pool })}.</strong> {t('once')}
        </p>
      </Notice>
      <div class="join-run">
        <p>{t(tokens.length > 1 ? 'runEach' : 'run')}</p>
        <Command text={command(pool, executor, one)} />
        <p class="note">
          {t('runShows')} {t('yours')}
        </p>
      </div>
      {others.length > 0 && (
        <div class="join-run">
          <p>{t('others')}</p>
          <pre class="log join-tokens" tabIndex={0} role="region" aria-label={t('others')}>
            {others.join('\n')}
          </pre>
          {'clipboard' in navigator && (
            <button type="button" onClick={() => void navigator.clipboard.writeText(tokens.join('\n'))}>
              {t('copyAll')}
            </button>
          )}
        </div>
      )}
      {LOOPBACK.has(location.hostname) && <p class="note">{t('loopback')}</p>}
      {location.protocol === 'https:' && <p class="note">{t('fingerprint')}</p>}
      <div class="actions">
        <button type="button" class="primary" data-first onClick={onClose}>
          {t('done')}
        </button>
      </div>
    </>
  );
}

interface JoinProps {
  /** A pool that is there: only tokens are made. */
  pool?: Pool;
  /** What is filled in at first, for a new one. */
  first?: { site: string; provider: string | null | undefined };
  sites?: readonly Site[] | undefined;
  providers?: readonly string[];
  onClose: () => void;
  onSaid: (said: string) => void;
}

function JoinForm({ pool, first, sites = [], providers = [], onClose, onSaid }: JoinProps) {
  const [name, setName] = useState(pool?.name ?? '');
  const [provider, setProvider] = useState(pool?.provider ?? first?.provider ?? '');
  const [site, setSite] = useState(pool?.site ?? first?.site ?? '');
  const [executor, setExecutor] = useState(pool?.executor ?? 'local');
  const [hosts, setHosts] = useState('1');
  const [made, setMade] = useState<Made | null>(null);
  if (made) return <Tokens pool={name} executor={executor} made={made} onClose={onClose} />;
  const many = executor === 'local';
  const send = async (): Promise<void> => {
    const form = {
      name: name.trim(),
      provider: provider.trim(),
      site: site || undefined,
      executor,
      hosts: many ? asNumber(hosts) : undefined,
    };
    let answer: Made;
    try {
      answer = (await ask(at('/v1/pools'), { method: 'POST', body: form })) as unknown as Made;
    } catch (error) {
      if (error instanceof Refused && error.code === 'pool_name_taken')
        throw new Refused(error.status, error.code, error.message, 'name', error.said);
      throw error;
    }
    changed('pool', 'census');
    setName(form.name);
    onSaid(
      pool
        ? t('saidMore', { n: 1 + (answer.more?.length ?? 0), pool: pool.name })
        : t('saidNew', { pool: form.name, provider: form.provider }),
    );
    setMade(answer);
  };
  const nameOf = (one: Site): string => (language.value === 'zh' && one.name_zh) || one.name;
  return (
    <Form send={send}>
      {(busy) => (
        <>
          <p class="dialog-text">{pool ? t(many ? 'aboutMore' : 'aboutAgain', { pool: pool.name }) : t('about')}</p>
          {!pool && (
            <>
              <TextField name="name" label={t('name')} value={name} onValue={setName} hint={t('nameHint')} mono />
              <TextField
                name="provider"
                label={t('provider')}
                value={provider}
                onValue={setProvider}
                hint={t('providerHint')}
                list={providers}
                mono
              />
              <SelectField
                name="site"
                label={t('site')}
                value={site}
                onValue={setSite}
                options={[{ value: '', label: t('noSite') }, ...sites.map((one) => ({ value: one.id, label: nameOf(one) }))]}
              />
              <SelectField
                name="executor"
                label={t('executor')}
                value={executor}
                onValue={setExecutor}
                options={['local', 'slurm', 'kubernetes'].map((value) => ({ value, label: t.of('executorOf', value) }))}
              />
            </>
          )}
          {many && (
            <TextField name="hosts" label={t('hosts')} type="number" value={hosts} onValue={setHosts} hint={t('hostsHint')} />
          )}
          <div class="actions">
            <button type="submit" class="primary" disabled={busy}>
              {t(many && hosts.trim() !== '1' ? 'makeMore' : 'make')}
            </button>
            <button type="button" onClick={onClose}>
              {common('cancel')}
            </button>
          </div>
        </>
      )}
    </Form>
  );
}

/** A button that asks what is to join, then shows its tokens. */
export function LetIn(props: Omit<JoinProps, 'onClose'>) {
  const { pool } = props;
  const [open, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  const more = pool?.executor === 'local' ? 'More' : 'Again';
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {t(pool ? `letIn${more}` : 'letIn')}
      </button>
      <Dialog open={open} title={pool ? t(`title${more}`, { pool: pool.name }) : t('titleNew')} onClose={close}>
        <JoinForm {...props} onClose={close} />
      </Dialog>
    </>
  );
}

type Token = Schemas['TokenView'];

/** Valid tokens of a pool, each with a way to revoke it. */
export function PoolTokens({ pool, onSaid }: { pool: Pool; onSaid: (said: string) => void }) {
  const live = useLive(at('/v1/tokens'), ['pool'], { poll: 60_000 });
  const [asked, setAsked] = useState<Token | null>(null);
  const rows = live.data?.tokens.filter(
    (token) =>
      (token.role === 'joining' || token.role === 'agent') &&
      token.subject === pool.name &&
      !token.revoked_at &&
      (!token.expires_at || Date.parse(token.expires_at) > Date.now()),
  );
  const joining = asked?.role === 'joining';
  const revoke = async (): Promise<void> => {
    if (!asked) return;
    await ask(at('/v1/tokens/{id}', { id: asked.id }), { method: 'DELETE' });
    changed('pool');
    onSaid(t('saidRevoked', { id: asked.id }));
  };
  return (
    <>
      <Table
        caption={t('tokens')}
        rows={rows}
        live={live}
        order="tokens"
        skeleton={1}
        sticky={false}
        rowKey={(token) => token.id}
        columns={[
          { id: 'id', head: '#', cell: (token) => <span class="mono">{token.id}</span>, sort: (token) => token.id },
          { id: 'kind', head: t('kind'), cell: (token) => t.of('role', token.role), name: true },
          { id: 'made', head: t('madeAt'), narrow: 'line', cell: (token) => <Time at={token.created_at} ago /> },
          {
            id: 'ends',
            head: t('ends'),
            narrow: 'line',
            cell: (token) => (token.expires_at ? <Time at={token.expires_at} ago /> : <span class="none">{t('never')}</span>),
          },
          {
            id: 'revoke',
            head: t('action'),
            num: true,
            cell: (token) => (
              <button type="button" class="plain" onClick={() => setAsked(token)}>
                {t('revoke')}
                <span class="unseen"> {token.id}</span>
              </button>
            ),
          },
        ]}
        empty={<p class="none">{t('noTokens')}</p>}
      />
      <p class="note">{t('tokensNote')}</p>
      <Confirm
        open={asked !== null}
        title={asked ? t(joining ? 'revokeJoining' : 'revokeAgent', { id: asked.id }) : ''}
        action={t('revokeYes')}
        danger
        onYes={revoke}
        onClose={() => setAsked(null)}
      >
        {joining ? t('revokeJoiningDoes') : t('revokeAgentDoes', { pool: pool.name, n: pool.jobs })}
      </Confirm>
    </>
  );
}
