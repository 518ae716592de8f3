// An identity provider for the tests of signing in: `oidc-provider`, a certified one, on a free port of this machine.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import Provider from 'oidc-provider';

/** Who can sign in: by the name they type, what the provider says of them. */
const PEOPLE: Record<string, { preferred_username: string; groups: string[] }> = {
  olga: { preferred_username: 'olga', groups: ['staff', 'hub-operators'] },
  tian: { preferred_username: 'tian', groups: ['tenant-llm-lab'] },
  nobody: { preferred_username: 'nobody', groups: ['staff'] },
};

export interface Identity {
  issuer: string;
  stop(): Promise<void>;
}

/** An identity provider that sends people back to `redirect`. Its pages ask for a name and any password. */
export async function identityProvider(redirect: () => string): Promise<Identity> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'shugu', client_secret: 'a-sample-secret', redirect_uris: [redirect()], grant_types: ['authorization_code'], response_types: ['code'] }],
    claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
    scopes: ['openid', 'profile', 'email', 'groups'],
    // The ID token itself says who somebody is.
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ['a sample key'] },
    pkce: { required: () => true },
    findAccount: (_context, id) => ({ accountId: id, claims: () => Promise.resolve({ sub: id, ...PEOPLE[id] }) }),
  });
  server.on('request', provider.callback());
  return { issuer, stop: () => new Promise((over) => { server.closeAllConnections(); server.close(() => over()); }) };
}
