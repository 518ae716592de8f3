// What operators and providers do at sites and pools, each step confirmed, in numbers.
import { expect, open, settled, test } from './support/test';
import { PROVIDER, SITE } from './support/hub';

interface Closings { closings: { pool: string | null; kind: string; reason: string }[] }

test.beforeAll(async ({ hub }) => {
  await hub.clear();
});

test('a provider caps its pool and vetoes a tenant', async ({ page, hub }) => {
  await hub.say('tenant', 'unwanted', '--weight', '1');
  const token = await hub.tokenOf('provider', PROVIDER);
  await open(page, hub, '/pools/sample-park', token);
  await page.getByRole('button', { name: 'Change the limits…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'At most' }).fill('1');
  await dialog.getByRole('textbox', { name: 'Vetoed tenants' }).fill('no-such-tenant');
  await dialog.getByRole('button', { name: 'Set the limits' }).click();
  await expect(dialog).toContainText('there is no tenant no-such-tenant');
  await dialog.getByRole('textbox', { name: 'Vetoed tenants' }).fill('unwanted');
  await dialog.getByRole('button', { name: 'Set the limits' }).click();
  await expect(dialog).toBeHidden();
  expect(await hub.say('limit', 'sample-park')).toMatchObject({ most: 1, veto: ['unwanted'] });
  await expect(page.getByRole('main')).toContainText('unwanted');
  await hub.say('limit', 'sample-park', '--no-most', '--no-veto');
});

test('a pool is drained with its reason and opened again, and the page says in numbers what that does', async ({ page, hub }) => {
  const id = await hub.submit('--name', 'at-the-park', '--cpus', '0.3', '--', 'sleep', '600');
  await hub.until(async () => (await hub.state(id)) === 'running');
  const { pool } = (await hub.say('job', id)) as { pool: string };
  await open(page, hub, `/pools/${pool}`);
  await page.getByRole('button', { name: 'Drain…' }).first().click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(/job holds|jobs hold/);
  await dialog.getByLabel('What still runs is stopped').selectOption({ label: 'at once' });
  await dialog.getByLabel('Reason').fill('a new fan');
  await dialog.getByRole('button', { name: 'Drain it' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('main')).toContainText('a new fan');
  await hub.until(async () => ['cancelled', 'waiting'].includes(await hub.state(id)));
  expect(((await hub.say('closings')) as Closings).closings).toMatchObject([{ pool, kind: 'drain', reason: 'a new fan' }]);
  await page.getByRole('button', { name: 'Open…' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Open it' }).click();
  await hub.until(async () => ((await hub.say('closings')) as Closings).closings.length === 0);
});

test('an operator cordons a whole site', async ({ page, hub }) => {
  await open(page, hub, `/sites/${SITE}`);
  await page.getByRole('button', { name: 'Cordon…' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cordon it' }).click();
  await expect(page.getByRole('main')).toContainText('This site is closed');
  await page.getByRole('button', { name: 'Open…' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Open it' }).click();
  await expect(page.getByText('This site is closed', { exact: true })).toHaveCount(0);
});

test('a tenant sees a pool and can do nothing to it', async ({ page, hub }) => {
  const token = await hub.tokenOf('tenant', 'llm-lab');
  await open(page, hub, '/pools/sample-park', token);
  await settled(page);
  await expect(page.getByRole('button', { name: /Drain…|Cordon…|Change the limits…/ })).toHaveCount(0);
});
