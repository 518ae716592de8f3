const en = {
  title: 'Sign in',
  lead: 'This hub wants to know who reads it.',
  wrong: 'The token that was used is not good here any more.',
  'problem.provider': 'The identity provider did not sign you in, or could not be reached. Try again; if it stays so, tell the operator of this hub.',
  'problem.no-role': 'The identity provider knows you, but nobody has given you a role at this hub. Its operator says who is what.',
  'problem.stale': 'Signing in took too long, or began in another browser. Begin again.',
  with: 'Sign in with {name}',
  or: 'or with a token',
  token: 'Token',
  tokenHint: 'The hub prints an address with a token when it starts, and keeps the operator’s in the file operator.token of its folder. A provider or tenant gets one from the operator.',
  kept: 'Kept in this tab until it is closed, and sent to this hub only.',
  use: 'Sign in',
  bad: 'This token is not good here.',
  signedIn: 'You are signed in already.',
} as const;

export default en;
