// States: a shape beside every word, so that none is told by colour alone.

import { common } from './common';
import type { Tone } from './figure';

/** Paths on a grid of twelve. */
const SHAPES = {
  clock: 'M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9M6 3.5V6l1.8 1.2',
  diamond: 'M6 1.5L10.5 6L6 10.5L1.5 6Z',
  play: 'M3 1.8L10 6L3 10.2Z',
  cutSquare: 'M2 2h8v8h-8ZM2 10L10 2',
  tick: 'M1.8 6.4L4.8 9.4L10.2 3',
  cross: 'M2.2 2.2L9.8 9.8M9.8 2.2L2.2 9.8',
  crossedOut: 'M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9M2.9 9.1L9.1 2.9',
  question: 'M3.6 4.2a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2.8-1.2 1.7M6 10v.4',
  ring: 'M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9',
  halfRing: 'M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9M6 1.5v9M8 2.2v7.6M9.6 4v4',
  square: 'M2 2h8v8h-8Z',
  dashes: 'M2 6h8',
  warning: 'M6 1.2L11.2 10.6H0.8ZM6 4.6v2.6M6 8.7v.4',
  lock: 'M2.5 5.5h7v5h-7ZM4 5.5V4a2 2 0 0 1 4 0v1.5',
  up: 'M6 2.2L10.2 9.4H1.8Z',
  down: 'M1.8 2.6h8.4L6 9.8Z',
} as const;
export type ShapeName = keyof typeof SHAPES;

export const Shape = ({ is, filled = false }: { is: ShapeName; filled?: boolean }) => (
  <svg class={filled ? 'shape filled' : 'shape'} viewBox="0 0 12 12" aria-hidden="true" focusable="false"><path d={SHAPES[is]} /></svg>
);

/** A shape and a word in one colour. */
export function Mark({ shape, filled = false, tone, strong = false, children }: {
  shape: ShapeName;
  filled?: boolean;
  tone?: Tone;
  strong?: boolean;
  children: string;
}) {
  return (
    <span class={strong ? 'mark strong' : 'mark'} data-tone={tone}>
      <Shape is={shape} filled={filled} /><span>{children}</span>
    </span>
  );
}

type Look = { shape: ShapeName; tone: Tone; filled?: boolean; strong?: boolean };

const JOBS: Record<string, Look> = {
  waiting: { shape: 'clock', tone: 'ochre' },
  placed: { shape: 'diamond', tone: 'amethyst' },
  running: { shape: 'play', tone: 'azurite', filled: true, strong: true },
  stopping: { shape: 'cutSquare', tone: 'ochre' },
  done: { shape: 'tick', tone: 'malachite' },
  failed: { shape: 'cross', tone: 'cinnabar', strong: true },
  cancelled: { shape: 'crossedOut', tone: 'faint' },
  lost: { shape: 'question', tone: 'cinnabar' },
};
const STUDIES: Record<string, Look> = {
  waiting: { shape: 'clock', tone: 'ochre' },
  running: { shape: 'play', tone: 'azurite', filled: true, strong: true },
  done: { shape: 'tick', tone: 'malachite' },
  failed: { shape: 'cross', tone: 'cinnabar', strong: true },
  stopped: { shape: 'crossedOut', tone: 'faint' },
};
const STAGES: Record<string, Look> = {
  operating: { shape: 'square', tone: 'azurite', filled: true },
  commissioning: { shape: 'halfRing', tone: 'azurite' },
  building: { shape: 'cutSquare', tone: 'azurite' },
  announced: { shape: 'square', tone: 'azurite' },
  retiring: { shape: 'diamond', tone: 'faint' },
  retired: { shape: 'crossedOut', tone: 'faint' },
  unknown: { shape: 'question', tone: 'faint' },
};
const OTHER: Look = { shape: 'dashes', tone: 'faint' };

export const JOB_STATES = Object.keys(JOBS);
export const ENDED: ReadonlySet<string> = new Set(['done', 'failed', 'cancelled', 'lost']);

/** The state of a job. */
export const JobState = ({ of: state }: { of: string }) => <Mark {...(JOBS[state] ?? OTHER)}>{common.of('state', state)}</Mark>;
/** The state of a replay or plan. */
export const StudyState = ({ of: state }: { of: string }) => <Mark {...(STUDIES[state] ?? OTHER)}>{common.of('study', state)}</Mark>;
/** Shape and tone of a site's stage, for what draws sites in its own way. */
export const stageLook = (stage: string): Look => STAGES[stage] ?? OTHER;
/** How far a site is. */
export const SiteStage = ({ of: stage }: { of: string }) => <Mark {...(STAGES[stage] ?? OTHER)}>{common.of('stage', stage)}</Mark>;
/** Whether an agent is in touch. */
export const Contact = ({ is }: { is: boolean }) =>
  is ? <Mark shape="ring" filled tone="malachite">{common('contact.yes')}</Mark> : <Mark shape="ring" tone="cinnabar" strong>{common('contact.no')}</Mark>;

const EVIDENCE = ['announced', 'declared', 'seen', 'measured', 'metered'];
/** At which evidence something is known: five steps, filled as far as it reaches. */
export function Evidence({ of: evidence }: { of: string }) {
  const reached = EVIDENCE.indexOf(evidence);
  return (
    <span class="evidence">
      <svg viewBox="0 0 24 8" aria-hidden="true" focusable="false">
        {EVIDENCE.map((name, step) => <rect key={name} class={step <= reached ? 'on' : ''} x={step * 5} y={6 - step * 1.5} width="3.5" height={2 + step * 1.5} />)}
      </svg>
      <span>{common.of('evidence', evidence)}</span>
    </span>
  );
}
