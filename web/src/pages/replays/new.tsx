// Asking for a replay: which policies, and perhaps one of one's own.

import { useEffect, useState } from 'preact/hooks';

import { useGo, useQuery } from '../../address';
import { ask, at, Refused } from '../../api/client';
import { changed, useLive } from '../../api/live';
import { words } from '../../i18n';
import enPolicies from '../../i18n/en/policies';
import en from '../../i18n/en/replays';
import zhPolicies from '../../i18n/zh/policies';
import zh from '../../i18n/zh/replays';
import { begin } from '../../parts/begin';
import { toldOf } from '../../parts/fault';
import type { Found } from '../../parts/studies';
import { type Fault, TomlField } from '../../parts/toml';
import { CheckField, Command, Field, Form, Problem, Skeleton, TextField } from '../../ui';
import type { ReplayRequest } from '../replay/result';

const t = words(en, zh);
const of = words(enPolicies, zhPolicies);

const POLICIES = ['default', 'fair', 'fifo', 'sjf', 'bestfit', 'fgd'] as const;
const FIRST = ['default', 'fifo'];

interface Draft {
  policies: readonly string[];
  name: string;
  own: boolean;
  policy: string;
}

export function NewReplay() {
  const from = useQuery().get('from');
  const before = useLive(from ? at('/v1/studies/{id}', { id: from }) : null, ['study']);
  const [draft, setDraft] = useState<Draft | null>(from ? null : { policies: FIRST, name: '', own: false, policy: t('example') });
  useEffect(() => {
    const study = before.data as unknown as Found<ReplayRequest, unknown> | null;
    if (draft || study?.kind !== 'replay') return;
    const { policies, policy, name } = study.request;
    setDraft({ policies, name: name ?? '', own: typeof policy === 'string', policy: policy ?? t('example') });
  }, [before.data]);
  if (!draft) return before.error ? <Problem error={before.error} again={before.again} /> : <Skeleton lines={8} />;
  return <ReplayForm draft={draft} change={(values) => setDraft({ ...draft, ...values })} />;
}

function ReplayForm({ draft, change }: { draft: Draft; change: (values: Partial<Draft>) => void }) {
  const go = useGo();
  const [fault, setFault] = useState<Fault | null>(null);
  const chosen = POLICIES.filter((name) => draft.policies.includes(name));
  const all = [...chosen, ...(draft.own ? ['own'] : [])];
  const called = all.length > 1 ? t('and', { all: all.slice(0, -1).join(', '), last: all.at(-1) ?? '' }) : all.join('');

  const send = async (): Promise<void> => {
    setFault(null);
    if (all.length < 2) throw new Refused(400, 'wrong_input', t('fewPolicies'), 'policies', {});
    const begun = await begin({ kind: 'replay', name: draft.name.trim() || called, policies: chosen, policy: draft.own ? draft.policy : undefined });
    const told = begun.error ? toldOf('own.toml', begun.error) : null;
    if (told) {
      await ask(at('/v1/studies/{id}', { id: begun.id }), { method: 'DELETE' });
      changed('study');
      if (told.line !== null) setFault({ line: told.line });
      const where = [told.line !== null && `line ${told.line}`, told.field].filter(Boolean).join(', ');
      throw new Refused(422, 'wrong_input', `${where ? `${where}: ` : ''}${told.text}`, 'policy', {});
    }
    changed('study');
    go(`/replay/${begun.id}`);
  };
  return (
    <Form send={send} class="replays-form">
      {(busy) => (
        <>
          <div class="replays-choose">
            <Field name="policies" label={t('policies')} hint={t('policiesHint')}>
              {(wiring) => (
                <div id={wiring.id} role="group" aria-label={t('policies')} aria-describedby={wiring['aria-describedby']} class="replays-policies">
                  {POLICIES.map((name) => (
                    <label key={name}>
                      <input
                        type="checkbox"
                        name="policies"
                        value={name}
                        checked={draft.policies.includes(name)}
                        onChange={(event) => {
                          const others = draft.policies.filter((other) => other !== name);
                          change({ policies: event.currentTarget.checked ? [...others, name] : others });
                        }}
                      />
                      <span><b>{name}</b><span class="under">{of(`policy.${name}`)}</span></span>
                    </label>
                  ))}
                </div>
              )}
            </Field>
            <CheckField name="own" label={t('ownCheck')} value={draft.own} onValue={(own) => change({ own })} />
            {draft.own && (
              <TomlField
                name="policy"
                label={t('own')}
                hint={t('ownHint')}
                value={draft.policy}
                fault={fault}
                rows={12}
                onValue={(policy) => {
                  setFault(null);
                  change({ policy });
                }}
                onFile={(_, policy) => {
                  setFault(null);
                  change({ policy });
                }}
              />
            )}
            <TextField name="name" label={t('name')} hint={t('nameHint')} value={draft.name} placeholder={called} onValue={(name) => change({ name })} />
            <div class="actions">
              <button type="submit" class="primary" disabled={busy}>{t('run')}</button>
              <span class="note" role="status">{busy ? t('checking') : ''}</span>
            </div>
          </div>
          <section class="replays-what" aria-label={t('what')}>
            <h2>{t('what')}</h2>
            <p>{t('what1')}</p>
            <p>{t('what2')}</p>
            <p>{t('what3')}</p>
            <p>{t('what4')}</p>
            <p>{t('follow')}</p>
            <Command text="shugu up --policy fair" />
          </section>
        </>
      )}
    </Form>
  );
}
