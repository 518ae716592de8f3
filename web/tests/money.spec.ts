// Shares, budgets, statements down to the facts, disputes.
import { readFileSync } from 'node:fs';

import { expect, open, settled, test } from './support/test';

test.beforeAll(async ({ hub }) => {
  await hub.clear();
  await hub.say('tenant', 'payers', '--weight', '1');
  const id = await hub.submit('--tenant', 'payers', '--name', 'costs', '--', 'sleep', '1');
  await hub.until(async () => (await hub.state(id)) === 'done');
});

test('terms, a budget and a credit of a tenant are set, each beside what holds', async ({ page, hub }) => {
  await open(page, hub, '/tenants/payers');
  await page.getByRole('link', { name: 'Arrange terms' }).click();
  let dialog = page.getByRole('dialog');
  await dialog.getByLabel(/weight/i).fill('3');
  await dialog.getByRole('button', { name: /arrange|set|save/i }).last().click();
  await expect(dialog).toBeHidden();
  await page.getByRole('link', { name: 'Set a budget' }).first().click();
  dialog = page.getByRole('dialog');
  await dialog.getByLabel('Amount').fill('1234.5');
  await dialog.getByRole('button', { name: /budget/i }).last().click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('main')).toContainText('1,234.5');
  expect(await hub.say('budget', 'payers')).toMatchObject({ budget: { amount_yuan: 1234.5 } });
  const { tenants } = (await hub.say('tenants')) as { tenants: { name: string; weight: number }[] };
  expect(tenants.find((tenant) => tenant.name === 'payers')?.weight).toBe(3);
});

test('a statement leads to its charges, and those to the facts of a job', async ({ page, hub }) => {
  await open(page, hub, '/statements');
  await settled(page);
  await page.getByRole('link', { name: 'payers' }).first().click();
  await settled(page);
  await page.getByRole('table').first().getByRole('link').first().click();
  await settled(page);
  await expect(page.getByRole('main')).toContainText('costs');
  await expect(page.getByRole('main')).toContainText('adds up exactly');
  const [bundle] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /Download the bundle/ }).first().click()]);
  const facts = JSON.parse(readFileSync(await bundle.path(), 'utf8')) as { entries: { sha256: string }[] };
  expect(facts.entries.length).toBeGreaterThan(2);
  expect(facts.entries[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
});

test('the book proves that everything sums to zero, and a dispute is settled', async ({ page, hub }) => {
  const { jobs } = (await hub.say('jobs', '--search', 'costs')) as { jobs: { id: string }[] };
  await hub.say('dispute', 'open', jobs[0]?.id ?? '', '--reason', 'it slept only');
  await open(page, hub, '/statements');
  await page.getByRole('link', { name: 'Book' }).or(page.getByRole('tab', { name: 'Book' })).first().click();
  await expect(page.getByRole('main')).toContainText('All balances sum to exactly zero');
  await page.getByRole('link', { name: /Disputes/ }).or(page.getByRole('tab', { name: /Disputes/ })).first().click();
  await page.getByRole('link', { name: /Settle dispute/ }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('What was found').fill('it slept, and held the core');
  await dialog.getByLabel(/Price of this attempt instead/).fill('0.5');
  await dialog.getByRole('button', { name: /Set the price/ }).click();
  await expect(dialog).toBeHidden();
  const job = (await hub.say('job', jobs[0]?.id ?? '')) as { cost_yuan: number };
  expect(job.cost_yuan).toBe(0.5);
  expect(((await hub.say('check')) as { violations: unknown[] }).violations).toEqual([]);
});
