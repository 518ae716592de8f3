// Command lines: words as a shell tells them apart, and the `shugu submit` that says the same as a form.

import type { SubmitForm } from '../../parts/bundle';
import { format } from '../../ui';

/** Splits a line into words: quotes and backslashes mean what they mean to a shell, nothing else does. `special` are characters that a
 *  shell would act on and that are given to the program as they are. */
export function split(line: string): { words: string[]; open: string | null; special: string[] } {
  const words: string[] = [];
  const special = new Set<string>();
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < line.length; at += 1) {
    const letter = line[at] ?? '';
    if (quote === "'") {
      if (letter === "'") quote = null;
      else word = (word ?? '') + letter;
    } else if (letter === '\\') {
      const next = line[at + 1];
      at += 1;
      if (next === undefined) word = `${word ?? ''}\\`;
      else if (next === '\n') continue;
      else word = (word ?? '') + (quote === '"' && !'"\\$`'.includes(next) ? `\\${next}` : next);
    } else if (quote === '"') {
      if (letter === '"') quote = null;
      else {
        if (letter === '$' || letter === '`') special.add(letter);
        word = (word ?? '') + letter;
      }
    } else if (letter === "'" || letter === '"') {
      quote = letter;
      word ??= '';
    } else if (/\s/.test(letter)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      if ('|&;<>$`*?~'.includes(letter)) special.add(letter);
      word = (word ?? '') + letter;
    }
  }
  if (word !== null) words.push(word);
  return { words, open: quote, special: [...special] };
}

/** The line that `split` takes apart again. */
export const join = (words: readonly string[]): string => words.map((word) => (word === '' ? "''" : format.quoted(word))).join(' ');

/** Fields that `shugu submit` has no flag for: a job that has one of these is written as a file. */
const WITHOUT_FLAG = ['device_memory_gb', 'power', 'alternatives', 'apart', 'spread', 'sites', 'pools', 'max_pue', 'notice'] as const;
export const withoutFlag = (form: SubmitForm): string[] => [
  ...WITHOUT_FLAG.filter((field) => form[field] !== undefined),
  // A flag ends a path at its first equals sign, and a variable has no line break.
  ...(form.outputs?.some(({ path }) => path.includes('=')) ? ['outputs'] : []),
];

/** The command that submits the same, one flag a line where there are many. */
export function commandLine(form: SubmitForm): string {
  const flags: string[] = [];
  const flag = (name: string, value: string | number | undefined): void => {
    if (value === undefined) return;
    const text = format.quoted(String(value));
    // What begins with a dash is taken for a flag unless it is tied to its own.
    flags.push(String(value).startsWith('-') ? `--${name}=${text}` : `--${name} ${text === '' ? "''" : text}`);
  };
  flag('name', form.name);
  flag('tenant', form.tenant);
  flag('replicas', form.replicas);
  flag('devices', form.devices);
  for (const model of form.models ?? []) flag('model', model);
  flag('cpus', form.cpus);
  flag('memory', form.memory);
  flag('time-limit', form.time_limit);
  flag('priority', form.priority);
  flag('deadline', form.deadline);
  flag('retries', form.retries);
  for (const job of form.after ?? []) flag('after', job);
  for (const job of form.after_ok ?? []) flag('after-ok', job);
  for (const job of form.after_any ?? []) flag('after-any', job);
  flag('array', form.array);
  if (form.preemptible) flags.push('--preemptible');
  for (const [name, value] of Object.entries(form.env ?? {})) flag('env', `${name}=${value}`);
  flag('directory', form.directory);
  for (const input of form.inputs ?? []) flag('input', input);
  for (const { path, to } of form.outputs ?? []) flag('output', `${path}=${to}`);
  flag('image', form.image);
  const whole = ['shugu submit', ...flags, `-- ${join(form.command)}`];
  const line = whole.join(' ');
  return line.length <= 90 || flags.length < 2 ? line : whole.join(' \\\n  ');
}
