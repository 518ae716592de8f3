// A job as it is being written: what stands in the fields, and what is sent of it.

import { signal } from '@preact/signals';

import { Refused } from '../../api/client';
import { offset } from '../../api/hub';
import { reader } from '../../api/session';
import type { SubmitForm } from '../../parts/bundle';
import { format } from '../../ui';
import { join, split } from './shell';
import { t } from './words';

export interface Alternative {
  devices: string;
  models: string[];
  replicas: string;
  device_memory_gb: string;
  power: string;
}
/** Numbers are strings: whether one is good is the hub's to say. */
export interface Draft {
  name: string;
  tenant: string;
  /** `line`: program and arguments; `shell`: a script that `sh` runs. */
  mode: 'line' | 'shell';
  line: string;
  script: string;
  replicas: string;
  devices: string;
  models: string[];
  device_memory_gb: string;
  power: string;
  alternatives: Alternative[];
  cpus: string;
  memory: string;
  time_limit: string;
  priority: string;
  /** By the hub's clock, as the browser's field has it. */
  deadline: string;
  retries: string;
  after: string[];
  after_ok: string[];
  after_any: string[];
  array: string;
  apart: string;
  spread: string;
  sites: string[];
  pools: string[];
  max_pue: string;
  preemptible: boolean;
  signal: string;
  grace: string;
  /** NAME=VALUE, one a line. */
  env: string;
  directory: string;
  inputs: string[];
  /** PATH=TO, one a line. */
  outputs: string;
  image: string;
}

export const BLANK: Draft = {
  name: '', tenant: '', mode: 'line', line: '', script: '', replicas: '', devices: '', models: [], device_memory_gb: '', power: '', alternatives: [], cpus: '', memory: '',
  time_limit: '', priority: '', deadline: '', retries: '', after: [], after_ok: [], after_any: [], array: '', apart: '', spread: '', sites: [], pools: [], max_pue: '',
  preemptible: false, signal: '', grace: '', env: '', directory: '', inputs: [], outputs: '', image: '',
};
export const NO_ALTERNATIVE: Alternative = { devices: '', models: [], replicas: '', device_memory_gb: '', power: '' };

/** What is being written stays while the reader looks elsewhere, and is nobody else's. */
export const draft = signal<Draft>(BLANK);
export const fileText = signal('');
/** Which address filled the draft in: coming back to it does not undo what was written since. */
export const filledBy = signal('');
reader.subscribe(() => {
  filledBy.value = '';
  draft.value = BLANK;
  fileText.value = '';
});
export const change = (changes: Partial<Draft>): void => {
  draft.value = { ...draft.value, ...changes };
};

const wrong = (field: string, message: string): Refused => new Refused(400, 'wrong_input', message, field, {});

const offsetText = (): string => {
  const size = Math.abs(offset.value);
  return `${offset.value < 0 ? '-' : '+'}${format.two(Math.floor(size / 60))}:${format.two(size % 60)}`;
};

function count(field: string, text: string): number {
  if (!/^[+-]?\d+$/.test(text.trim())) throw wrong(field, t('wrong.count', { text }));
  return Number(text);
}
function decimal(field: string, text: string): number {
  const value = Number(text.trim());
  if (!Number.isFinite(value)) throw wrong(field, t('wrong.number', { text }));
  return value;
}

/** Program and arguments; throws where they cannot be told apart. */
export function argv({ mode, line, script }: Draft): string[] {
  if (mode === 'shell') return script.trim() === '' ? [] : ['sh', '-c', script];
  const found = split(line);
  if (found.open) throw wrong('command', t('wrong.quote', { quote: found.open }));
  return found.words;
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

/** What is sent of a draft; what stands empty is left out. Throws `Refused` with the field where something cannot be sent. */
export function formOf(of: Draft): SubmitForm {
  const form: SubmitForm = { command: argv(of) };
  const text = (field: 'name' | 'tenant' | 'devices' | 'power' | 'cpus' | 'memory' | 'time_limit' | 'apart' | 'spread' | 'directory' | 'image'): void => {
    const value = of[field].trim();
    if (value !== '') form[field] = value;
  };
  const many = (field: 'models' | 'after' | 'after_ok' | 'after_any' | 'sites' | 'pools' | 'inputs'): void => {
    if (of[field].length > 0) form[field] = of[field];
  };
  const whole = (field: 'replicas' | 'device_memory_gb' | 'priority' | 'retries' | 'array'): void => {
    if (of[field].trim() !== '') form[field] = count(field, of[field]);
  };
  text('name');
  text('tenant');
  whole('replicas');
  text('devices');
  many('models');
  whole('device_memory_gb');
  text('power');
  if (of.alternatives.length > 0) {
    form.alternatives = of.alternatives.map((one, at) => ({
      devices: one.devices.trim(),
      ...(one.replicas.trim() ? { replicas: count(`alternatives[${at}].replicas`, one.replicas) } : {}),
      ...(one.device_memory_gb.trim() ? { device_memory_gb: count(`alternatives[${at}].device_memory_gb`, one.device_memory_gb) } : {}),
      ...(one.power.trim() ? { power: one.power.trim() } : {}),
      ...(one.models.length > 0 ? { models: one.models } : {}),
    }));
  }
  text('cpus');
  text('memory');
  text('time_limit');
  whole('priority');
  if (of.deadline) form.deadline = `${of.deadline}${of.deadline.length === 16 ? ':00' : ''}${offsetText()}`;
  whole('retries');
  many('after');
  many('after_ok');
  many('after_any');
  whole('array');
  text('apart');
  text('spread');
  many('sites');
  many('pools');
  if (of.max_pue.trim()) form.max_pue = decimal('max_pue', of.max_pue);
  if (of.preemptible) form.preemptible = true;
  if (of.signal.trim() || of.grace.trim()) {
    if (!of.signal.trim()) throw wrong('notice.signal', t('wrong.signal'));
    if (!of.grace.trim()) throw wrong('notice.grace', t('wrong.grace'));
    form.notice = { signal: of.signal.trim(), grace: of.grace.trim() };
  }
  if (of.env.trim()) {
    form.env = Object.fromEntries(lines(of.env).map((line) => {
      const at = line.indexOf('=');
      if (at < 1) throw wrong('env', t('wrong.env', { line: line.trim() }));
      return [line.slice(0, at).trim(), line.slice(at + 1)];
    }));
  }
  text('directory');
  many('inputs');
  if (of.outputs.trim()) {
    form.outputs = lines(of.outputs).map((line) => {
      const at = line.indexOf('=');
      if (at < 1) throw wrong('outputs', t('wrong.output', { line: line.trim() }));
      return { path: line.slice(0, at).trim(), to: line.slice(at + 1).trim() };
    });
  }
  text('image');
  return form;
}

/** The draft of a job that was written otherwise. */
export function draftOf(form: SubmitForm): Draft {
  const text = (value: unknown): string => (value === undefined || value === null ? '' : String(value));
  const [program, flag, script, ...more] = form.command;
  const shell = program === 'sh' && flag === '-c' && script !== undefined && more.length === 0;
  const deadline = form.deadline ? Date.parse(form.deadline) : NaN;
  return {
    ...BLANK,
    name: text(form.name),
    tenant: text(form.tenant),
    mode: shell ? 'shell' : 'line',
    line: shell ? '' : join(form.command),
    script: shell ? script : '',
    replicas: text(form.replicas),
    devices: text(form.devices),
    models: form.models ?? [],
    device_memory_gb: text(form.device_memory_gb),
    power: text(form.power),
    alternatives: (form.alternatives ?? []).map((one) => ({ devices: text(one.devices), models: one.models ?? [], replicas: text(one.replicas), device_memory_gb: text(one.device_memory_gb), power: text(one.power) })),
    cpus: text(form.cpus),
    memory: text(form.memory),
    time_limit: text(form.time_limit),
    priority: text(form.priority),
    // A deadline that is over is none any more.
    deadline: deadline > Date.now() ? `${format.day(deadline)}T${format.clock(deadline, false)}` : '',
    retries: text(form.retries),
    after: form.after ?? [],
    after_ok: form.after_ok ?? [],
    after_any: form.after_any ?? [],
    array: text(form.array),
    apart: text(form.apart),
    spread: form.spread === 'pack' ? '' : text(form.spread),
    sites: form.sites ?? [],
    pools: form.pools ?? [],
    max_pue: text(form.max_pue),
    preemptible: form.preemptible ?? false,
    signal: text(form.notice?.signal),
    grace: text(form.notice?.grace),
    env: Object.entries(form.env ?? {}).map(([name, value]) => `${name}=${value}`).join('\n'),
    directory: text(form.directory),
    inputs: form.inputs ?? [],
    outputs: (form.outputs ?? []).map(({ path, to }) => `${path}=${to}`).join('\n'),
    image: text(form.image),
  };
}

/** Whether a draft can be drawn without loss: a value of several lines in the environment cannot. */
export const fits = (form: SubmitForm): boolean => !Object.values(form.env ?? {}).some((value) => value.includes('\n'));
