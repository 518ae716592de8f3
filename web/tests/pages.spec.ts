// Every page, as an operator sees it: complete, accessible in both appearances, in both languages, on a phone, and without a word of complaint from the browser.
import { accessible, expect, type Hub, open, picture, settled, test } from './support/test';
import { SITE } from './support/hub';

/** Jobs of every kind that a page may show, by what became of them. */
const jobs = { done: '', failed: '', running: '', waiting: '' };

async function furnish(hub: Hub): Promise<void> {
  await hub.clear();
  await hub.say('tenant', 'llm-lab', '--weight', '2');
  await hub.say('tenant', 'vision', '--parent', 'llm-lab');
  jobs.done = await hub.submit('--tenant', 'llm-lab', '--name', 'train', '--', 'sh', '-c', 'for n in 1 2 3; do echo step $n; done');
  jobs.failed = await hub.submit('--tenant', 'vision', '--name', 'fails', '--', 'sh', '-c', 'echo no such data >&2; exit 3');
  jobs.running = await hub.submit('--tenant', 'llm-lab', '--name', 'long', '--cpus', '0.5', '--', 'sh', '-c', 'while true; do date; sleep 1; done');
  // So wide that nothing holds it while something runs, and one that waits for another's good end.
  for (const name of ['holds', 'holds-too']) await hub.submit('--tenant', 'vision', '--name', name, '--cpus', '1.5', '--', 'sleep', '600');
  jobs.waiting = await hub.submit('--tenant', 'vision', '--name', 'waits', '--cpus', '2', '--', 'sleep', '600');
  await hub.submit('--tenant', 'vision', '--name', 'later', '--after-ok', jobs.running, '--', 'true');
  await hub.say('budget', 'llm-lab', '--amount', '5000');
  await hub.say('credit', 'llm-lab', '--amount', '50', '--reason', 'a sample programme');
  await hub.until(async () => (await hub.state(jobs.failed)) === 'failed' && (await hub.state(jobs.running)) === 'running');
  await hub.until(async () => (await hub.state(jobs.done)) === 'done');
  await hub.say('dispute', 'open', jobs.done, '--reason', 'a browser test');
}

test.beforeAll(async ({ hub }) => {
  await furnish(hub);
});

const PAGES: [name: string, path: string | (() => string)][] = [
  ['hub', '/'], ['wall', '/wall'], ['sites', '/sites'], ['site', `/sites/${SITE}`], ['pool', '/pools/sample-park'], ['jobs', '/jobs'],
  ['jobs-filtered', '/jobs?state=failed&search=fail'], ['job-running', () => `/jobs/${jobs.running}`], ['job-failed', () => `/jobs/${jobs.failed}`], ['job-waiting', () => `/jobs/${jobs.waiting}`],
  ['submit', '/submit'], ['tenants', '/tenants'], ['tenant', '/tenants/llm-lab'], ['statements', '/statements'], ['plans', '/plan'], ['replays', '/replay'],
  ['report', '/report?at=2025-12-31'],
];

const address = (path: string | (() => string)): string => (typeof path === 'string' ? path : path());

for (const [name, path] of PAGES) {
  test(`${name} is complete and accessible`, async ({ page, hub }) => {
    await page.emulateMedia({ colorScheme: 'light' });
    await open(page, hub, address(path));
    await settled(page);
    // A fresh read is a page by itself, with its own title.
    expect(await page.title()).toMatch(/\S/);
    await accessible(page);
    await picture(page, `${name}.light`);
    await page.emulateMedia({ colorScheme: 'dark' });
    await accessible(page);
    await picture(page, `${name}.dark`);
  });
}

for (const [name, path] of PAGES) {
  test(`${name} is Chinese where Chinese is read, and fits a phone`, async ({ browser, hub }) => {
    const page = await browser.newPage({ locale: 'zh-CN', viewport: { width: 390, height: 844 }, colorScheme: 'light' });
    await open(page, hub, address(path));
    await settled(page);
    expect(await page.evaluate(() => document.documentElement.lang)).toMatch(/^zh/);
    expect(await page.getByRole('main').innerText()).toMatch(/[\u4e00-\u9fff]{2}/);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, 'nothing is wider than the window').toBeLessThanOrEqual(0);
    await picture(page, `${name}.zh.narrow`);
    await page.close();
  });
}

test('what is not there is told, with a way on', async ({ page, hub }) => {
  for (const path of ['/nothing-here', '/jobs/job-999999', '/sites/nowhere', '/pools/nowhere', '/tenants/nobody', '/plan/999', '/replay/999']) {
    await open(page, hub, path);
    await settled(page);
    await expect(page.getByRole('main').getByRole('link').first()).toBeVisible();
  }
});

test('the skip link and the keyboard lead into the page', async ({ page, hub }) => {
  await open(page, hub, '/jobs');
  await settled(page);
  await page.locator('body').press('Home');
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: /skip/i })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});

test('a hub that goes away and comes back is told, and what was read stays', async ({ page, hub }) => {
  await open(page, hub, '/');
  await settled(page);
  await expect(page.getByText('live', { exact: true })).toBeVisible();
  await page.context().setOffline(true);
  await expect(page.getByText('The hub cannot be reached.').first()).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.context().setOffline(false);
  await expect(page.getByText('live', { exact: true })).toBeVisible({ timeout: 30_000 });
});
