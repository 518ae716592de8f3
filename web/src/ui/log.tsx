// Output of a job: plain text, whatever the job wrote.

import { useLayoutEffect, useRef } from 'preact/hooks';

import { common } from './common';

/** Colours and progress bars are for terminals: the last state of each line is kept. */
export const plainText = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex
    .replace(/\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)/g, '')
    .replace(/\r\n/g, '\n')
    .replace(/[^\n]*\r(?=[^\n])/g, '');

/** Keeps to the end while the reader is there; stays where they scrolled to otherwise. */
export function Log({ text, label }: { text: string; label: string }) {
  const element = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    const pre = element.current;
    if (pre && atEnd.current) pre.scrollTop = pre.scrollHeight;
  }, [text]);
  if (text === '') return <p class="none">{common('noOutput')}</p>;
  return (
    <pre
      ref={element}
      class="log"
      tabIndex={0}
      role="region"
      aria-label={label}
      onScroll={(event) => {
        const pre = event.currentTarget;
        atEnd.current = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 24;
      }}
    >
      {plainText(text)}
    </pre>
  );
}
