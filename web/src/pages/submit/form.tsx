// The form: what people need first, and the rest folded.

import { useMemo, useState } from 'preact/hooks';

import { useGo } from '../../address';
import { ask, at, Refused } from '../../api/client';
import { now } from '../../api/hub';
import { changed, useLive } from '../../api/live';
import { may } from '../../api/session';
import type { Schemas } from '../../api/coming';
import type { SiteList } from '../../api/types';
import { Budget } from '../../parts/budget';
import type { SubmitForm } from '../../parts/bundle';
import { receipt } from '../../parts/receipt';
import type { SmallerView } from '../../parts/why';
import { AreaField, CheckField, Field, Form, format, SelectField, TextField } from '../../ui';
import { type Alternative, argv, BLANK, change, type Draft, draft, filledBy, formOf, NO_ALTERNATIVE } from './draft';
import { Group, ListField } from './fields';
import { located, Outcome, payer, useTryOut, Verdict } from './outcome';
import { Same } from './same';
import { split } from './shell';
import { t } from './words';

/** A change that would start it now, as the fields have it. */
export function taking({ field, to }: Pick<SmallerView, 'field' | 'to'>): Partial<Draft> {
  if (field === 'models') return { models: [] };
  return ['devices', 'replicas', 'cpus', 'memory', 'time_limit'].includes(field) ? { [field]: to } : {};
}

function CommandField({ of }: { of: Draft }) {
  const found = of.mode === 'line' ? split(of.line) : null;
  return (
    <Field name="command" label={t('command')} hint={of.mode === 'shell' ? t.rich('shellHint', { sh: <code>sh -c</code> }) : t('lineHint')}>
      {(wiring) => (
        <>
          <div class="choices" role="radiogroup" aria-label={t('mode')}>
            {(['line', 'shell'] as const).map((mode) => (
              <label key={mode} class="choice">
                <input type="radio" name="mode" checked={of.mode === mode} onChange={() => change({ mode })} /><span>{t(mode === 'line' ? 'modeLine' : 'modeShell')}</span>
              </label>
            ))}
          </div>
          <textarea
            {...wiring}
            rows={of.mode === 'shell' ? 6 : 2}
            class={of.mode === 'line' ? 'submit-line' : undefined}
            spellcheck={false}
            placeholder={of.mode === 'shell' ? 'set -e\npython3 prepare.py\npython3 train.py | tee log' : 'python3 train.py --epochs 3'}
            value={of.mode === 'shell' ? of.script : of.line}
            onInput={(event) => change(of.mode === 'shell' ? { script: event.currentTarget.value } : { line: event.currentTarget.value })}
          />
          {found && found.words.length > 1 && found.open === null && (
            <p class="submit-words"><span class="note">{t('words')}</span> {found.words.map((word, index) => <code key={index}>{word === '' ? '∅' : word}</code>)}</p>
          )}
          {found && found.special.length > 0 && (
            <p class="submit-special">
              {t('special', { letters: found.special.join(' ') })}{' '}
              <button type="button" class="plain" onClick={() => change({ mode: 'shell', script: of.line })}>{t('takeShell')}</button>
            </p>
          )}
        </>
      )}
    </Field>
  );
}

function AlternativeFields({ index, one, models }: { index: number; one: Alternative; models: readonly string[] }) {
  const set = (changes: Partial<Alternative>): void =>
    change({ alternatives: draft.value.alternatives.map((other, at) => (at === index ? { ...other, ...changes } : other)) });
  const name = (field: string): string => `alternatives[${index}].${field}`;
  return (
    <fieldset class="submit-alternative">
      <legend>{t('alternative', { n: index + 1 })}</legend>
      <div class="row">
        <TextField name={name('devices')} label={t('devices')} type="number" value={one.devices} onValue={(devices) => set({ devices })} />
        <TextField name={name('replicas')} label={t('replicas')} type="number" value={one.replicas} onValue={(replicas) => set({ replicas })} />
        <TextField name={name('device_memory_gb')} label={t('deviceMemory')} unit="GB" type="number" value={one.device_memory_gb} onValue={(device_memory_gb) => set({ device_memory_gb })} />
        <TextField name={name('power')} label={t('power')} value={one.power} onValue={(power) => set({ power })} />
      </div>
      <ListField name={name('models')} label={t('models')} commas={false} list={models} value={one.models} onValue={(chosen) => set({ models: chosen })} />
      <button type="button" onClick={() => change({ alternatives: draft.value.alternatives.filter((_, at) => at !== index) })}>{t('removeAlternative', { n: index + 1 })}</button>
    </fieldset>
  );
}

/** The names of fields as the reader knows them. */
export function labelOf(field: string): string | null {
  const labels: Record<string, string> = {
    command: t('command'), name: t('name'), tenant: t('tenant'), replicas: t('replicas'), devices: t('devices'), models: t('models'), cpus: t('cpus'), memory: t('memory'),
    time_limit: t('timeLimit'), priority: t('priority'), deadline: t('deadline'), retries: t('retries'), after: t('after'), after_ok: t('afterOk'), after_any: t('afterAny'),
    array: t('array'), apart: t('apart'), spread: t('spread'), sites: t('sites'), pools: t('pools'), max_pue: t('maxPue'), notice: t('signal'), 'notice.signal': t('signal'),
    'notice.grace': t('grace'), env: t('env'), directory: t('directory'), inputs: t('inputs'), outputs: t('outputs'), image: t('image'), device_memory_gb: t('deviceMemory'),
    power: t('power'), alternatives: t('alternatives'),
  };
  return labels[field] ?? null;
}

const GROUPS = {
  order: ['priority', 'deadline', 'array', 'apart', 'after', 'after_ok', 'after_any'],
  place: ['sites', 'pools', 'max_pue', 'spread'],
  stop: ['preemptible', 'retries', 'notice'],
  data: ['inputs', 'outputs', 'env', 'directory', 'image'],
  else: ['alternatives', 'device_memory_gb', 'power'],
} as const;

/** Where the reader goes once jobs were taken. */
export function useArrival(): (ids: readonly string[], warning: string | null, begun: number, many: boolean) => void {
  const go = useGo();
  return (ids, warning, begun, many) => {
    changed('job', 'money');
    const [first] = ids;
    if (first && !many) {
      receipt.value = { job: first, warning };
      go(`/jobs/${first}`);
    } else {
      go(`/jobs?from=${encodeURIComponent(new Date(begun).toISOString())}`);
    }
  };
}

export function FormWay() {
  const of = draft.value;
  const operator = may('operator');
  const pools = useLive(at('/v1/pools'), ['pool']);
  const sites = useLive(at<SiteList>('/v1/sites'), ['census']);
  const tenants = useLive(operator ? at('/v1/tenants') : null, ['tenant']);
  const data = useLive(at('/v1/data'), []);
  const arrive = useArrival();

  const [form, local] = useMemo((): [SubmitForm | null, Refused | null] => {
    try {
      const made = formOf(of);
      return made.command.length > 0 ? [made, null] : [null, null];
    } catch (error) {
      return [null, error as Refused];
    }
  }, [of]);
  const tenant = payer(of.tenant);
  const fresh = operator && tenants.data !== null && !tenants.data.tenants.some(({ name }) => name === tenant) ? tenant : null;
  const tried = useTryOut(fresh === null ? form : null);
  const told = local ?? (tried.error instanceof Refused && !tried.old ? tried.error : null);
  // What was refused when it was sent opens its group, too.
  const [sentWrong, setSentWrong] = useState<Refused | null>(null);

  const send = async (): Promise<void> => {
    setSentWrong(null);
    if (!form) throw local ?? new Refused(400, 'wrong_input', t('wrong.command'), 'command', {});
    const begun = now.peek() - 2000;
    try {
      const answer = await ask<Schemas['Submitted']>('/v1/jobs', { method: 'POST', body: form });
      draft.value = { ...BLANK, tenant: of.tenant };
      filledBy.value = '';
      arrive([answer.id], answer.warning ?? null, begun, (form.array ?? 1) > 1);
    } catch (error) {
      const refusal = located(error);
      if (refusal instanceof Refused) setSentWrong(refusal);
      throw refusal;
    }
  };
  const inGroup = (group: keyof typeof GROUPS): Refused | null =>
    [sentWrong, told].find((refusal) => refusal && GROUPS[group].some((field) => new RegExp(`^${field}([.[]|$)`).test(refusal.field ?? ''))) ?? null;
  const said = (group: keyof typeof GROUPS): number => GROUPS[group].filter((field) => {
    const value = field === 'notice' ? of.signal || of.grace : of[field];
    return Array.isArray(value) ? value.length > 0 : Boolean(value);
  }).length;
  const models = [...new Set((pools.data?.pools ?? []).map((pool) => pool.model).filter((model): model is string => Boolean(model)))];
  const count = (text: string): number | null => (/^\d+$/.test(text.trim()) ? Number(text) : null);
  return (
    <Form send={send} told={told} written={of} class="submit">
      {(busy) => (
        <>
          <div class="form submit-fields">
            <CommandField of={of} />
            <div class="row">
              <TextField name="name" label={t('name')} hint={t('nameHint')} value={of.name} onValue={(name) => change({ name })} placeholder={programOf(of)} />
              {operator && <TextField name="tenant" label={t('tenant')} hint={t('tenantHint')} list={(tenants.data?.tenants ?? []).map(({ name }) => name)} value={of.tenant} onValue={(name) => change({ tenant: name })} placeholder="default" />}
            </div>
            <div class="row">
              <TextField name="devices" label={t('devices')} hint={t('devicesHint')} type="number" value={of.devices} onValue={(devices) => change({ devices })} />
              <ListField name="models" label={t('models')} hint={t('modelsHint')} commas={false} list={models} value={of.models} onValue={(chosen) => change({ models: chosen })} />
            </div>
            <div class="row">
              <TextField name="cpus" label={t('cpus')} hint={t('cpusHint')} type="number" value={of.cpus} onValue={(cpus) => change({ cpus })} />
              <TextField name="memory" label={t('memory')} hint={t('memoryHint')} value={of.memory} onValue={(memory) => change({ memory })} />
              <TextField name="replicas" label={t('replicas')} hint={t('replicasHint')} type="number" value={of.replicas} onValue={(replicas) => change({ replicas })} placeholder="1" />
              <TextField name="time_limit" label={t('timeLimit')} hint={t('timeLimitHint')} value={of.time_limit} onValue={(time_limit) => change({ time_limit })} />
            </div>

            <div class="submit-groups">
              <Group title={t('groupOrder')} said={said('order')} wrong={inGroup('order')}>
                <div class="row">
                  <TextField name="priority" label={t('priority')} hint={t('priorityHint')} type="number" value={of.priority} onValue={(priority) => change({ priority })} placeholder="0" />
                  <TextField name="deadline" label={t('deadline')} unit={format.zone()} hint={t('deadlineHint')} type="datetime-local" value={of.deadline} onValue={(deadline) => change({ deadline })} />
                </div>
                <div class="row">
                  <TextField name="array" label={t('array')} hint={t('arrayHint')} type="number" value={of.array} onValue={(array) => change({ array })} />
                  <SelectField name="apart" label={t('apart')} value={of.apart} onValue={(apart) => change({ apart })} options={(['', 'nodes', 'sites'] as const).map((value) => ({ value, label: t(`apart.${value}`) }))} />
                </div>
                <div class="row">
                  <ListField name="after" label={t('after')} hint={t('jobsHint')} value={of.after} onValue={(after) => change({ after })} />
                  <ListField name="after_ok" label={t('afterOk')} hint={t('afterOkHint')} value={of.after_ok} onValue={(after_ok) => change({ after_ok })} />
                  <ListField name="after_any" label={t('afterAny')} value={of.after_any} onValue={(after_any) => change({ after_any })} />
                </div>
              </Group>
              <Group title={t('groupPlace')} said={said('place')} wrong={inGroup('place')}>
                <div class="row">
                  <ListField name="sites" label={t('sites')} hint={t('sitesHint')} list={[...new Set((pools.data?.pools ?? []).map((pool) => pool.site).filter((site): site is string => Boolean(site))), ...(sites.data?.sites ?? []).filter((site) => site.pools.length > 0).map((site) => site.id)].filter((id, at, all) => all.indexOf(id) === at)} value={of.sites} onValue={(chosen) => change({ sites: chosen })} />
                  <ListField name="pools" label={t('pools')} list={(pools.data?.pools ?? []).map((pool) => pool.name)} value={of.pools} onValue={(chosen) => change({ pools: chosen })} />
                </div>
                <div class="row">
                  <TextField name="max_pue" label={t('maxPue')} hint={t('maxPueHint')} type="number" value={of.max_pue} onValue={(max_pue) => change({ max_pue })} />
                  <SelectField name="spread" label={t('spread')} value={of.spread} onValue={(spread) => change({ spread })} options={(['', 'nodes'] as const).map((value) => ({ value, label: t(`spread.${value}`) }))} />
                </div>
              </Group>
              <Group title={t('groupElse')} said={said('else')} wrong={inGroup('else')}>
                <div class="row">
                  <TextField name="device_memory_gb" label={t('deviceMemory')} unit="GB" type="number" value={of.device_memory_gb} onValue={(device_memory_gb) => change({ device_memory_gb })} />
                  <TextField name="power" label={t('power')} hint={t('powerHint')} value={of.power} onValue={(power) => change({ power })} />
                </div>
                <p class="note">{t('alternativesHint')}</p>
                {of.alternatives.map((one, index) => <AlternativeFields key={index} index={index} one={one} models={models} />)}
                <div><button type="button" onClick={() => change({ alternatives: [...of.alternatives, NO_ALTERNATIVE] })}>{t('addAlternative')}</button></div>
              </Group>
              <Group title={t('groupStop')} said={said('stop')} wrong={inGroup('stop')}>
                <CheckField name="preemptible" label={t('preemptible')} value={of.preemptible} onValue={(preemptible) => change({ preemptible })} />
                <div class="row">
                  <TextField name="retries" label={t('retries')} hint={t('retriesHint')} type="number" value={of.retries} onValue={(retries) => change({ retries })} placeholder="0" />
                  <TextField name="notice.signal" label={t('signal')} hint={t('signalHint')} list={['USR1', 'USR2', 'TERM', 'INT', 'HUP', 'XCPU']} value={of.signal} onValue={(signal) => change({ signal })} />
                  <TextField name="notice.grace" label={t('grace')} hint={t('graceHint')} value={of.grace} onValue={(grace) => change({ grace })} />
                </div>
              </Group>
              <Group title={t('groupData')} said={said('data')} wrong={inGroup('data')}>
                <div class="row">
                  <ListField name="inputs" label={t('inputs')} hint={t('inputsHint')} list={(data.data?.data ?? []).map(({ name }) => name)} value={of.inputs} onValue={(inputs) => change({ inputs })} />
                  <TextField name="directory" label={t('directory')} hint={t('directoryHint')} mono value={of.directory} onValue={(directory) => change({ directory })} />
                </div>
                <AreaField name="outputs" label={t('outputs')} hint={t('outputsHint')} rows={2} value={of.outputs} onValue={(outputs) => change({ outputs })} />
                <AreaField name="env" label={t('env')} hint={t('envHint')} rows={3} value={of.env} onValue={(env) => change({ env })} />
                <TextField name="image" label={t('image')} hint={t('imageHint')} mono value={of.image} onValue={(image) => change({ image })} placeholder="registry.example/team/train:3" />
              </Group>
            </div>
          </div>
          <aside class="submit-aside" aria-label={t('outcome')}>
            <section class="submit-outcome">
              <h2>{t('outcome')}</h2>
              <p class="note">{t('outcomeNote')}</p>
              <div class="submit-head">
                <Verdict tried={tried} fresh={form ? fresh : null} />
                <button type="submit" class="primary" disabled={busy}>{t('send')}</button>
              </div>
              <Budget tenant={fresh === null ? tenant : ''} />
              <div class="submit-live" aria-live="polite">
                <Outcome tried={tried} fresh={form ? fresh : null} replicas={of.replicas ? count(of.replicas) : 1} array={count(of.array)} labelOf={labelOf} onTake={(smaller) => change(taking(smaller))} />
              </div>
            </section>
          </aside>
          {form && <Same form={form} />}
        </>
      )}
    </Form>
  );
}

/** What the hub calls a job that has no name. */
function programOf(of: Draft): string {
  try {
    return argv(of)[0]?.split('/').at(-1) ?? '';
  } catch {
    return '';
  }
}
