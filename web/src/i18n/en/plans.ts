const en = {
  title: 'Plans',
  lead: 'What to build, where and when, so that a target is met. A plan is worked out beside the hub and changes nothing.',
  all: 'All plans',
  newPlan: 'New plan',
  none: 'Nobody has asked for a plan yet.',
  noneDo: 'Make the first one',

  newTitle: 'New plan',
  newLead: 'A scenario says what stands, what can be bought and built, and what is aimed at; the hub finds the cheapest way there.',
  beginWith: 'Begin with',
  asked: 'as asked: {name}',
  own: 'a file of my own',
  outline: 'a short example',
  startOver: 'Back to the original',
  changed: 'changed',
  replaceAsk: 'Replace the text?',
  replaceSays: 'What you changed in it is lost.',
  replaceDo: 'Replace it',
  replaceKeep: 'Keep mine',

  scenario: 'Scenario',
  scenarioHint: 'TOML. A file can be dropped on it.',
  name: 'Name',
  nameHint: 'As it is listed; that of the scenario if left empty.',
  seconds: 'Search for',
  secondsUnit: 's',
  secondsHint: 'Each search stops after so long and keeps the best it has; 1 to 3600.',
  sure: 'Be sure enough',
  sureHint: 'Plans with ever later dates until every target is met as surely as that.',
  sureLabel: 'Probability of meeting every target',
  sureRange: 'lies between 1 and 99 %',
  trade: 'Show what more, cleaner or sooner costs',
  tradeHint: 'Plans again for other targets, limits of carbon, and dates.',
  tradeLabel: 'Points on each of three curves',
  run: 'Plan',
  checking: 'The hub reads it …',
  takes: '{n} {n|search|searches}: about {span} at most.',
  takesNote: 'It runs beside the hub, behind everything else; other studies wait for it.',

  reads: 'As it reads',
  horizon: 'Horizon',
  horizonIs: '{start} to {end}',
  periods: '{n} {n|period|periods} of {months} {months|month|months}',
  target: 'Target',
  targetIs: '{amount} by {by}',
  sites: 'Sites',
  technologies: 'Technologies',
  fleets: 'Stands already',
  census: 'Census',
  noTarget: 'none: it serves demand',

  targetPast: 'A target lies before today ({by}): the hub plans nothing for a time that is over.',
  startPast: 'It starts {start}, and today is {today}: the plan may order things in months that are over.',
  move: 'Move all its dates by {n} {n|year|years}',
  moveNote: 'Prices, leads and supplies stay as they are. To plan as of another day, use the command line: {command}',
  moved: 'Moved by {n} {n|year|years}: it starts {start} now.',

  example: `# Sample data: a small hub that grows from 100 to 250 PFLOPS.
# A number is "559 kW", "1 .. 4 M yuan", or "1 .. 2 .. 4 M yuan": least, likeliest, most.
name = "Growth"
start = "{start}"
periods = 4

[[target]]
id = "more"
by = "{by}"
computing = "250 PFLOPS"

[[fleet]]
id = "today"
computing = "100 PFLOPS"

[[technology]]
id = "server"
devices = 8
computing = "2.5 PFLOPS"
racks = 0.25
power = "5.6 kW"
price = "1 .. 2 .. 4 M yuan"
lead = "3 months"
life = "60 months"
cooling = "air"

[[cooling]]
id = "air"
racks = 20
price = "8 M yuan"
lead = "3 months"
pue = 1.2

[[site]]
id = "east-1"
power = "500 kW"
land = 2
electricity = "0.4 yuan/kWh"
carbon = "0.5 kg/kWh"

[delays]
# Months late beyond the lead.
building = "0 .. 1 .. 6 months"
delivery = "0 .. 1 .. 5 months"
`,
} as const;

export default en;
