// The hub itself: its name, its clock, and whom it takes the reader for.

import { computed, effect, signal } from '@preact/signals';

import { type Address, at } from './client';
import { hold, link } from './live';
import { me, type Role, standing } from './session';
import type { Hub } from './types';

const reading = hold(at('/v1/hub') as Address<Hub>, ['job', 'pool', 'tenant', 'census']);

/** What `GET /v1/hub` last told; null until it did. */
export const hub = computed(() => reading.value.data);

/** Minutes east of Greenwich, as the hub counts; the reader's own until the hub has told. */
export const offset = signal(-new Date().getTimezoneOffset());

/** Now by the hub's clock, in milliseconds; ticks each second while it is looked at and the hub is there. */
export const now = signal(Date.now());

let base = { hub: Date.now(), at: performance.now() };
const tick = (): void => {
  if (document.hidden || link.peek() === 'away') return;
  now.value = base.hub + (performance.now() - base.at);
};

effect(() => {
  const { data, readAt } = reading.value;
  if (!data) return;
  if (standing.peek() !== 'in' || me.peek()?.role !== data.role || me.peek()?.subject !== data.subject) {
    me.value = { role: data.role as Role, subject: data.subject };
    standing.value = 'in';
  }
  const told = Date.parse(data.now);
  if (Number.isNaN(told)) return;
  base = { hub: told, at: readAt };
  const zone = /([+-])(\d\d):(\d\d)$/.exec(data.now);
  offset.value = zone ? (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) : 0;
  tick();
});
setInterval(tick, 1000);
document.addEventListener('visibilitychange', tick);
