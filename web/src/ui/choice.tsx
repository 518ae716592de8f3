// Choices that live in the address.

import type { ComponentChildren } from 'preact';

import { useQuery } from '../address';

export interface Option {
  value: string;
  label: ComponentChildren;
}

/** Tabs of a page, each a link: `<Tabs name="tab" label="…" options={[{ value: '', label: 'Output' }, …]} />`. The first is the one
 *  of the plain address: its value is ''. */
export function Tabs({ name = 'tab', label, options }: { name?: string; label: string; options: readonly Option[] }) {
  const query = useQuery();
  const chosen = query.get(name);
  return (
    <nav class="tabs" aria-label={label}>
      {options.map(({ value, label: text }) => (
        <a key={value} href={query.href({ [name]: value })} aria-current={value === chosen ? 'page' : undefined}>{text}</a>
      ))}
    </nav>
  );
}

/** One of a few: for filters. With `many` several may be chosen; the query holds them with commas between. Choosing goes back to
 *  the first page of a list. */
export function Choices({ name, label, options, many = false, clears = ['pages'] }: {
  name: string;
  label: string;
  options: readonly Option[];
  many?: boolean;
  /** Values of the query that no longer hold. */
  clears?: readonly string[];
}) {
  const query = useQuery();
  const chosen = query.get(name).split(',').filter(Boolean);
  const choose = (value: string): void => {
    const cleared = Object.fromEntries(clears.map((key) => [key, null]));
    if (!many || value === '') query.set({ ...cleared, [name]: value });
    else query.set({ ...cleared, [name]: (chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value]).join(',') });
  };
  return (
    <fieldset class="choices">
      <legend class="unseen">{label}</legend>
      {options.map(({ value, label: text }) => (
        <label key={value} class="choice">
          <input
            type={many ? 'checkbox' : 'radio'}
            name={name}
            value={value}
            checked={value === '' ? chosen.length === 0 : chosen.includes(value)}
            onChange={() => choose(value)}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
