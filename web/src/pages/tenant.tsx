import '../style/pages/tenants.css';
import '../style/pages/tenant.css';

import { useMemo, useState } from 'preact/hooks';

import { useQuery } from '../address';
import { ask, at } from '../api/client';
import { now } from '../api/hub';
import { changed, type Live, useLive } from '../api/live';
import { may } from '../api/session';
import type { Job, Schemas } from '../api/types';
import { words } from '../i18n';
import en from '../i18n/en/tenant';
import zh from '../i18n/zh/tenant';
import { type Exact, Money, places, ratio, useExact, yuanText } from '../parts/money';
import { AgainstDue, type Made, MadeToken, part, placed, type Placed, ShareBar, TenancyDialogs } from '../parts/tenancy';
import type { PageProps } from '../routes';
import {
  Ago, Confirm, Dialog, Empty, Fact, Facts, Figure, format, JobState, Mark, Nothing, Notice, Page, Part, Problem, Shown, Skeleton, Span, Table, Time,
} from '../ui';
import { BudgetForm, CreditForm } from './tenant/forms';

const t = words(en, zh);

type Account = Exact<Schemas['AccountOfTenant']>;
type Token = Schemas['TokenView'];

export default function Tenant({ params }: PageProps) {
  const name = params.name ?? '';
  const operator = may('operator');
  const live = useLive(at('/v1/tenants'), ['tenant', 'job']);
  const tenants = useMemo(() => (live.data ? placed(live.data.tenants) : null), [live.data]);
  const tenant = tenants?.find((one) => one.name === name);
  const account = useExact<Schemas['AccountOfTenant']>(at('/v1/tenants/{name}/account', { name }), ['tenant', 'money', 'job']);
  const [made, setMade] = useState<Made | null>(null);
  const crumbs = [{ href: '/tenants', text: t('title') }, ...(tenant?.path.slice(0, -1) ?? []).map((above) => ({ href: `/tenants/${above}`, text: above }))];
  const page = { title: name, crumbs };
  if (live.data && !tenant) {
    return (
      <Page {...page}>
        <Empty>{t(operator ? 'missing' : 'missingOrHidden', { name })} <a href="/tenants">{t('toTenants')}</a></Empty>
      </Page>
    );
  }
  return (
    <Page
      {...page}
      lead={tenant && (tenant.parent ? t.rich('projectOf', { parent: <a href={`/tenants/${tenant.parent}`}>{tenant.parent}</a> }) : t('organisation'))}
    >
      {made && <MadeToken made={made} onKept={() => setMade(null)} />}
      {!tenant && (live.error ? <Problem error={live.error} again={live.again} /> : <Skeleton lines={8} />)}
      {tenant && tenants && (
        <>
          <Share tenant={tenant} tenants={tenants} operator={operator} />
          <Part title={t('account')} note={t('accountNote')}>
            <Shown of={account}>{(data) => <AccountFacts account={data} operator={operator} />}</Shown>
          </Part>
          <Jobs name={name} />
          <Month name={name} projects={tenants.filter((one) => one.parent === name)} />
          {operator && <Tokens name={name} />}
        </>
      )}
      {operator && <TenancyDialogs tenants={tenants} onMade={setMade} />}
      {operator && <MoneyDialogs name={name} account={account} />}
    </Page>
  );
}

// ---------------------------------------------------------------- what it is due

function Share({ tenant, tenants, operator }: { tenant: Placed; tenants: readonly Placed[]; operator: boolean }) {
  const query = useQuery();
  const projects = tenants.filter((one) => one.parent === tenant.name);
  return (
    <Part title={t('share')} note={t('shareNote')}>
      <div class="tenant-share">
        <p class="tenant-share-words">
          <span>{t('used')} <b>{format.known(tenant.share) ? part(tenant.share) : t('nothingYet')}</b></span>
          <span>{t('dueIs')} <b>{part(tenant.due)}</b></span>
          <AgainstDue tenant={tenant} />
        </p>
        <ShareBar tenant={tenant} />
      </div>
      <Facts>
        <Fact name={t('held')}>{format.tenths(tenant.devices_held)}</Fact>
        <Fact name={t('guaranteed')}>{format.known(tenant.guaranteed) ? format.whole(tenant.guaranteed) : <Nothing />}</Fact>
        <Fact name={t('most')}>{format.known(tenant.most) ? format.whole(tenant.most) : t('noLimit')}</Fact>
        <Fact name={t('weight')}>{format.whole(tenant.weight)}</Fact>
        <Fact name={t('usedHours')}><Figure value={tenant.used_device_hours} unit={t('hours')} /></Fact>
      </Facts>
      {operator && <p class="actions"><a class="button" href={query.href({ open: 'terms', of: tenant.name })}>{t('arrange')}</a></p>}
      {projects.length > 0 && (
        <Table
          caption={t('projects')}
          titled
          rows={projects}
          rowKey={(one) => one.name}
          href={(one) => `/tenants/${one.name}`}
          sticky={false}
          order="projects"
          columns={[
            { id: 'name', head: t('project'), cell: (one) => one.name, name: true },
            { id: 'bar', head: t('bar'), cell: (one) => <ShareBar tenant={one} />, class: 'tenants-bar', narrow: 'line' },
            { id: 'share', head: t('shareOfUse'), cell: (one) => (format.known(one.share) ? part(one.share) : <Nothing />), num: true },
            { id: 'due', head: t('due'), cell: (one) => part(one.due), num: true },
            { id: 'against', head: t('against'), cell: (one) => <AgainstDue tenant={one} />, narrow: 'line' },
            { id: 'weight', head: t('weight'), cell: (one) => format.whole(one.weight), num: true },
            { id: 'held', head: t('held'), cell: (one) => format.tenths(one.devices_held), num: true },
          ]}
        />
      )}
    </Part>
  );
}

// ---------------------------------------------------------------- its money

function AccountFacts({ account, operator }: { account: Account; operator: boolean }) {
  const { budget } = account;
  const query = useQuery();
  const wide = places(account.credits.map((one) => one.left_yuan));
  return (
    <div class="tenant-stack">
      {budget && <Budget budget={budget} />}
      {!budget && <p>{t('noBudget')}</p>}
      <Facts>
        <Fact name={t('held_money')}><Money of={account.held_yuan} unit /></Fact>
        <Fact name={t('paid')}><Money of={account.paid_yuan} unit /></Fact>
        <Fact name={t('credit')}><Money of={account.credit_yuan} unit /></Fact>
      </Facts>
      {operator && (
        <p class="actions">
          <a class="button" href={query.href({ open: 'budget' })}>{t(budget ? 'changeBudget' : 'setBudget')}</a>
          {budget && <a class="button" href={query.href({ open: 'lift' })}>{t('liftBudget')}</a>}
          <a class="button" href={query.href({ open: 'credit' })}>{t('giveCredit')}</a>
        </p>
      )}
      {account.credits.length > 0 && (
        <Table
          caption={t('credits')}
          titled
          note={t('creditsNote')}
          rows={account.credits}
          rowKey={(one) => account.credits.indexOf(one)}
          sticky={false}
          order="credits"
          class="tenant-credits"
          columns={[
            { id: 'until', head: t('until'), cell: (one) => (one.until ? <Time at={one.until} ago /> : t('noEnd')), name: true },
            { id: 'left', head: t('left'), unit: t('yuan'), cell: (one) => <Money of={one.left_yuan} places={wide} />, num: true },
          ]}
        />
      )}
    </div>
  );
}

function Budget({ budget }: { budget: NonNullable<Account['budget']> }) {
  const spent = budget.amount_yuan - budget.left_yuan;
  const share = ratio(spent, budget.amount_yuan);
  const empty = budget.left_yuan <= 0n;
  return (
    <div class="tenant-budget">
      {empty ? <Notice tone="cinnabar"><p>{t('spentAll')}</p></Notice> : budget.warned && <Notice><p>{t('warned', { part: format.percent(budget.warn) })}</p></Notice>}
      <p class="tenant-budget-words">
        <span class="tenant-budget-left"><Money of={budget.left_yuan} unit /></span> {t.rich('leftOf', { amount: <Money of={budget.amount_yuan} unit /> })}
      </p>
      <span class="share" aria-hidden="true">
        <span class="share-track">{share > 0 && <span class="share-use" data-over={budget.warned || undefined} style={{ inlineSize: `${Math.min(1, share) * 100}%` }} />}</span>
        <span class="share-due" style={{ insetInlineStart: `${Math.min(1, budget.warn) * 100}%` }} />
      </span>
      <p class="note">
        {t('spentOrHeld', { amount: yuanText(spent), part: format.percent(share), warn: format.percent(budget.warn) })}
        {budget.renews && <> {t.rich('renews', { at: <Time at={budget.renews} /> })}</>}
        {budget.until && <> {t.rich('ends', { at: <Time at={budget.until} ago /> })}</>}
      </p>
    </div>
  );
}

/** Which is open is in the address: `?open=budget`, `lift`, `credit`. */
function MoneyDialogs({ name, account }: { name: string; account: Live<Account> }) {
  const query = useQuery();
  const open = query.get('open');
  const close = (): void => query.set({ open: null }, true);
  const lift = async (): Promise<void> => {
    await ask(at('/v1/tenants/{name}/budget', { name }), { method: 'DELETE' });
    changed('tenant', 'money');
  };
  const budget = account.data?.budget ?? null;
  return (
    <>
      <Dialog open={open === 'budget' && account.data !== null} title={t('budgetTitle', { name })} onClose={close}>
        <BudgetForm name={name} budget={budget} onClose={close} />
      </Dialog>
      <Dialog open={open === 'credit'} title={t('creditTitle', { name })} onClose={close}>
        <CreditForm name={name} onClose={close} />
      </Dialog>
      <Confirm open={open === 'lift' && budget !== null} title={t('liftTitle', { name })} action={t('liftBudget')} danger onYes={lift} onClose={close}>
        {t('liftWhat', { name })}
      </Confirm>
    </>
  );
}

// ---------------------------------------------------------------- its jobs

const SHOWN = 8;

function Jobs({ name }: { name: string }) {
  const mine = { only: (event: { tenant?: string }) => event.tenant === undefined || event.tenant === name };
  const running = useLive(at('/v1/jobs', { tenant: name, state: ['running', 'placed', 'stopping'], limit: SHOWN }), ['job'], mine);
  const waiting = useLive(at('/v1/jobs', { tenant: name, state: 'waiting', limit: SHOWN }), ['job'], mine);
  const list = (states: string): string => `/jobs?tenant=${name}${states && `&state=${encodeURIComponent(states)}`}`;
  return (
    <Part title={t('jobs')} note={<a href={list('')}>{t('allJobs')}</a>}>
      <JobTable title={t('running')} live={running} all={list('running,placed,stopping')} order="running" />
      <JobTable title={t('waiting')} live={waiting} all={list('waiting')} order="waiting" />
    </Part>
  );
}

function JobTable({ title, live, all, order }: { title: string; live: Live<{ jobs: Job[]; next?: unknown }>; all: string; order: string }) {
  const jobs = live.data?.jobs;
  const more = live.data?.next !== null && live.data?.next !== undefined;
  return (
    <div>
      <h3 class="tenant-jobs">{title} {jobs && jobs.length > 0 && <a href={all}>{more ? t('showAll', { n: jobs.length }) : t('asList', { n: jobs.length })}</a>}</h3>
      <Table
        caption={title}
        rows={jobs}
        live={live}
        rowKey={(job) => job.id}
        href={(job) => `/jobs/${job.id}`}
        mark={(job) => job.state}
        sticky={false}
        skeleton={2}
        order={order}
        empty={<span class="none">{t('noJob')}</span>}
        columns={[
          { id: 'state', head: t('state'), cell: (job) => <JobState of={job.state} />, narrow: 'beside', class: 'tenant-state' },
          { id: 'name', head: t('job'), cell: (job) => <><span class="mono">{job.id}</span> {job.name}</>, name: true },
          { id: 'pool', head: t('pool'), cell: (job) => job.pool ?? <Nothing /> },
          {
            id: 'devices',
            head: t('asks'),
            cell: (job) => (job.devices > 0 || job.part ? <>{format.exact(job.part ?? job.devices)}{job.replicas > 1 && <span class="unit"> × {job.replicas}</span>}</> : <Nothing />),
            num: true,
          },
          { id: 'wait', head: t('waits'), cell: (job) => <Span seconds={job.wait_s} since={job.state === 'waiting' ? live.readAt : undefined} />, num: true },
          { id: 'run', head: t('runs'), cell: (job) => (format.known(job.run_s) ? <Span seconds={job.run_s} since={job.state === 'running' ? live.readAt : undefined} /> : <Nothing />), num: true },
        ]}
      />
    </div>
  );
}

// ---------------------------------------------------------------- its month

function Month({ name, projects }: { name: string; projects: readonly Placed[] }) {
  const period = useMemo(() => format.month(now.peek()), []);
  const live = useExact<Schemas['Statement']>(at('/v1/statements', { tenant: name, period }), ['money'], { every: 3000 });
  const page = (tenant: string): string => `/statements?tenant=${tenant}&period=${period}`;
  return (
    <Part title={t('month')} note={period}>
      <Shown of={live} lines={2}>
        {(statement) => {
          const wide = places([...statement.lines.map((line) => line.price_yuan), statement.total_yuan]);
          return (
            <div class="tenant-stack">
              <p class="tenant-budget-words">
                <span class="tenant-budget-left"><Money of={statement.total_yuan} unit /></span> {t('soFar')} <a href={page(name)}>{t('statement')}</a>
              </p>
              {statement.lines.length > 0 && (
                <Table
                  caption={t('month')}
                  rows={statement.lines}
                  rowKey={(line) => `${line.pool} ${line.counterpart}`}
                  href={(line) => `${page(name)}&pool=${line.pool}&with=${line.counterpart}`}
                  sticky={false}
                  order="lines"
                  columns={[
                    { id: 'pool', head: t('pool'), cell: (line) => line.pool, name: true },
                    { id: 'provider', head: t('provider'), cell: (line) => line.counterpart },
                    { id: 'jobs', head: t('jobCount'), cell: (line) => format.whole(line.jobs), num: true },
                    { id: 'devices', head: t('deviceHours'), cell: (line) => <Figure value={line.device_hours} />, num: true },
                    { id: 'cores', head: t('coreHours'), cell: (line) => <Figure value={line.core_hours} />, num: true },
                    { id: 'energy', head: t('energy'), unit: 'kWh', cell: (line) => <Figure value={line.energy_kwh} />, num: true },
                    { id: 'price', head: t('price'), unit: t('yuan'), cell: (line) => <Money of={line.price_yuan} places={wide} />, num: true },
                  ]}
                />
              )}
            </div>
          );
        }}
      </Shown>
      {projects.length > 0 && (
        <p class="note">
          {t('projectStatements')}{' '}
          {projects.map((one, index) => <span key={one.name}>{index > 0 && ', '}<a href={page(one.name)}>{one.name}</a></span>)}
        </p>
      )}
    </Part>
  );
}

// ---------------------------------------------------------------- its tokens

function Tokens({ name }: { name: string }) {
  const query = useQuery();
  // No event tells of tokens: what is made elsewhere is seen at the next reading.
  const live = useLive(at('/v1/tokens'), ['tenant'], { poll: 30_000 });
  const all = query.get('tokens') === 'all';
  const own = live.data?.tokens.filter((token) => token.role === 'tenant' && token.subject === name).toReversed();
  const valid = own?.filter((token) => !token.revoked_at);
  const revoked = (own?.length ?? 0) - (valid?.length ?? 0);
  const id = query.get('revoke');
  const asked = valid?.find((token) => String(token.id) === id);
  const close = (): void => query.set({ revoke: null }, true);
  const revoke = async (): Promise<void> => {
    await ask(`/v1/tokens/${id}`, { method: 'DELETE' });
    changed('tenant');
  };
  return (
    <Part title={t('tokens')} note={t('tokensNote')}>
      <Table
        caption={t('tokens')}
        rows={all ? own : valid}
        live={live}
        rowKey={(token) => token.id}
        sticky={false}
        skeleton={1}
        order="token"
        class="tenant-tokens"
        empty={<Empty command={`shugu access token tenant ${name}`}>{t('noToken')}</Empty>}
        columns={[
          { id: 'id', head: t('number'), cell: (token: Token) => token.id, name: true },
          { id: 'made', head: t('madeAt'), cell: (token) => <Time at={token.created_at} ago />, narrow: 'line' },
          {
            id: 'state',
            head: t('validity'),
            cell: (token) => (token.revoked_at ? <Mark shape="crossedOut" tone="faint">{t('revoked')}</Mark> : <Mark shape="tick" tone="malachite">{t('valid')}</Mark>),
          },
          { id: 'end', head: t('end'), cell: (token) => (token.revoked_at ? <Ago at={token.revoked_at} /> : token.expires_at ? <Time at={token.expires_at} /> : t('untilRevoked')) },
          {
            id: 'do',
            head: t('do'),
            cell: (token) => (token.revoked_at ? null : <a href={query.href({ revoke: token.id })} aria-label={t('revokeOf', { n: token.id })}>{t('revoke')}</a>),
          },
        ]}
      />
      <p class="actions">
        <a class="button" href={query.href({ open: 'token', of: name })}>{t('makeToken')}</a>
        {revoked > 0 && <a class="button" href={query.href({ tokens: all ? null : 'all' })}>{all ? t('hideRevoked') : t('showRevoked', { n: revoked })}</a>}
      </p>
      <Confirm open={asked !== undefined} title={t('revokeTitle', { n: id })} action={t('revoke')} danger onYes={revoke} onClose={close}>
        {t('revokeWhat', { name })}
      </Confirm>
    </Part>
  );
}
