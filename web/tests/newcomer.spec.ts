// The first ten minutes in a browser: from the address that the hub prints to the bill, in fewer than ten clicks.
import { expect, test } from './support/test';

test.beforeAll(async ({ hub }) => {
  await hub.clear();
});

test('a newcomer submits, sees why and what it writes, and finds the bill in fewer than ten clicks', async ({ page, hub }) => {
  let clicks = 0;
  const click = async (name: string | RegExp, role: 'link' | 'button'): Promise<void> => {
    clicks += 1;
    await page.getByRole(role, { name }).first().click();
  };
  await page.goto(`${hub.url}/#token=${hub.token}`);
  await click('Submit', 'link');
  await page.getByLabel('Command', { exact: true }).fill('sh -c "echo hello from the browser; sleep 1"');
  // Whether it would wait, and why, is said before.
  await expect(page.getByText('Would start at once')).toBeVisible();
  await click('Submit the job', 'button');
  await expect(page.getByRole('region', { name: /Output of job-/ })).toContainText('hello from the browser');
  await expect(page.getByRole('main')).toContainText('billed', { timeout: 20_000 });
  await click('Statements', 'link');
  await click('default', 'link');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('default');
  await expect(page.getByRole('main')).toContainText('Total');
  expect(clicks).toBeLessThan(10);
});
