// What holds a place, and for how long things hold.

import type { Schemas } from '../api/types';

export type JobRow = Schemas['JobView'];

/** States in which a job holds a place. */
export const HOLDING = ['placed', 'running', 'stopping'];

export const HOUR = 3_600_000;
/** So long a reading of a site holds; after that nobody knows. */
export const HOLDS = 2 * HOUR;
