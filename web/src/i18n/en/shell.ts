// The frame around every page: navigation, the link to the hub, who is signed in.

const en = {
  skip: 'Skip to the content',
  navigation: 'Pages',
  'nav.hub': 'Hub',
  'nav.sites': 'Sites',
  'nav.jobs': 'Jobs',
  'nav.submit': 'Submit',
  'nav.tenants': 'Tenants',
  'nav.statements': 'Statements',
  'nav.plan': 'Plan',
  'nav.replay': 'Replay',
  'nav.report': 'Report',
  'nav.wall': 'Wall view',

  'link.connecting': 'connecting',
  'link.live': 'live',
  'link.again': 'reconnecting',
  'link.polling': 'every 5 s',
  'link.away': 'out of reach',
  'link.closed': 'signed out',

  away: 'The hub cannot be reached.',
  awaySince: 'What is shown was true at {time}.',
  awayNothing: 'Nothing was read yet.',
  awayDo: 'Trying again by itself.',
  tryNow: 'Try now',

  menu: 'Reader and appearance',
  language: 'Language',
  otherLanguage: '中文',
  theme: 'Appearance',
  'theme.system': 'as the system',
  'theme.light': 'light',
  'theme.dark': 'dark',
  signOut: 'Sign out',
  signedInAs: 'Signed in as',
  api: 'API',
  crumbs: 'Where this page is',

  missing: 'No such page',
  missingDo: 'Nothing of the dashboard is at this address.',
  toHub: 'To the hub',
  building: 'This page is not built yet.',
} as const;

export default en;
