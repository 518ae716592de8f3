// What the provider of a pool allows the hub there.

import { useState } from 'preact/hooks';

import { ask, at } from '../../api/client';
import { changed, type Live, useLive } from '../../api/live';
import { may } from '../../api/session';
import type { Pool, Schemas } from '../../api/types';
import { words } from '../../i18n';
import en from '../../i18n/en/pool';
import zh from '../../i18n/zh/pool';
import { asNumber } from '../../parts/join';
import type { JobRow } from '../../parts/holding';
import { common, Dialog, Fact, Facts, Form, Notice, Shown, TextField } from '../../ui';

const t = words(en, zh);

type Given = Schemas['LimitsView'];

export const useLimits = (pool: string): Live<Given> =>
  useLive(may('operator', 'provider') ? at('/v1/pools/{name}/limits', { name: pool }) : null, ['pool', 'tenant']);

/** What is limited: devices, or cores where there are none. */
const amount = (pool: Pool): { held: number; total: number; devices: boolean } =>
  pool.devices > 0
    ? { held: pool.devices_held, total: pool.devices, devices: true }
    : { held: Math.round(pool.cores_held * 10) / 10, total: Math.round(pool.cores * 10) / 10, devices: false };

function LimitsForm({
  pool,
  given,
  jobs,
  onClose,
  onSaid,
}: {
  pool: Pool;
  given: Given;
  jobs: readonly JobRow[];
  onClose: () => void;
  onSaid: (said: string) => void;
}) {
  const [most, setMost] = useState(given.most === null || given.most === undefined ? '' : String(given.most));
  const [veto, setVeto] = useState(given.veto.join(', '));
  // Who may veto need not see the hub's tenants: those whose work runs here are known in any case.
  const tenants = useLive(may('operator') ? at('/v1/tenants') : null, ['tenant']);
  const names = veto.split(/[,，\s]+/).filter(Boolean);
  const known = [
    ...new Set([...(tenants.data?.tenants.map((tenant) => tenant.name) ?? []), ...jobs.map((job) => job.tenant)]),
  ].sort();
  const { held, total, devices } = amount(pool);
  const limit = asNumber(most);
  const theirs = jobs.filter((job) => names.includes(job.tenant)).length;
  const send = async (): Promise<void> => {
    const set = (await ask(at('/v1/pools/{name}/limits', { name: pool.name }), {
      method: 'PUT',
      body: { most: limit, veto: names },
    })) as Given;
    changed('pool', 'job');
    onSaid(
      t('said', {
        pool: pool.name,
        most: set.most === null || set.most === undefined ? t('saidAll') : t('saidMost', { n: set.most }),
        veto: set.veto.length > 0 ? t('saidVeto', { n: set.veto.length }) : t('unchanged'),
      }),
    );
    onClose();
  };
  return (
    <Form send={send}>
      {(busy) => (
        <>
          <TextField
            name="most"
            label={t('most')}
            unit={t(devices ? 'mostDevices' : 'mostCores')}
            type="number"
            value={most}
            onValue={setMost}
            hint={t('mostHint', { n: total })}
          />
          <TextField name="veto" label={t('veto')} value={veto} onValue={setVeto} hint={t('vetoHint')} mono />
          {known.length > 0 && (
            <ul class="pool-veto" aria-label={t('veto')}>
              {known.map((name) => (
                <li key={name}>
                  <label class="choice">
                    <input
                      type="checkbox"
                      checked={names.includes(name)}
                      onChange={() =>
                        setVeto((names.includes(name) ? names.filter((other) => other !== name) : [...names, name]).join(', '))
                      }
                    />
                    <span>{name}</span>
                  </label>
                </li>
              ))}
            </ul>
          )}
          <Notice tone="azurite">
            <p>
              {t('held1', { held, total, n: pool.jobs })} {limit === undefined && t('effectAll', { total })}
              {typeof limit === 'number' &&
                (limit === 0
                  ? t('effectZero')
                  : limit > held
                    ? t('effectRoom', {
                        most: Math.min(limit, total),
                        total,
                        room: Math.round((Math.min(limit, total) - held) * 10) / 10,
                      })
                    : t('effectNone', { most: limit }))}
              {names.length > 0 && <> {theirs > 0 ? t('effectVeto', { n: theirs }) : t('effectNoVeto')}</>}
            </p>
          </Notice>
          <div class="actions">
            <button type="submit" class="primary" disabled={busy}>
              {t('set')}
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

export function Limits({
  pool,
  live,
  jobs,
  onSaid,
}: {
  pool: Pool;
  live: Live<Given>;
  jobs: readonly JobRow[];
  onSaid: (said: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const { devices } = amount(pool);
  const close = (): void => setOpen(false);
  return (
    <Shown of={live} lines={2}>
      {(given) => (
        <>
          <Facts>
            <Fact name={t('allowed')}>
              {given.most === null || given.most === undefined ? (
                t('allowedAll')
              ) : (
                <b>{t(devices ? 'allowedDevices' : 'allowedCores', { n: given.most })}</b>
              )}
            </Fact>
            <Fact name={t('vetoed')}>
              {given.veto.length > 0 ? <b>{given.veto.join(', ')}</b> : <span class="none">{common('none')}</span>}
            </Fact>
          </Facts>
          <div class="actions pool-change">
            <button type="button" onClick={() => setOpen(true)}>
              {t('change')}
            </button>
          </div>
          <Dialog open={open} title={t('ask', { pool: pool.name })} onClose={close}>
            <LimitsForm pool={pool} given={given} jobs={jobs} onClose={close} onSaid={onSaid} />
          </Dialog>
        </>
      )}
    </Shown>
  );
}
