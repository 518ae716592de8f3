// What the pages of a site and of a pool have in common (src/parts/place.tsx): load by hour, and what runs there.

const en = {
  span: 'How far back',
  'span.24': '24 h',
  'span.168': '7 d',
  'span.720': '30 d',
  devices: 'Devices held',
  cores: 'Cores held',
  deviceHours: 'device-hours in each hour',
  deviceDays: 'device-hours in each day',
  coreHours: 'core-hours in each hour',
  coreDays: 'core-hours in each day',
  most: 'at most',
  loadNote: 'Of attempts that are billed and of those that run. The last bar is not over yet.',

  caption: 'Jobs that hold a place there',
  state: 'State',
  job: 'Job',
  name: 'Name',
  tenant: 'Tenant',
  pool: 'Pool',
  devicesOf: 'Devices',
  coresOf: 'Cores',
  runs: 'Runs',
  endsBy: 'Ends by',
  noLimit: 'no limit',
  noneRuns: 'No job holds a place there now.',
  noneOfYours: 'None of your jobs holds a place there now.',
  more: 'The newest {n} are shown.',
  toJobs: 'All of them in the list of jobs',
  toEarlier: 'Every job that ever ran there',
} as const;

export default en;
