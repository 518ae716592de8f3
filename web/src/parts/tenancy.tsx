// What the list of tenants and the page of one share: how much of its due a tenant uses, and what operators do with it.

import { useEffect, useState } from 'preact/hooks';

import { useQuery } from '../address';
import { ask, at, Refused } from '../api/client';
import { changed } from '../api/live';
import type { Schemas, Tenant } from '../api/types';
import { words } from '../i18n';
import en from '../i18n/en/tenancy';
import zh from '../i18n/zh/tenancy';
import { CheckField, Command, common, Confirm, Dialog, Form, format, Mark, Notice, SelectField, TextField, Unknown } from '../ui';
import { whole } from './money';

const t = words(en, zh);

export type Made = Schemas['MadeToken'];

// ---------------------------------------------------------------- shares

/** The list as it is told, with how deep each is in it: projects follow what they are projects of. */
export interface Placed extends Tenant {
  depth: number;
  /** Names from the top down, itself last. */
  path: string[];
}
export function placed(tenants: readonly Tenant[]): Placed[] {
  const byName = new Map(tenants.map((tenant) => [tenant.name, tenant]));
  return tenants.map((tenant) => {
    const path = [tenant.name];
    for (let above = tenant.parent; above && byName.has(above) && !path.includes(above); above = byName.get(above)?.parent) path.unshift(above);
    return { ...tenant, path, depth: path.length - 1 };
  });
}

/** How far use is from what is due, in percentage points; null while nobody used anything. */
export const excess = (tenant: Tenant): number | null => (format.known(tenant.share) ? (tenant.share - tenant.due) * 100 : null);

/** A part of all, always to a tenth of a percent: columns of it stand in line. */
export const part = (fraction: number): string => `${(fraction * 100).toFixed(1)}\u00a0%`;

/** Whether use differs from what is due by more than anybody would call a difference: a twentieth of it, and a tenth of a point. */
const near = (tenant: Tenant): boolean => Math.abs(excess(tenant) ?? 0) < Math.max(0.1, tenant.due * 5);

/** Over its due, under it, or about there: in a word and a number. */
export function AgainstDue({ tenant }: { tenant: Tenant }) {
  const points = excess(tenant);
  if (points === null) return <Unknown>{t('noUse')}</Unknown>;
  if (near(tenant)) return <Mark shape="tick" tone="malachite">{t('near')}</Mark>;
  const n = Math.abs(points).toFixed(1);
  return points > 0 ? <Mark shape="up" filled tone="ochre">{t('over', { n })}</Mark> : <Mark shape="down" tone="azurite">{t('under', { n })}</Mark>;
}

/** A bar of the share of use whose middle is what is due, so that all of a list compare; what is more than twice the due ends in a point. */
export function ShareBar({ tenant }: { tenant: Tenant }) {
  const { share, due } = tenant;
  const known = format.known(share) && due > 0;
  const turns = known ? share / due : 0;
  return (
    <span class="share" aria-hidden="true">
      <span class={known ? 'share-track' : 'share-track hatch'}>
        {turns > 0 && <span class="share-use" data-over={(turns > 1 && !near(tenant)) || undefined} data-beyond={turns > 2 || undefined} style={{ inlineSize: `${Math.min(1, turns / 2) * 100}%` }} />}
      </span>
      <span class="share-due" style={{ insetInlineStart: '50%' }} />
    </span>
  );
}

// ---------------------------------------------------------------- terms

interface Terms {
  parent: string;
  weight: string;
  guaranteed: string;
  most: string;
}
const termsOf = (tenant: Tenant | null): Terms => ({
  parent: tenant?.parent ?? '',
  weight: String(tenant?.weight ?? 1),
  guaranteed: String(tenant?.guaranteed ?? ''),
  most: String(tenant?.most ?? ''),
});
const same = (one: Terms, other: Terms): boolean => (Object.keys(one) as (keyof Terms)[]).every((key) => one[key] === other[key]);

async function arrange(name: string, terms: Terms): Promise<void> {
  const weight = whole('weight', terms.weight);
  if (weight === null) throw new Refused(400, 'wrong_input', t('weightMissing'), 'weight', {});
  const body: Schemas['TenantForm'] = {
    parent: terms.parent || null,
    weight,
    guaranteed: whole('guaranteed', terms.guaranteed),
    most: whole('most', terms.most),
  };
  await ask(at('/v1/tenants/{name}', { name }), { method: 'PUT', body });
}

function TermsFields({ terms, onTerms, parents }: { terms: Terms; onTerms: (terms: Terms) => void; parents: readonly string[] }) {
  const put = (key: keyof Terms) => (value: string): void => onTerms({ ...terms, [key]: value });
  return (
    <>
      <SelectField
        name="parent"
        label={t('parent')}
        value={terms.parent}
        onValue={put('parent')}
        options={[{ value: '', label: t('noParent') }, ...parents.map((name) => ({ value: name, label: name }))]}
        hint={t('parentHint')}
      />
      <div class="row">
        <TextField name="weight" label={t('weight')} type="number" value={terms.weight} onValue={put('weight')} hint={t('weightHint')} />
        <TextField name="guaranteed" label={t('guaranteed')} type="number" value={terms.guaranteed} onValue={put('guaranteed')} hint={t('guaranteedHint')} placeholder={t('nothing')} />
        <TextField name="most" label={t('most')} type="number" value={terms.most} onValue={put('most')} hint={t('mostHint')} placeholder={t('noLimit')} />
      </div>
    </>
  );
}

/** Those that a tenant could be a project of: neither itself nor what is below it. */
const parentsFor = (name: string, tenants: readonly Placed[]): string[] => tenants.filter((one) => !one.path.includes(name)).map((one) => one.name);

function TermsForm({ tenant, tenants, onClose }: { tenant: Placed; tenants: readonly Placed[]; onClose: () => void }) {
  const holds = termsOf(tenant);
  const [begun, setBegun] = useState(holds);
  const [terms, setTerms] = useState(holds);
  const send = async (): Promise<void> => {
    await arrange(tenant.name, terms);
    changed('tenant');
    onClose();
  };
  return (
    <Form send={send} class="form tenancy-form">
      {(busy) => (
        <>
          {!same(begun, holds) && (
            <Notice>
              <p>{t('changedMeanwhile')}</p>
              <button type="button" onClick={() => { setBegun(holds); setTerms(holds); }}>{t('beginAnew')}</button>
            </Notice>
          )}
          <TermsFields terms={terms} onTerms={setTerms} parents={parentsFor(tenant.name, tenants)} />
          <p class="note">{t('termsNote')}</p>
          <div class="actions">
            <button type="submit" class="primary" disabled={busy || same(terms, holds)}>{t('arrange')}</button>
            <button type="button" onClick={onClose}>{common('cancel')}</button>
          </div>
        </>
      )}
    </Form>
  );
}

function LetInForm({ tenants, onClose, onMade }: { tenants: readonly Placed[]; onClose: () => void; onMade: (made: Made) => void }) {
  const [name, setName] = useState('');
  const [terms, setTerms] = useState(termsOf(null));
  const [token, setToken] = useState(true);
  const send = async (): Promise<void> => {
    const wanted = name.trim();
    // Terms of one that is there would be replaced without a word.
    if (tenants.some((one) => one.name === wanted)) throw new Refused(409, 'exists', t('exists', { name: wanted }), 'name', {});
    if (wanted === '') throw new Refused(400, 'wrong_input', t('nameMissing'), 'name', {});
    await arrange(wanted, terms);
    changed('tenant');
    if (token) onMade(await makeToken(wanted));
    onClose();
  };
  return (
    <Form send={send} class="form tenancy-form">
      {(busy) => (
        <>
          <TextField name="name" label={t('name')} value={name} onValue={setName} hint={t('nameHint')} mono />
          <TermsFields terms={terms} onTerms={setTerms} parents={tenants.map((one) => one.name)} />
          <CheckField name="token" label={t('tokenToo')} value={token} onValue={setToken} hint={t('tokenTooHint')} />
          <div class="actions">
            <button type="submit" class="primary" disabled={busy}>{t('letIn')}</button>
            <button type="button" onClick={onClose}>{common('cancel')}</button>
          </div>
        </>
      )}
    </Form>
  );
}

// ---------------------------------------------------------------- tokens

export async function makeToken(subject: string): Promise<Made> {
  const body: Schemas['TokenForm'] = { role: 'tenant', subject };
  const made = await ask<Made>('/v1/tokens', { method: 'POST', body });
  changed('tenant');
  return made;
}

/** A token, shown this once, with the lines that use it. It stays until whoever made it says that it is kept. */
export function MadeToken({ made, onKept }: { made: Made; onKept: () => void }) {
  const hub = location.origin;
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, []);
  return (
    <section class="made" aria-label={t('madeTitle', { name: made.subject })} role="status">
      <h2>{t('madeTitle', { name: made.subject })}</h2>
      <p>{t('madeOnce')}</p>
      <dl class="made-ways">
        <div><dt>{t('token')}</dt><dd><Command text={made.token} /></dd></div>
        <div><dt>{t('shell')}</dt><dd><Command text={`export SHUGU_HUB=${hub} SHUGU_TOKEN=${made.token}\nshugu submit --cpus 1 -- echo hello`} /></dd></div>
        <div><dt>{t('python')}</dt><dd><Command text={`import shugu\nhub = shugu.Hub("${hub}", "${made.token}")\njob = hub.submit(["echo", "hello"], cpus=1)`} /></dd></div>
        <div><dt>{t('browser')}</dt><dd><Command text={`${hub}/#token=${made.token}`} /></dd></div>
      </dl>
      {location.protocol === 'https:' && <p class="note">{t('fingerprint')}</p>}
      <div class="actions"><button type="button" class="primary" onClick={onKept}>{t('kept')}</button></div>
    </section>
  );
}

// ---------------------------------------------------------------- what is open

/** The dialogs of operators. Which is open is in the address: `?open=terms&of=llm-lab`, `?open=let-in`, `?open=token&of=llm-lab`. */
export function TenancyDialogs({ tenants, onMade }: { tenants: readonly Placed[] | null; onMade: (made: Made) => void }) {
  const query = useQuery();
  const open = query.get('open');
  const name = query.get('of');
  const tenant = tenants?.find((one) => one.name === name);
  const close = (): void => query.set({ open: null, of: null }, true);
  return (
    <>
      <Dialog open={open === 'terms' && tenant !== undefined} title={t('termsTitle', { name })} onClose={close}>
        {tenant && tenants && <TermsForm key={name} tenant={tenant} tenants={tenants} onClose={close} />}
      </Dialog>
      <Dialog open={open === 'let-in' && tenants !== null} title={t('letInTitle')} onClose={close}>
        {tenants && <LetInForm tenants={tenants} onClose={close} onMade={onMade} />}
      </Dialog>
      <Confirm
        open={open === 'token' && tenant !== undefined}
        title={t('tokenTitle', { name })}
        action={t('makeToken')}
        onYes={async () => onMade(await makeToken(name))}
        onClose={close}
      >
        {t('tokenWhat', { name })}
      </Confirm>
    </>
  );
}
