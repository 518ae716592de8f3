// Types of answers that the description of the API does not give yet. Each goes away once `npm run api` finds it there.

import type { components } from './schema';

export interface SignIn {
  oidc: { name: string } | null;
}

export interface Power {
  kw: number | null;
  read_kw: number;
  modelled_kw: number;
  sites_read: number;
  pools_modelled: number;
  carbon_kg_per_hour: number | null;
}

/** What `GET /v1/hub` tells beyond the counts of jobs, tenants and pools. A hub of before does not tell it. */
export interface HubWhole {
  nodes?: number;
  devices?: number;
  devices_held?: number;
  cores?: number;
  cores_held?: number;
  power?: Power;
}

export type Stage = 'announced' | 'building' | 'commissioning' | 'operating' | 'retiring' | 'retired' | 'unknown';
export type Evidence = 'announced' | 'declared' | 'seen' | 'measured' | 'metered';

export interface Site {
  id: string;
  name: string;
  name_zh: string | null;
  named: boolean;
  provider: string | null;
  prefecture: string;
  zone: string;
  latitude: number | null;
  longitude: number | null;
  /** `zone`: the zone's centre, not the site's own place. */
  position: 'stated' | 'zone' | null;
  stage: Stage;
  stage_date: string | null;
  evidence: Evidence;
  racks: number | null;
  racks_planned: number | null;
  computing_power_pflops: number | null;
  computing_power_planned_pflops: number | null;
  class: string | null;
  precision: string | null;
  pue: number | null;
  pue_source: 'stated' | 'signal' | null;
  power_kw: number | null;
  power_at: string | null;
  pools: string[];
  nodes: number;
  devices: number;
  devices_held: number;
  cores: number;
  cores_held: number;
  jobs: number;
  silent_pools: number;
  closed: boolean;
  source: string;
  note: string;
}
export interface SiteList {
  sites: Site[];
}

export interface Load {
  /** Oldest first; the last hour is not over yet. */
  hours: { from: string; device_hours: number; core_hours: number }[];
  devices: number;
  cores: number;
}

export interface Charge {
  entry: number;
  corrects: number | null;
  at: string;
  job: string;
  job_name: string;
  attempt: number;
  tenant: string;
  provider: string;
  pool: string;
  run_s: number;
  device_hours: number;
  core_hours: number;
  energy_kwh: number | null;
  carbon_kg: number | null;
  price_yuan: number;
  fee_yuan: number;
  credit_yuan: number;
}
export interface ChargeList {
  /** Newest first. */
  charges: Charge[];
  next: string | null;
}

export type StudyState = 'running' | 'done' | 'failed' | 'stopped';
export interface Study {
  id: string;
  kind: 'replay' | 'plan';
  name: string;
  state: StudyState;
  asked_at: string;
  ended_at: string | null;
  seconds: number;
  error: string | null;
}
export interface StudyList {
  studies: Study[];
}
export interface StudyWhole extends Study {
  request: Record<string, unknown>;
  result: unknown;
  picture: string | null;
}

export interface ScenarioList {
  scenarios: { name: string; text: string }[];
}

export interface LadderRow {
  class: string;
  precision: string;
  sparsity: string;
  announced_eflops: number | null;
  built_eflops: number | null;
  connected_eflops: number | null;
  schedulable_eflops: number | null;
  allocated_eflops: number | null;
  delivered_eflops: number | null;
  measured_eflops?: number | null;
}
export interface PublishedFigure {
  id: string;
  metric: string;
  scope: string;
  date: string;
  stated: string | null;
  value: number | null;
  unit: string;
  precision: string;
  quality: string;
  source: string;
}
export interface Target {
  metric: string;
  scope: string;
  due: string;
  stated: string | null;
  value: number | null;
  unit: string;
  precision: string;
  quality: string;
  source: string;
  /** Absent from a hub of before, like all that follows. */
  id?: string;
  /** The newest published figure that may be set beside it. */
  reached?: string | null;
  reached_by?: string | null;
  /** That figure over the target; a bound of the figure bounds it likewise. Null for a ceiling. */
  progress?: number | null;
  /** The target minus that figure. */
  distance?: number | null;
  forecast?: Forecast | null;
}
/** What a plan says of a target. */
export interface Forecast {
  id: string;
  target: string;
  as_of: string;
  value: string | null;
  /** Not below this in 95 of 100 cases. */
  low: string | null;
  /** Not above this in 95 of 100 cases. */
  high: string | null;
  probability_permille: number | null;
  source: string;
  note: string;
}
export interface Census {
  hub: string;
  as_of: string;
  rungs: Record<string, string>;
  ladder: LadderRow[];
  sites: { total: number; named: number; by_status: Record<string, number> };
  providers: number;
  providers_named: number;
  published: PublishedFigure[];
  targets: Target[];
  contradictions: { rule?: string; what: string; figures: string[] }[];
  /** By what they provide. */
  providers_by_service?: Record<string, number>;
  devices_of_unknown_power: number;
  cores_of_unknown_power?: number;
  pools_outside_census: string[];
}

export type Schemas = components['schemas'];
