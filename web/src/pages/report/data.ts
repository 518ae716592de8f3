// What `GET /v1/report` answers; the description of the API says of it only that it is an object.

import type { Census, Schemas, Target } from '../../api/coming';

export interface Headline {
  metric: string;
  stated: string;
  value: number;
  unit: string;
  precision: string | null;
  scope: string;
  date: string;
  quality: string;
  source: string;
  note: string;
}
export interface Growth {
  metric: string;
  before: string;
  before_date: string;
  now: string;
  now_date: string;
  ratio: number;
  claimed: string | null;
}
export interface Line {
  metric: string;
  unit: string;
  points: [date: string, value: number, stated: string][];
}
export interface Factor {
  kind: string;
  scope: string;
  valid_from: string;
  hours: string;
  value: number;
  unit: string;
  grade: string;
  source: string;
}
export interface Project {
  id: string;
  name: string;
  site: string | null;
  planned_bn_yuan: string | null;
  committed_bn_yuan: string | null;
  spent_bn_yuan: string | null;
  as_of: string;
  computing_power_pflops: string | null;
  quality: string;
  source: string;
}
export interface Effectiveness {
  id: string;
  scope: string;
  metric: string;
  value: string | null;
  category: number | null;
  boundary: string;
  period_from: string;
  period_to: string;
  quality: string;
  source: string;
}
export interface Counted extends Census {
  projects: Project[];
  effectiveness: Effectiveness[];
}
export interface Report {
  hub: string;
  hub_zh: string;
  as_of: string;
  headlines: Headline[];
  growth: Growth[];
  targets: Target[];
  lines: Line[];
  count: Counted;
  /** Names of named sites by their stage. */
  sites: Record<string, string[]>;
  factors: Factor[];
  method: string[];
  /** Every source, and what it is the source of. */
  sources: Record<string, string[]>;
  operations?: Schemas['Operations'] | null;
}
