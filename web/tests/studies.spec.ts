// A planner's way: this hub's history under another policy, and the cheapest way to a target.
import { expect, open, picture, settled, test } from './support/test';

test.beforeAll(async ({ hub }) => {
  await hub.clear();
});

test('two policies are compared over what this hub ran', async ({ page, hub }) => {
  for (let at = 0; at < 12; at += 1) await hub.submit('--tenant', at % 2 ? 'llm-lab' : 'default', '--name', `past-${String(at)}`, '--', 'true');
  await hub.until(async () => ((await hub.say('jobs', '--search', 'past-', '--state', 'done')) as { jobs: unknown[] }).jobs.length === 12);
  await open(page, hub, '/replay?new=1');
  await settled(page);
  await page.getByRole('button', { name: 'Replay', exact: true }).click();
  await expect(page).toHaveURL(/\/replay\/\d+/);
  await expect(page.getByRole('table').first()).toContainText('fifo', { timeout: 60_000 });
  await picture(page, 'replay');
});

test('a small plan is made, with what to build and how likely the target is met', async ({ page, hub }) => {
  test.setTimeout(180_000);
  await open(page, hub, '/plan?new=1');
  await settled(page);
  await page.getByLabel('Begin with').selectOption({ label: 'a short example' });
  await page.getByLabel('Search for').fill('5');
  await page.getByRole('button', { name: 'Plan', exact: true }).click();
  await expect(page).toHaveURL(/\/plan\/\d+/);
  await expect(page.getByRole('main')).toContainText(/yuan/, { timeout: 90_000 });
  await expect(page.getByRole('main')).toContainText('east-1', { timeout: 90_000 });
  await settled(page);
  await picture(page, 'plan');
});

test('a scenario that cannot be read is told with its line, and nothing is planned', async ({ page, hub }) => {
  await open(page, hub, '/plan?new=1');
  await settled(page);
  await page.getByRole('textbox', { name: 'Scenario' }).fill('name = "x"\nperiods = many\n');
  await page.getByRole('button', { name: 'Plan', exact: true }).click();
  await expect(page.getByRole('main')).toContainText(/line 2/i, { timeout: 30_000 });
});
