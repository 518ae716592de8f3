// Begins a study, and waits a moment: what is wrong with a text is told within a second, and is better told where it was written.

import { ask, at } from '../api/client';
import type { Study } from './studies';

const LOOKS = 12;
const LOOK_MS = 250;
/** A study that has run for so long has been read. */
const READ_S = 2;

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, milliseconds));

/** Its number, and what it said if it failed at once. */
export async function begin(form: object): Promise<{ id: number; error: string | null }> {
  const { id } = await ask<{ id: number }>('/v1/studies', { method: 'POST', body: form });
  for (let look = 0; look < LOOKS; look += 1) {
    await pause(LOOK_MS);
    const study: Study = await ask(at('/v1/studies/{id}', { id }));
    if (study.state === 'failed') return { id, error: study.error ?? null };
    // Behind others nobody knows when it is read.
    if (study.state === 'waiting' && look > 1) break;
    if (study.state !== 'waiting' && (study.state !== 'running' || study.seconds > READ_S)) break;
  }
  return { id, error: null };
}
