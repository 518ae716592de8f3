// Fields that the shared form has not: several values of one field, and a group that is folded until it is needed.

import type { ComponentChildren } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';

import { Field, type FieldProps } from '../../ui';
import { t } from './words';

/** Several values, each with a button that takes it out; Enter or a comma adds what was typed, and so does leaving the field. */
export function ListField({ value, onValue, list = [], commas = true, placeholder, ...field }: FieldProps & {
  value: readonly string[];
  onValue: (value: string[]) => void;
  /** Suggestions; others may be typed. */
  list?: readonly string[];
  /** Whether a comma ends a value; names of models may hold one. */
  commas?: boolean;
  placeholder?: string;
}) {
  const [typed, setTyped] = useState('');
  const suggestions = useId();
  const add = (text: string): void => {
    const found = (commas ? text.split(',') : [text]).map((one) => one.trim()).filter((one) => one !== '' && !value.includes(one));
    if (found.length > 0) onValue([...value, ...found]);
    setTyped('');
  };
  return (
    <Field {...field}>
      {(wiring) => (
        <div class="submit-list">
          {value.map((one) => (
            <span key={one} class="submit-one">
              {one}
              <button type="button" class="plain" aria-label={t('takeOut', { value: one })} onClick={() => onValue(value.filter((other) => other !== one))}>×</button>
            </span>
          ))}
          <input
            {...wiring}
            type="text"
            value={typed}
            list={list.length > 0 ? suggestions : undefined}
            placeholder={value.length === 0 ? placeholder : undefined}
            spellcheck={false}
            autoComplete="off"
            onInput={(event) => {
              const text = event.currentTarget.value;
              // A suggestion that was picked is whole; typing goes letter by letter.
              if (list.includes(text) && (event as unknown as InputEvent).inputType !== 'insertText') add(text);
              else setTyped(text);
            }}
            onKeyDown={(event) => {
              if ((event.key === 'Enter' || (event.key === ',' && commas)) && typed.trim() !== '') {
                event.preventDefault();
                add(typed);
              } else if (event.key === 'Enter') event.preventDefault();
              else if (event.key === 'Backspace' && typed === '' && value.length > 0) onValue(value.slice(0, -1));
            }}
            onBlur={() => add(typed)}
          />
          {list.length > 0 && <datalist id={suggestions}>{list.filter((one) => !value.includes(one)).map((one) => <option key={one} value={one} />)}</datalist>}
        </div>
      )}
    </Field>
  );
}

/** Fields that few need: folded, with the number of those that say something. It opens by itself when the hub names one of them. */
export function Group({ title, said, wrong, children }: { title: string; said: number; wrong: unknown; children: ComponentChildren }) {
  const [open, setOpen] = useState(said > 0);
  useEffect(() => {
    if (wrong) setOpen(true);
  }, [wrong]);
  return (
    <details class="submit-group" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title} {said > 0 && <span class="note">{t('saidSome', { n: said })}</span>}</summary>
      <div class="submit-group-body">{children}</div>
    </details>
  );
}
