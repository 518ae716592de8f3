// A text of TOML as it is written and read: numbered lines, the line that the hub found wrong, files that are dropped on it, and a
// list of its sections to go to.

import '../style/pages/studies.css';

import type { TargetedDragEvent, TargetedKeyboardEvent } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

import { words } from '../i18n';
import en from '../i18n/en/studies';
import zh from '../i18n/zh/studies';
import { Field, Notice } from '../ui';

const t = words(en, zh);

const MOST_BYTES = 1_000_000;
const INDENT = '  ';

/** A line that is at fault; a new object each time, so that the same line is gone to again. */
export interface Fault {
  line: number;
}

const lineAt = (text: string, place: number): number => text.slice(0, place).split('\n').length;
function startOf(text: string, line: number): number {
  let at = 0;
  for (let n = 1; n < line; n += 1) {
    const next = text.indexOf('\n', at);
    if (next < 0) return text.length;
    at = next + 1;
  }
  return at;
}

/** The sections of a text, with the id each has. */
export function sections(text: string): { line: number; name: string }[] {
  const found: { line: number; name: string }[] = [];
  text.split('\n').forEach((line, index) => {
    const head = /^\s*\[\[?\s*([\w.-]+)\s*\]\]?/.exec(line)?.[1];
    if (head) found.push({ line: index + 1, name: head });
    const id = /^\s*id\s*=\s*["']([^"']+)["']/.exec(line)?.[1];
    const last = found.at(-1);
    if (id && last && !last.name.includes(' ')) last.name = `${last.name} ${id}`;
  });
  return found;
}

/** Puts text in the place of what is selected, so that undoing takes it back. */
function insert(area: HTMLTextAreaElement, text: string): void {
  if (!document.execCommand('insertText', false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
    area.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

/** Tab indents; the selection grows to whole lines where it spans several, or where it goes back. */
function indent(area: HTMLTextAreaElement, back: boolean): void {
  const { value, selectionStart: begin, selectionEnd: end } = area;
  if (!back && begin === end) {
    insert(area, INDENT);
    return;
  }
  const first = value.lastIndexOf('\n', begin - 1) + 1;
  const lines = value.slice(first, end).split('\n');
  const moved = lines.map((line) => (back ? line.replace(/^ {1,2}/, '') : `${INDENT}${line}`)).join('\n');
  if (moved === lines.join('\n')) return;
  area.setSelectionRange(first, end);
  insert(area, moved);
  area.setSelectionRange(first, first + moved.length);
}

/** Lines with their numbers, and the mark of the one at fault, in step with the text over them. */
function useLines(text: string, fault: Fault | null) {
  const area = useRef<HTMLTextAreaElement>(null);
  const behind = useRef<HTMLDivElement>(null);
  const count = useMemo(() => text.split('\n').length, [text]);
  const numbers = useMemo(() => Array.from({ length: count }, (_, index) => index + 1).join('\n'), [count]);
  const follow = (): void => {
    if (area.current && behind.current) behind.current.style.transform = `translateY(${-area.current.scrollTop}px)`;
  };
  const goTo = (line: number, focus: boolean): void => {
    const element = area.current;
    if (!element) return;
    const at = startOf(element.value, line);
    const end = element.value.indexOf('\n', at);
    if (focus) element.focus({ preventScroll: true });
    element.setSelectionRange(at, end < 0 ? element.value.length : end);
    const height = element.scrollHeight / Math.max(1, element.value.split('\n').length);
    element.scrollTop = Math.max(0, (line - 1) * height - element.clientHeight / 3);
    element.scrollLeft = 0;
    follow();
  };
  useLayoutEffect(follow);
  const layer = (
    <div class="toml-behind" ref={behind} aria-hidden="true">
      {fault && <span class="toml-mark" style={{ insetBlockStart: `calc(var(--toml-pad) + ${fault.line - 1} * var(--toml-line))` }} />}
      <pre>{numbers}</pre>
    </div>
  );
  return { area, layer, follow, goTo, count };
}

/** Jumps to a section. */
function GoTo({ text, onLine }: { text: string; onLine: (line: number) => void }) {
  const all = useMemo(() => sections(text), [text]);
  if (all.length < 2) return null;
  return (
    <label class="select toml-go">
      <span>{t('goTo')}</span>
      <select
        value=""
        onChange={(event) => {
          const line = Number(event.currentTarget.value);
          event.currentTarget.value = '';
          if (line > 0) onLine(line);
        }}
      >
        <option value="">{t('goToPick')}</option>
        {all.map(({ line, name }) => <option key={line} value={line}>{name}</option>)}
      </select>
    </label>
  );
}

/** A field that holds TOML; the hub's error of this field stands below, and the line it names is marked and gone to. */
export function TomlField({ name, label, hint, value, onValue, onFile, fault, rows = 26, accept = '.toml,text/plain' }: {
  name: string;
  label: string;
  hint?: string;
  value: string;
  onValue: (value: string) => void;
  /** A file was opened or dropped; without it none can be. */
  onFile?: ((name: string, text: string) => void) | undefined;
  fault: Fault | null;
  rows?: number;
  accept?: string;
}) {
  const { area, layer, follow, goTo, count } = useLines(value, fault);
  const [line, setLine] = useState(1);
  const [over, setOver] = useState(false);
  const [large, setLarge] = useState<string | null>(null);
  const leaving = useRef(false);
  useEffect(() => {
    if (fault) goTo(fault.line, true);
  }, [fault]);

  const take = async (file: File | null | undefined): Promise<void> => {
    if (!file || !onFile) return;
    setLarge(file.size > MOST_BYTES ? file.name : null);
    if (file.size <= MOST_BYTES) onFile(file.name, await file.text());
  };
  const keys = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key === 'Escape') {
      leaving.current = true;
      return;
    }
    if (event.key === 'Tab' && !leaving.current && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      indent(event.currentTarget, event.shiftKey);
      return;
    }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.currentTarget.form?.requestSubmit();
    }
    if (event.key !== 'Shift') leaving.current = false;
  };
  const drop = (event: TargetedDragEvent<HTMLDivElement>): void => {
    if (!onFile || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  return (
    <Field name={name} label={label} hint={hint ? `${hint} ${t('editorKeys')}` : t('editorKeys')}>
      {(wiring) => (
        <>
          <div class="toml-bar">
            <span class="note">{t('lineOf', { n: line, total: count })}</span>
            {fault && <button type="button" class="plain" onClick={() => goTo(fault.line, true)}>{t('lineGo', { n: fault.line })}</button>}
            <GoTo text={value} onLine={(at) => goTo(at, true)} />
            {onFile && (
              <label class="button">
                {t('openFile')}
                <input
                  type="file"
                  class="unseen"
                  accept={accept}
                  onChange={(event) => {
                    void take(event.currentTarget.files?.[0]);
                    event.currentTarget.value = '';
                  }}
                />
              </label>
            )}
          </div>
          {large && <Notice tone="cinnabar"><p role="alert">{t('tooLarge', { name: large })}</p></Notice>}
          <div
            class={over ? 'toml over' : 'toml'}
            onDragOver={(event) => {
              if (!onFile || !event.dataTransfer?.types.includes('Files')) return;
              event.preventDefault();
              setOver(true);
            }}
            onDragLeave={(event) => {
              if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
            }}
            onDrop={drop}
          >
            {layer}
            <textarea
              {...wiring}
              ref={area}
              rows={rows}
              spellcheck={false}
              autoComplete="off"
              autoCapitalize="off"
              wrap="off"
              value={value}
              onInput={(event) => onValue(event.currentTarget.value)}
              onScroll={follow}
              onKeyDown={keys}
              onSelect={(event) => setLine(lineAt(event.currentTarget.value, event.currentTarget.selectionStart))}
              onBlur={() => {
                leaving.current = false;
              }}
            />
            {over && <p class="toml-drop">{t('dropHere')}</p>}
          </div>
        </>
      )}
    </Field>
  );
}

/** A text to be read: numbered, with the line at fault marked, to be copied or kept. */
export function TomlText({ label, text, fault, rows = 18 }: { label: string; text: string; fault: Fault | null; rows?: number }) {
  const { area, layer, follow, goTo, count } = useLines(text, fault);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (fault) goTo(fault.line, false);
  }, [fault?.line, text]);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    });
  };
  return (
    <div class="toml-read">
      <div class="toml-bar">
        <span class="note">{fault ? t('lineOf', { n: fault.line, total: count }) : ''}</span>
        {'clipboard' in navigator && <button type="button" onClick={copy} aria-live="polite">{t(copied ? 'copied' : 'copy')}</button>}
        <GoTo text={text} onLine={(line) => goTo(line, true)} />
      </div>
      <div class="toml">
        {layer}
        <textarea ref={area} aria-label={label} readOnly rows={Math.min(rows, count + 1)} wrap="off" spellcheck={false} value={text} onScroll={follow} />
      </div>
    </div>
  );
}
