// What would become of a job: the hub tries it out while it is written.

import { useEffect, useState } from 'preact/hooks';

import { type Address, ask, Refused } from '../../api/client';
import { me } from '../../api/session';
import type { SubmitForm } from '../../parts/bundle';
import { PoolReasons, refusedInWords, type SmallerView, Why, type WhyView } from '../../parts/why';
import { Mark, Notice, Problem } from '../../ui';
import { t } from './words';

export const TRY_OUT = '/v1/jobs?dry_run=true' as Address<WhyView>;
const TYPING_MS = 600;
const AGAIN_MS = 30_000;

export interface Tried {
  why: WhyView | null;
  error: unknown;
  /** It answers what was written before. */
  old: boolean;
  asking: boolean;
  again: () => void;
}

/** A refusal with the field it is about, where the hub says it in other words only. */
export function located(error: unknown): unknown {
  if (!(error instanceof Refused) || error.field !== null) return error;
  const field = error.code === 'too_late' ? 'deadline' : error.code === 'unmet' ? (/^(after\w*):/.exec(error.message)?.[1] ?? 'after_ok') : null;
  return field ? new Refused(error.status, error.code, error.message, field, error.said) : error;
}

/** Asks what would become of a job, once the typing pauses, and again while the hub goes on. */
export function useTryOut(form: SubmitForm | null): Tried {
  const text = form === null ? '' : JSON.stringify(form);
  const [answer, setAnswer] = useState<{ text: string; why: WhyView | null; error: unknown } | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (text === '') {
      setAnswer(null);
      return undefined;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      ask(TRY_OUT, { method: 'POST', body: text, signal: stop.signal }).then(
        (why) => setAnswer({ text, why, error: null }),
        (error: unknown) => {
          if (!stop.signal.aborted) setAnswer({ text, why: null, error: located(error) });
        },
      );
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text, turn]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setTurn((n) => n + 1);
    }, AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return {
    why: answer?.why ?? null,
    error: answer?.error ?? null,
    old: answer !== null && answer.text !== text,
    asking: answer === null && text !== '',
    again: () => setTurn((n) => n + 1),
  };
}

/** In a word: starts, waits or would be refused. */
export function Verdict({ tried, fresh }: { tried: Tried; fresh: string | null }) {
  const { why, error } = tried;
  const mark = fresh !== null ? null
    : error instanceof Refused ? <Mark shape="cross" tone="cinnabar" strong>{t('refused')}</Mark>
      : why?.state === 'would start' ? <Mark shape="tick" tone="malachite" strong>{t('wouldStart')}</Mark>
        : why ? <Mark shape="clock" tone="ochre" strong>{t('wouldWait')}</Mark> : null;
  return mark && <p class={tried.old ? 'submit-verdict old' : 'submit-verdict'}>{mark}</p>;
}

/** Why it would wait or be refused. `labelOf` gives the names of fields that the hub may find at fault. */
export function Outcome({ tried, replicas, array, labelOf, onTake, fresh }: {
  tried: Tried;
  replicas: number | null;
  array: number | null;
  labelOf: (field: string) => string | null;
  onTake: (smaller: SmallerView) => void;
  /** A tenant that does not exist yet. */
  fresh: string | null;
}) {
  const { why, error } = tried;
  if (fresh !== null) return <Notice tone="azurite"><p>{t('tenantNew', { tenant: fresh })}</p></Notice>;
  if (why === null && error === null) return <p class="none">{t(tried.asking ? 'outcomeAsking' : 'outcomeNothing')}</p>;
  const field = error instanceof Refused ? error.field : null;
  const label = field === null ? null : labelOf(field) ?? labelOf(field.split(/[.[]/)[0] ?? field);
  const refusal = error instanceof Refused ? refusedInWords(error) : null;
  const pools = error instanceof Refused && Array.isArray(error.said.pools) ? (error.said.pools as WhyView['pools']) : [];
  return (
    <div class={tried.old ? 'submit-detail old' : 'submit-detail'} aria-busy={tried.old || undefined}>
      {why && (
        <>
          {array !== null && array > 1 && <p class="note">{t('array1', { n: array })}</p>}
          {why.state === 'would start' ? (
            <p class="note">{t('wouldStartNote')}</p>
          ) : (
            <Why why={why} replicas={replicas} change={(smaller) => <button type="button" onClick={() => onTake(smaller)}>{t('takeChange')}</button>} />
          )}
        </>
      )}
      {error !== null && (error instanceof Refused ? (
        <>
          {label ? <p>{t('refusedField', { field: label })}</p> : <p lang={refusal?.lang}>{refusal?.text}</p>}
          <div class="why"><PoolReasons pools={pools} replicas={replicas} /></div>
        </>
      ) : <Problem error={error} again={tried.again} />)}
    </div>
  );
}

/** Whose job it will be: the tenant that signed in, or the one that an operator names. */
export const payer = (named: string): string => (me.value?.role === 'tenant' ? me.value.subject : named.trim() || 'default');
