const en = {
  title: 'Tenants',
  lead: 'Who shares the hub, what each is due, and what it uses of it.',
  leadOwn: 'What you and your projects are due, and what you use of it.',
  count: 'Tenants and projects',
  heldOfAll: 'Devices held, of the hub’s',
  letIn: 'Let a tenant in',

  shares: 'Shares',
  search: 'Name of a tenant',
  keyUse: 'share of use',
  keyDue: 'due; a whole bar is twice the due',
  tenant: 'Tenant',
  bar: 'Use against due',
  share: 'Share of use',
  due: 'Due',
  against: 'Over or under',
  weight: 'Weight',
  guaranteed: 'Guaranteed',
  most: 'At most',
  held: 'Devices held',
  used: 'Used device-h',
  do: 'Terms',
  terms: 'Arrange',
  termsOf: 'Arrange terms of {name}',
  none: 'Nobody has been let in yet. Let the first one in above, or with a command:',
  notFound: 'No tenant has “{text}” in its name.',
  about:
    'Due is the part that a tenant’s weight, and those above it, give it while everybody wants more; a project’s part is counted in what it belongs to. '
    + 'Whoever is under its due goes first; who is over it uses what others did not want. Use fades: after each half-life half of it counts. '
    + 'It is told in hours of a device of 100 TFLOPS (fp16, dense).',
} as const;

export default en;
