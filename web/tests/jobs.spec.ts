// A tenant's way: submit, see why it waits, read what it writes, stop it, find it again; and the bill.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, open, settled, test } from './support/test';

test.beforeAll(async ({ hub }) => {
  await hub.clear();
});

test('a job is tried out, submitted by the form, followed while it writes, and cancelled', async ({ page, hub }) => {
  await open(page, hub, '/submit');
  await page.getByLabel('Command', { exact: true }).fill('sh -c "while true; do date; sleep 0.2; done"');
  await page.getByLabel('Name', { exact: true }).fill('by-form');
  await page.getByLabel('Cores', { exact: true }).fill('0.2');
  await expect(page.getByText('Would start at once')).toBeVisible();
  await expect(page.getByText('shugu submit', { exact: false }).first()).toContainText('--cpus 0.2');
  await page.getByRole('button', { name: 'Submit the job' }).click();

  await expect(page.getByRole('heading', { level: 1 })).toContainText('by-form');
  const id = /job-\d+/.exec(page.url())?.[0] ?? '';
  await expect(page.getByRole('main')).toContainText('running');
  // What it writes comes by itself.
  const log = page.getByRole('region', { name: new RegExp(`Output of ${id}`) });
  await expect(log).toContainText(/20\d\d/);
  const before = (await log.innerText()).length;
  await expect.poll(async () => (await log.innerText()).length).toBeGreaterThan(before);

  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the job' }).click();
  await expect(page.getByRole('main')).toContainText('cancelled');
  expect(await hub.state(id)).toBe('cancelled');
  // What became of it, step by step, down to its bill.
  await expect(page.getByRole('main')).toContainText('billed');
});

test('what the hub refuses stands beside its field', async ({ page, hub }) => {
  await open(page, hub, '/submit');
  await page.getByLabel('Command', { exact: true }).fill('true');
  await page.getByLabel('Cores', { exact: true }).fill('4000');
  await expect(page.getByText('Would be refused')).toBeVisible();
  await page.getByLabel('Cores', { exact: true }).fill('many');
  await expect(page.getByLabel('Cores', { exact: true })).toHaveAttribute('aria-invalid', 'true');
});

test('a job that waits says why, and what would start at once', async ({ page, hub }) => {
  const holds = await hub.submit('--name', 'holds', '--cpus', '2', '--', 'sleep', '600');
  const holdsToo = await hub.submit('--name', 'holds-too', '--cpus', '2', '--', 'sleep', '600');
  const waits = await hub.submit('--name', 'waits-long', '--cpus', '2', '--', 'true');
  await open(page, hub, `/jobs/${waits}`);
  await expect(page.getByRole('heading', { name: 'Why it waits' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('sample-park');
  await hub.say('cancel', holds, holdsToo);
  await expect(page.getByRole('main')).toContainText('done', { timeout: 30_000 });
});

test('a file with several jobs is read, tried out and submitted', async ({ page, hub }) => {
  const file = join(hub.folder, 'jobs.yaml');
  writeFileSync(file, '- name: from-file-one\n  command: ["true"]\n- name: from-file-two\n  command: ["false"]\n');
  await open(page, hub, '/submit');
  await page.getByRole('tab', { name: 'File' }).or(page.getByRole('link', { name: 'File' })).first().click();
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByRole('button', { name: 'Submit 2 jobs' }).click();
  await expect(page.getByRole('main')).toContainText(/job-\d+/);
  await hub.until(async () => {
    const found = (await hub.say('jobs', '--search', 'from-file')) as { jobs: unknown[] };
    return found.jobs.length === 2;
  });
});

test('jobs are found by a part of their name, by state, and by number; the address says what is shown', async ({ page, hub }) => {
  const found = await hub.submit('--name', 'needle-in-hay', '--', 'sh', '-c', 'exit 7');
  await hub.until(async () => (await hub.state(found)) === 'failed');
  await open(page, hub, '/jobs');
  await page.keyboard.press('/');
  await page.keyboard.type('dle-in');
  const rows = page.getByRole('table').first().getByRole('row');
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText('needle-in-hay');
  await expect(page).toHaveURL(/search=dle-in/);
  await page.reload();
  await expect(rows.nth(1)).toContainText('needle-in-hay');
  await page.goBack();
  await open(page, hub, `/jobs?search=${found}`);
  await settled(page);
  await expect(page.getByRole('table').first()).toContainText('needle-in-hay');
  await open(page, hub, '/jobs?search=dle-in&state=done');
  await expect(page.getByText('No job fits these filters.')).toBeVisible();
});
