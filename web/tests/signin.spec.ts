// Signing in: by a token, and by a real identity provider; and what each role then sees.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { accessible, expect, Hub, open, picture, settled, test } from './support/test';
import { type Identity, identityProvider } from './support/provider';

function freePort(): Promise<number> {
  return new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => found(port));
    });
  });
}

test('a wrong token is told so, a right one leads to where one wanted to go, and signing out forgets it', async ({ page, hub }) => {
  await page.goto(`${hub.url}/jobs`);
  const token = page.getByLabel('Token');
  await expect(token).toBeVisible();
  await accessible(page);
  await picture(page, 'signin');
  await token.fill('shugu_wrong');
  await page.getByRole('button', { name: /sign in/i }).click();
  await expect(page.getByRole('alert')).toContainText(/This token is not good here/);
  await token.fill(hub.token);
  await page.getByRole('button', { name: /sign in/i }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe('/jobs');
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible();
});

test('a tenant sees its own and is led nowhere else', async ({ page, hub }) => {
  const token = await hub.tokenOf('tenant', 'llm-lab');
  await open(page, hub, '/', token);
  const navigation = page.getByRole('navigation').first();
  await expect(navigation.getByRole('link', { name: 'Jobs' })).toBeVisible();
  await expect(navigation.getByRole('link', { name: /plan/i })).toHaveCount(0);
  await page.goto(`${hub.url}/plan`);
  await settled(page);
  await expect(page.getByRole('main')).toContainText(/operator/i);
  await accessible(page);
});

test.describe('by an identity provider', () => {
  let hub: Hub;
  let identity: Identity;
  let folder: string;

  test.beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shugu-oidc-'));
    const port = await freePort();
    identity = await identityProvider(() => `http://127.0.0.1:${String(port)}/signin/done`);
    writeFileSync(join(folder, 'secret'), 'a-sample-secret\n');
    writeFileSync(join(folder, 'oidc.toml'), [
      `issuer = "${identity.issuer}"`, 'client_id = "shugu"', `client_secret_file = "${join(folder, 'secret')}"`, 'name = "Sample ID"', 'scopes = ["groups"]',
      '[[role]]', 'claim = "groups"', 'is = "hub-operators"', 'role = "operator"',
      '[[role]]', 'claim = "groups"', 'begins = "tenant-"', 'role = "tenant"', '',
    ].join('\n'));
    hub = await Hub.start(['--no-local', '--oidc', join(folder, 'oidc.toml')], `127.0.0.1:${String(port)}`);
  });

  test.afterAll(async () => {
    await hub.stop();
    await identity.stop();
    rmSync(folder, { recursive: true });
  });

  async function signIn(page: import('@playwright/test').Page, who: string, path: string): Promise<void> {
    await page.goto(`${hub.url}${path}`);
    await page.getByRole('link', { name: /Sample ID/ }).click();
    await page.getByPlaceholder(/login/i).fill(who);
    await page.getByPlaceholder(/password/i).fill('any');
    await page.getByRole('button', { name: /sign-in/i }).click();
    await page.getByRole('button', { name: /continue/i }).click();
  }

  test('an operator comes back to the page they wanted, is live, and signs out for good', async ({ page }) => {
    await signIn(page, 'olga', '/sites?q=1');
    await expect(page.getByRole('heading', { level: 1 })).toContainText(/sites/i);
    expect(new URL(page.url()).pathname).toBe('/sites');
    await expect(page.getByText('olga').first()).toBeVisible();
    // The session is a cookie that no script can read, and a request from elsewhere bears none.
    expect(await page.evaluate(() => document.cookie)).toBe('');
    const [cookie] = (await page.context().cookies()).filter((one) => one.name === 'shugu_session');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    const elsewhere = await fetch(`${hub.url}/v1/hub`, { headers: { cookie: `shugu_session=${cookie?.value ?? ''}`, 'sec-fetch-site': 'cross-site' } });
    expect(elsewhere.status).toBe(401);
    await picture(page, 'signed-in-by-oidc');
    await page.getByText('olga').first().click();
    await page.getByRole('button', { name: /sign out/i }).click();
    await expect(page.getByRole('link', { name: /Sample ID/ })).toBeVisible();
    const after = await fetch(`${hub.url}/v1/hub`, { headers: { cookie: `shugu_session=${cookie?.value ?? ''}`, 'sec-fetch-site': 'same-origin' } });
    expect(after.status, 'the session is over at the hub, too').toBe(401);
  });

  test('a tenant is one by their group, and who has no role is told so', async ({ browser }) => {
    const tenant = await browser.newPage();
    await signIn(tenant, 'tian', '/jobs');
    await expect(tenant.getByText('llm-lab').first()).toBeVisible();
    await tenant.close();
    const nobody = await browser.newPage();
    await signIn(nobody, 'nobody', '/jobs');
    await expect(nobody.getByRole('alert')).toBeVisible();
    expect(new URL(nobody.url()).searchParams.get('problem')).toBe('no-role');
    await nobody.close();
  });
});
