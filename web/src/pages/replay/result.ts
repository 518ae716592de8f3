// What `shugu replay --json` prints. Null is unknown.

export interface Summary {
  mean: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
}
export interface Run {
  trace: string;
  policy: string;
  start: string;
  jobs: { submitted: number; finished: number; refused: number; unplaced: number };
  wait_s: Summary;
  jct_s: Summary;
  makespan_s: number | null;
  fairness_jain: number | null;
  yielded: number;
  devices: { total: number; allocated_share_mean: number | null; allocated_share_end: number | null };
  energy_kwh: number | null;
  carbon_kg: number | null;
  cost_yuan: number | null;
  engine: { placements: number; rounds: number; wall_s: number; placements_per_s: number | null; peak_rss_mb: number | null };
  journal_sha256: string;
  notes: string[];
}
/** One policy is told by itself, several as a list. */
export type ReplayResult = Run | { runs: Run[] };

export interface ReplayRequest {
  policies: string[];
  policy?: string | null;
  name?: string | null;
}

export const runsOf = (result: ReplayResult): Run[] => ('runs' in result ? result.runs : [result]);

/** Runs of one and the same journal: policies that decided exactly alike. */
export interface Group {
  run: Run;
  others: string[];
}
export function groups(runs: readonly Run[]): Group[] {
  const found: Group[] = [];
  for (const run of runs) {
    const same = found.find((group) => group.run.journal_sha256 === run.journal_sha256);
    if (same) same.others.push(run.policy);
    else found.push({ run, others: [] });
  }
  return found;
}
