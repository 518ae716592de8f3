// The names under which pages speak of what the hub answers.

import type { components } from './schema';

type Schemas = components['schemas'];

export type Hub = Schemas['HubView'] & import('./coming').HubWhole;
export type Job = Schemas['JobView'];
export type JobList = Schemas['JobList'];
export type JobEvent = Schemas['LifeEvent'];
export type Pool = Schemas['PoolView'];
export type PoolList = Schemas['PoolList'];
export type Tenant = Schemas['TenantView'];
export type TenantList = Schemas['TenantList'];
export type Statement = Schemas['Statement'];
export type Why = Schemas['WhyView'];
export type * from './coming';
