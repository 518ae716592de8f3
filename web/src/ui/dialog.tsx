// Questions that have to be answered before going on.

import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

import { common } from './common';
import { Problem } from './trouble';

/** A real dialog: the rest of the page waits, Escape and a click beside it close it, the focus returns to where it was. What carries
 *  `data-first` has the focus at first. */
export function Dialog({ open, title, onClose, children }: { open: boolean; title: string; onClose: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    if (open && dialog && !dialog.open) {
      dialog.showModal();
      dialog.querySelector<HTMLElement>('[data-first]')?.focus();
    }
    if (!open && dialog?.open) dialog.close();
  }, [open]);
  return (
    <dialog
      ref={element}
      class="dialog"
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      {open && (
        <div class="dialog-body">
          <h2 id={id}>{title}</h2>
          {children}
        </div>
      )}
    </dialog>
  );
}

/** Asks before something that cannot be taken back: `<Confirm open={…} title="Cancel job-3?" action="Cancel the job" danger
 *  onYes={() => ask(…)} onClose={…}>What it did so far is charged.</Confirm>`. While `onYes` goes on the buttons wait; what it
 *  throws is shown and the dialog stays. */
export function Confirm({ open, title, action, keep, danger = false, onYes, onClose, children }: {
  open: boolean;
  title: string;
  action: string;
  /** The words for not doing it. */
  keep?: string;
  danger?: boolean;
  onYes: () => Promise<unknown>;
  onClose: () => void;
  children?: ComponentChildren;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => setError(null), [open]);
  const yes = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await onYes();
      onClose();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open={open} title={title} onClose={onClose}>
      {children && <div class="dialog-text">{children}</div>}
      {error !== null && <Problem error={error} alert />}
      <div class="actions">
        <button type="button" class={danger ? 'danger' : 'primary'} disabled={busy} onClick={() => void yes()}>{action}</button>
        <button type="button" data-first onClick={onClose}>{keep ?? common('cancel')}</button>
      </div>
    </Dialog>
  );
}
