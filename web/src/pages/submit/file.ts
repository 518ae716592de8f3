// A file of jobs, as `shugu submit FILE` takes it: YAML or JSON, one job or a list of jobs. Brought with its parser when it is needed.

import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, stringify } from 'yaml';

import type { SubmitForm } from '../../parts/bundle';

/** What is wrong with a file, and where. */
export class WrongFile extends Error {
  constructor(message: string, readonly line: number | null, readonly column: number | null) {
    super(message);
  }
}

export interface Found {
  /** Whether it is a list, which the hub takes as one. */
  many: boolean;
  jobs: SubmitForm[];
  /** Where each job begins, counted from 1. */
  lines: number[];
}

/** Fields that hold numbers or yes and no; all others are taken as they are written, so that `EPOCHS: 3` is a text. */
const NUMBERS = new Set(['replicas', 'device_memory_gb', 'priority', 'retries', 'array', 'max_pue']);

function value(given: Node | null | undefined, field: string, document: Document.Parsed): unknown {
  const node = isAlias(given) ? given.resolve(document) : given;
  if (isMap(node)) {
    return Object.fromEntries(node.items.map((pair) => {
      const name = isScalar(pair.key) ? String(pair.key.source ?? pair.key.value) : String(pair.key);
      return [name, value(pair.value as Node | null, field === 'env' ? 'env.' : name, document)];
    }));
  }
  if (isSeq(node)) return node.items.map((item) => value(item as Node, field, document));
  if (!isScalar(node)) return null;
  if (node.value === null) return null;
  if (field === 'preemptible') return typeof node.value === 'string' && /^(yes|on)$/i.test(node.value) ? true : typeof node.value === 'string' && /^(no|off)$/i.test(node.value) ? false : node.value;
  if (NUMBERS.has(field)) {
    const number = Number(node.value);
    return typeof node.value === 'string' && node.value.trim() !== '' && Number.isFinite(number) ? number : node.value;
  }
  return typeof node.value === 'string' ? node.value : node.source ?? String(node.value);
}

/** Reads a file; throws `WrongFile`. */
export function readFile(text: string): Found {
  const counter = new LineCounter();
  const document = parseDocument(text.replace(/^\uFEFF/, ''), { lineCounter: counter, strict: true, uniqueKeys: true, version: '1.2' });
  const wrong = document.errors[0];
  if (wrong) {
    const at = wrong.linePos?.[0];
    throw new WrongFile(wrong.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? wrong.code, at?.line ?? null, at?.col ?? null);
  }
  const whole = document.contents as Node | null;
  const many = isSeq(whole);
  const nodes = many ? (whole.items as Node[]) : whole ? [whole] : [];
  const line = (node: Node): number => counter.linePos(node.range?.[0] ?? 0).line;
  for (const node of nodes) {
    if (!isMap(node)) throw new WrongFile('a job is a map of fields, such as `command: [python3, train.py]`', line(node), null);
  }
  return { many, jobs: nodes.map((node) => value(node, '', document) as SubmitForm), lines: nodes.map(line) };
}

/** Where in a text a field such as `alternatives[0].devices` is first written, from a line on. */
export function lineOf(text: string, field: string, from = 1): number | null {
  const key = field.split('.').at(-1)?.split('[')[0] ?? '';
  const lines = text.split('\n');
  for (let at = from - 1; at < lines.length; at += 1) {
    if (new RegExp(`^\\s*(- )?["']?${key.replace(/\W/g, '')}["']?\\s*:`).test(lines[at] ?? '')) return at + 1;
  }
  return null;
}

/** Numbers as people write them, without quotes. */
const number = (text: string | undefined): string | number | undefined => (text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text);

/** A job as a file, its name first. */
export function writeFile({ name, tenant, command, devices, cpus, alternatives, ...rest }: SubmitForm): string {
  const whole = {
    name, tenant, command, devices: number(devices), cpus: number(cpus), ...rest,
    alternatives: alternatives?.map((one) => ({ ...one, devices: number(one.devices) })),
  };
  const said = Object.fromEntries(Object.entries(whole).filter(([, one]) => one !== undefined));
  return stringify(said, { lineWidth: 0, flowCollectionPadding: false });
}
