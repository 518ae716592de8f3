// What `shugu plan --json` prints. Null is unknown.

export interface Spread {
  least: number;
  p5: number;
  p50: number;
  p95: number;
  most: number;
}
export interface Build {
  /** Months: "2027-04". */
  order: string;
  ready: string;
  site: string;
  what: 'systems' | 'halls' | 'grid' | 'opening';
  /** Which technology or cooling; the number of the step of a grid. */
  of: string;
  /** Systems or halls; of a grid, kW. */
  count: number;
  computing_pflops: number;
  devices: number;
  it_kw: number;
  facility_kw: number;
  cost_yuan: number;
}
export interface Capacity {
  period: string;
  computing_pflops: Record<string, number>;
  facility_mw: number;
  energy_gwh: number;
  carbon_kt: number;
  paid_yuan: number;
  missing_pflops: Record<string, number>;
}
export interface Chance {
  target: string;
  met: { seen: number; low: number; high: number };
  /** Reached in 5, 50 and 95 of 100 draws or fewer, in PFLOPS. */
  reached: [number, number, number];
}
export interface Point {
  moved: 'computing' | 'carbon' | 'date';
  computing_pflops: number;
  date: string;
  carbon_kt: number | null;
  built_yuan: number | null;
  objective_yuan: number | null;
  gap: number | null;
}
export interface Swing {
  assumption: string;
  best_yuan: number;
  worst_yuan: number;
}
export interface Worth {
  limit: string;
  saves_yuan: number;
  unit: string;
}
export interface Conflict {
  limit: string;
  is: number;
  needed: number | null;
  unit: string;
}
export interface PlanResult {
  scenario: string;
  status: 'proven' | 'stopped' | 'infeasible';
  objective_yuan: number | null;
  bound_yuan: number | null;
  gap: number | null;
  paid_yuan: number | null;
  built_yuan: number | null;
  cost_yuan: Record<string, number> | null;
  builds: Build[];
  capacity: Capacity[];
  targets: Chance[];
  probability_target_met: number | null;
  probability_interval: [number, number] | null;
  drivers: { what: string; if_never_late: number }[];
  ranges: { paid_yuan: Spread; built_yuan: Spread; reached_pflops: Record<string, Spread>; swings: Swing[] } | null;
  extremes: { best_built_yuan: number | null; worst_built_yuan: number | null } | null;
  worth: Worth[];
  conflicts: Conflict[];
  planned_late: number | null;
  frontier: Point[];
  columns: number;
  rows: number;
  nodes: number;
  model_s: number;
  solve_s: number;
  samples_s: number;
}
