const en = {
  title: 'Replays',
  lead: 'This hub’s own history, driven again through the same engine under other policies, in virtual time. The hub itself changes nothing.',
  all: 'All replays',
  newReplay: 'New replay',
  none: 'Nobody has asked for a replay yet.',
  noneDo: 'Begin the first one',

  newTitle: 'New replay',
  newLead: 'Would another policy have served better? Choose two or more; each gets the same jobs at the same times.',
  policies: 'Policies',
  policiesHint: 'The first that is chosen is the one the others are held against; that can be changed in the result.',
  fewPolicies: 'choose two at least, or one and a policy of your own',
  ownCheck: 'A policy of my own',
  ownHint: 'TOML; only what differs from its base. It is called “own” in the result.',
  own: 'Own policy',
  name: 'Name',
  nameHint: 'As it is listed; the names of the policies if left empty.',
  run: 'Replay',
  checking: 'The hub reads it …',
  and: '{all} and {last}',

  what: 'What happens',
  what1: 'Every job that this hub has seen to its end is submitted again in virtual time, with the time limit, priority and width it had, and runs as long as it ran.',
  what2: 'The pools are those of this hub. What tenants were due then, limits and closings are not replayed.',
  what3: 'Nothing starts, nobody is charged, and no policy is changed. It runs beside the hub, behind everything else, usually in seconds.',
  what4: 'A dozen jobs say little: a few hundred of several tenants are worth comparing.',
  follow: 'If one serves better, start the hub with it:',

  example: `# Only what differs from the base is written.
base = "default"
patience = "72h"

[weights]
price = 30
carbon = 10
`,
} as const;

export default en;
