// What the journal says of one job, out of its bundle: what was submitted, where it was placed, and its bills. The bodies are those
// of the journal, whose numbers are whole: yuan in millionths, spans in milliseconds, cores in thousandths.

export interface Entry {
  seq: number;
  at: string;
  /** Submitted, Placed, Settled, Corrected … */
  kind: string;
  body: unknown;
  sha256: string | null;
}
export interface Bundle {
  job: string;
  entries: { seq: number; at: string; body: string; sha256: string | null; sha256_before: string | null }[];
  rules: { seq: number; at: string; body: string; sha256: string | null }[];
  how_to_check: string;
}

interface Ask {
  devices: number;
  models?: string[];
  part?: number;
  replicas?: number;
  device_memory_gb?: number;
  power?: { precision: string; mega: number };
}
/** A job as it was submitted. */
export interface Spec {
  name: string;
  shape: {
    replicas: number;
    asks: Ask[];
    cpu: number;
    memory: number;
    spread?: string;
    sites?: string[];
    pools?: string[];
    pue_most?: number;
    inputs?: string[];
  };
  time_limit?: number;
  priority?: number;
  command: { argv: string[]; env?: Record<string, string>; directory?: string; image?: string };
  deadline?: number;
  retries?: number;
  after?: { job: number; when: 'started' | 'ok' | 'ended' }[];
  array?: { first: number; index: number; count: number };
  apart?: string;
  preemptible?: boolean;
  notice?: { signal: number; grace: number };
  outputs?: { path: string; to: string }[];
}

export interface Rate {
  device_hour: number;
  core_hour: number;
}
export interface Agreement {
  hours?: [number, number, Rate][];
  minimum?: number;
  minimum_price?: number;
  idle_permille?: number;
  kept_permille?: number;
  discount_permille?: number;
  fee_permille?: number;
}
/** Where an attempt ran. */
export interface Place {
  ask: number;
  cpu: number;
  slots: { node: number; devices: number; part?: number }[];
  rate: Rate;
  agreed?: Agreement;
  /** What it may cost, held of its tenant's money. */
  hold?: number;
}

type Account = 'Hub' | 'Grants' | { Tenant: number } | { Provider: string } | { Credit: number };
export interface Bill {
  place: [number, string] | null;
  run: number;
  devices: number;
  cores: number;
  cpu: number;
  peak_memory: number;
  rate: Rate;
  energy: number;
  energy_source: string;
  pue: number | null;
  energy_cost: number | null;
  carbon: number | null;
  carbon_market?: number;
  price: number;
  postings: { debit: Account; credit: Account; amount: number }[];
  attempt?: number;
  held?: { milli?: number; cores?: number; span: number; until: number; kept?: number };
  agreed?: Agreement;
  parts?: { run: number; idle?: number; kept?: number; minimum?: number; discount?: number };
  adjusted?: number;
  utilisation?: number;
  delivered?: [string, number];
  read_at?: number;
}
/** A bill, or what it was corrected to. */
export interface Billed {
  entry: number;
  at: string;
  bill: Bill;
  /** The entry that this replaces, why, and what was to be paid before. */
  corrects: { of: number; why: string; was: number } | null;
}

export interface Facts {
  entries: Entry[];
  rules: Entry[];
  spec: Spec | null;
  /** The last place that it was given. */
  place: Place | null;
  /** Oldest first. */
  bills: Billed[];
}

function entry(raw: Bundle['entries'][number] | Bundle['rules'][number]): Entry {
  const whole = JSON.parse(raw.body) as Record<string, unknown>;
  let [kind, body] = Object.entries(whole)[0] ?? ['', null];
  while (['Fact', 'Census'].includes(kind) && body !== null && typeof body === 'object') {
    [kind, body] = Object.entries(body)[0] ?? ['', null];
  }
  return { seq: raw.seq, at: raw.at, kind, body, sha256: raw.sha256 };
}

/** Reads a bundle; what a journal of another version says otherwise is left out. */
export function readBundle(bundle: Bundle): Facts {
  const entries = bundle.entries.map(entry);
  const facts: Facts = { entries, rules: bundle.rules.map(entry), spec: null, place: null, bills: [] };
  for (const { seq, at, kind, body } of entries) {
    if (kind === 'Submitted') facts.spec = (body as [number, Spec])[1];
    else if (kind === 'Placed') facts.place = (body as [number, Place])[1];
    else if (kind === 'Settled' || kind === 'Attempted') {
      if ((body as Bill).place) facts.bills.push({ entry: seq, at, bill: body as Bill, corrects: null });
    } else if (kind === 'Corrected') {
      const { of, why, was, bill } = body as { of: number; why: string; was: number; bill: Bill };
      facts.bills.push({ entry: seq, at, bill, corrects: { of, why, was } });
    }
  }
  return facts;
}

/** The bills that hold: those that no correction has replaced. */
export function standing(bills: readonly Billed[]): Billed[] {
  const replaced = new Set(bills.map((billed) => billed.corrects?.of));
  return bills.filter((billed) => !replaced.has(billed.entry));
}

export const yuanOf = (micro: number): number => micro / 1e6;
export const deviceHours = (bill: Bill): number => bill.devices / 3.6e6;
export const coreHours = (bill: Bill): number => bill.cores / 3.6e9;
export const kwhOf = (millijoules: number): number => millijoules / 3.6e9;
export const carbonKg = (micrograms: number): number => micrograms / 1e9;
export const feeOf = (bill: Bill): number => bill.postings.filter((posting) => posting.credit === 'Hub').reduce((sum, posting) => sum + posting.amount, 0);
export const creditOf = (bill: Bill): number =>
  bill.postings.filter((posting) => typeof posting.debit === 'object' && 'Credit' in posting.debit).reduce((sum, posting) => sum + posting.amount, 0);
/** Milliseconds as a tenant writes them: "1h30m". */
export function plainSpan(milliseconds: number): string {
  let left = Math.round(milliseconds);
  let text = '';
  for (const [unit, size] of [['d', 86_400_000], ['h', 3_600_000], ['m', 60_000], ['s', 1000], ['ms', 1]] as const) {
    const count = Math.floor(left / size);
    if (count > 0) text += `${count}${unit}`;
    left %= size;
  }
  return text || '0s';
}

/** Bytes as a tenant writes them: "64GiB". */
export function plainBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let step = 0;
  let size = bytes;
  while (size >= 1024 && size % 1024 === 0 && step < units.length - 1) {
    size /= 1024;
    step += 1;
  }
  return `${size}${units[step]}`;
}
const plainNumber = (value: number): string => String(Number(value.toFixed(3)));

export interface SubmitForm {
  name?: string;
  tenant?: string;
  command: string[];
  replicas?: number;
  devices?: string;
  models?: string[];
  device_memory_gb?: number;
  power?: string;
  alternatives?: { devices: string; replicas?: number; device_memory_gb?: number; power?: string; models?: string[] }[];
  cpus?: string;
  memory?: string;
  time_limit?: string;
  priority?: number;
  deadline?: string;
  retries?: number;
  after?: string[];
  after_ok?: string[];
  after_any?: string[];
  array?: number;
  apart?: string;
  spread?: string;
  sites?: string[];
  pools?: string[];
  max_pue?: number;
  preemptible?: boolean;
  notice?: { signal: string; grace: string };
  env?: Record<string, string>;
  directory?: string;
  inputs?: string[];
  outputs?: { path: string; to: string }[];
  image?: string;
}

const SIGNALS: Record<number, string> = { 1: 'HUP', 2: 'INT', 10: 'USR1', 12: 'USR2', 15: 'TERM', 24: 'XCPU' };
export const signalName = (number: number): string => SIGNALS[number] ?? String(number);

function wish(ask: Ask): Pick<SubmitForm, 'models' | 'device_memory_gb' | 'power'> & { devices: string } {
  return {
    devices: plainNumber(ask.devices === 1 ? (ask.part ?? 1000) / 1000 : ask.devices),
    ...(ask.models?.length ? { models: ask.models } : {}),
    ...(ask.device_memory_gb ? { device_memory_gb: ask.device_memory_gb } : {}),
    ...(ask.power ? { power: powerText(ask.power) } : {}),
  };
}
export const powerText = (power: { precision: string; mega: number }): string =>
  power.mega % 1e9 === 0 ? `${power.mega / 1e9} PFLOPS ${power.precision}` : `${power.mega / 1e6} TFLOPS ${power.precision}`;

/** The form that would submit the same job again. A task of an array becomes its whole array. */
export function formOf(spec: Spec): SubmitForm {
  const { shape, command } = spec;
  const [first, ...others] = shape.asks;
  const jobs = (when: string): string[] => (spec.after ?? []).filter((after) => after.when === when).map((after) => `job-${after.job}`);
  const form: SubmitForm = { name: spec.name, command: command.argv };
  if (first && first.devices > 0) Object.assign(form, wish(first));
  const replicas = first?.replicas ?? shape.replicas;
  if (replicas !== 1) form.replicas = replicas;
  if (others.length > 0) form.alternatives = others.map((ask) => ({ ...wish(ask), ...(ask.replicas ? { replicas: ask.replicas } : {}) }));
  if (shape.cpu > 0) form.cpus = plainNumber(shape.cpu / 1000);
  if (shape.memory > 0) form.memory = plainBytes(shape.memory);
  if (spec.time_limit) form.time_limit = plainSpan(spec.time_limit);
  if (spec.priority) form.priority = spec.priority;
  if (spec.deadline) form.deadline = new Date(spec.deadline).toISOString();
  if (spec.retries) form.retries = spec.retries;
  for (const [field, when] of [['after', 'started'], ['after_ok', 'ok'], ['after_any', 'ended']] as const) {
    if (jobs(when).length > 0) form[field] = jobs(when);
  }
  if (spec.array) form.array = spec.array.count;
  if (spec.apart) form.apart = spec.apart;
  if (shape.spread === 'nodes') form.spread = 'nodes';
  if (shape.sites?.length) form.sites = shape.sites;
  if (shape.pools?.length) form.pools = shape.pools;
  if (shape.pue_most) form.max_pue = shape.pue_most / 1000;
  if (spec.preemptible) form.preemptible = true;
  if (spec.notice) form.notice = { signal: signalName(spec.notice.signal), grace: plainSpan(spec.notice.grace) };
  if (command.env && Object.keys(command.env).length > 0) form.env = command.env;
  if (command.directory) form.directory = command.directory;
  if (shape.inputs?.length) form.inputs = shape.inputs;
  if (spec.outputs?.length) form.outputs = spec.outputs;
  if (command.image) form.image = command.image;
  return form;
}
