// Forms: what the hub finds wrong with a field stands beside that field.

import { type ComponentChildren, createContext, type TargetedSubmitEvent } from 'preact';
import { useContext, useEffect, useId, useRef, useState } from 'preact/hooks';

import { useQuery } from '../address';
import { Refused } from '../api/client';
import { Problem } from './trouble';

interface Told {
  /** Which field the hub named, and what it said. */
  field: string | null;
  message: string;
  /** Fields that are on the page: an error of another one stands above the form. */
  present: Set<string>;
}
const Context = createContext<Told>({ field: null, message: '', present: new Set() });

/** What stands beside a field need not name it, nor tell where in the text that was sent it stood. */
const besideField = (message: string, field: string | null): string =>
  (field !== null && message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message).replace(/ at line \d+ column \d+$/, '');

/** Sends on submit; shows what the hub refused. `send` throws what `ask` throws. The fields inside are named as the hub names them;
 *  `devices[0].count` and `devices` are both taken for `devices`. */
export function Form({ send, told = null, written, children, class: className }: {
  send: () => Promise<unknown>;
  /** What the hub already said of what is written, before it is sent: it stands beside its field, and nowhere else. */
  told?: unknown;
  /** What is written, where the page holds it: once it changes, what was refused before no longer stands. */
  written?: unknown;
  children: (busy: boolean) => ComponentChildren;
  class?: string;
}) {
  const [busy, setBusy] = useState(false);
  const [sent, setError] = useState<unknown>(null);
  const error = sent ?? told;
  useEffect(() => setError(null), [written]);
  const present = useRef(new Set<string>());
  const form = useRef<HTMLFormElement>(null);
  const named = error instanceof Refused ? error.field : null;
  const field = named === null ? null : [named, named.split(/[.[]/)[0] ?? named].find((name) => present.current.has(name)) ?? null;
  const message = error instanceof Refused ? besideField(error.message, named) : '';
  useEffect(() => {
    if (sent !== null && field !== null) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [sent, field]);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await send();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Context.Provider value={{ field, message, present: present.current }}>
      <form ref={form} class={className ?? 'form'} noValidate autoComplete="off" onSubmit={(event) => void submit(event)}>
        {sent !== null && field === null && <Problem error={sent} alert />}
        {children(busy)}
      </form>
    </Context.Provider>
  );
}

export interface FieldProps {
  /** As the hub names it. */
  name: string;
  label: string;
  hint?: ComponentChildren;
  unit?: string;
}
interface Wiring {
  id: string;
  name: string;
  'aria-invalid': 'true' | undefined;
  'aria-describedby': string | undefined;
}

/** A label, a control, a hint, and the hub's error. `children` gets what the control has to carry. */
export function Field({ name, label, hint, unit, children }: FieldProps & { children: (wiring: Wiring) => ComponentChildren }) {
  const told = useContext(Context);
  const id = useId();
  useEffect(() => {
    told.present.add(name);
    return () => void told.present.delete(name);
  }, [told.present, name]);
  const wrong = told.field === name;
  const described = [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(' ') || undefined;
  return (
    <div class={wrong ? 'field wrong' : 'field'}>
      <label for={id}>{label}{unit && <span class="unit"> {unit}</span>}</label>
      {children({ id, name, 'aria-invalid': wrong ? 'true' : undefined, 'aria-describedby': described })}
      {wrong && <p class="field-wrong" id={`${id}-wrong`} role="alert">{told.message}</p>}
      {hint && <p class="note" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}

type TextProps = FieldProps & {
  value: string;
  onValue: (value: string) => void;
  type?: 'text' | 'password' | 'number' | 'date' | 'datetime-local' | 'search' | 'month';
  placeholder?: string;
  disabled?: boolean;
  /** Suggestions; others may be typed. */
  list?: readonly string[];
  mono?: boolean;
};

/** One line. Numbers are strings too: whether it is one is the hub's to say. */
export function TextField({ value, onValue, type = 'text', placeholder, disabled, list, mono, ...field }: TextProps) {
  return (
    <Field {...field}>
      {(wiring) => (
        <>
          <input
            {...wiring}
            {...(type === 'number' ? { type: 'text', inputMode: 'decimal' } as const : { type: type as 'text' })}
            class={type === 'number' ? 'num' : mono ? 'mono' : undefined}
            value={value}
            placeholder={placeholder}
            disabled={disabled}
            list={list && `${wiring.id}-list`}
            spellcheck={false}
            autoComplete="off"
            onInput={(event) => onValue(event.currentTarget.value)}
          />
          {list && <datalist id={`${wiring.id}-list`}>{list.map((word) => <option key={word} value={word} />)}</datalist>}
        </>
      )}
    </Field>
  );
}

/** Several lines. */
export function AreaField({ value, onValue, rows = 8, ...field }: FieldProps & { value: string; onValue: (value: string) => void; rows?: number }) {
  return (
    <Field {...field}>
      {(wiring) => <textarea {...wiring} rows={rows} spellcheck={false} value={value} onInput={(event) => onValue(event.currentTarget.value)} />}
    </Field>
  );
}

/** One of a list. */
export function SelectField({ value, onValue, options, ...field }: FieldProps & {
  value: string;
  onValue: (value: string) => void;
  options: readonly { value: string; label: string }[];
}) {
  return (
    <Field {...field}>
      {(wiring) => (
        <select {...wiring} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
          {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
        </select>
      )}
    </Field>
  );
}

/** Yes or no. */
export function CheckField({ value, onValue, name, label, hint }: FieldProps & { value: boolean; onValue: (value: boolean) => void }) {
  return (
    <div class="field check">
      <label><input type="checkbox" name={name} checked={value} onChange={(event) => onValue(event.currentTarget.checked)} /> {label}</label>
      {hint && <p class="note">{hint}</p>}
    </div>
  );
}

const TYPING_MS = 300;

/** A filter in the address that is typed: what is typed goes there once the typing pauses. */
export function SearchBox({ name = 'search', label, placeholder, clears = ['pages'] }: { name?: string; label: string; placeholder?: string; clears?: readonly string[] }) {
  const query = useQuery();
  const current = query.get(name);
  const [typed, setTyped] = useState(current);
  const mine = useRef(current);
  useEffect(() => {
    // The address changed by other means, such as Back.
    if (current !== mine.current) {
      mine.current = current;
      setTyped(current);
    }
  }, [current]);
  useEffect(() => {
    if (typed === mine.current) return undefined;
    const timer = setTimeout(() => {
      mine.current = typed.trim();
      query.set({ ...Object.fromEntries(clears.map((key) => [key, null])), [name]: typed.trim() }, true);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, query]);
  return (
    <label class="search">
      <span class="unseen">{label}</span>
      <svg class="shape" viewBox="0 0 12 12" aria-hidden="true"><path d="M5 1.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0-7M7.6 7.6L11 11" /></svg>
      <input type="search" value={typed} placeholder={placeholder ?? label} spellcheck={false} autoComplete="off" onInput={(event) => setTyped(event.currentTarget.value)} />
    </label>
  );
}

/** A filter in the address that is one of a list: tenant, pool, site. */
export function SelectBox({ name, label, options, clears = ['pages'] }: {
  name: string;
  label: string;
  options: readonly { value: string; label: string }[];
  clears?: readonly string[];
}) {
  const query = useQuery();
  const chosen = query.get(name);
  const listed = options.some((option) => option.value === chosen) ? options : [...options, { value: chosen, label: chosen }];
  return (
    <label class="select">
      <span>{label}</span>
      <select value={chosen} onChange={(event) => query.set({ ...Object.fromEntries(clears.map((key) => [key, null])), [name]: event.currentTarget.value })}>
        {listed.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
      </select>
    </label>
  );
}
