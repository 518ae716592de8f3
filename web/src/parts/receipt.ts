// What the hub said when it took a job, for the page that the reader is led to.

import { signal } from '@preact/signals';

export const receipt = signal<{ job: string; warning: string | null } | null>(null);
