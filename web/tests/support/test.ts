// What every browser test has: a hub, a signed-in page, and a watch for what must never be: errors on the console, faults of accessibility.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';

import { Hub } from './hub';

export { expect, Hub };

const shots = join(import.meta.dirname, '../../../target/web/pictures');
mkdirSync(shots, { recursive: true });

/** Messages of the browser that are no fault of a page: an answer other than 200 that the page asked for and shows. */
const EXPECTED = /Failed to load resource: (the server responded with a status of (400|401|402|403|404|409|422|429)|net::ERR_INTERNET_DISCONNECTED)/;

export const test = base.extend<{ quiet: void }, { hub: Hub }>({
  hub: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const hub = await Hub.start();
      await hub.join('sample-park');
      // The operators' own tenant is let in with its first job.
      await hub.submit('--name', 'first', '--', 'true');
      await use(hub);
      await hub.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  quiet: [
    async ({ page }, use) => {
      const said: string[] = [];
      page.on('console', (message) => {
        // What a page of somebody else's says (an identity provider's) is theirs to mend.
        const ours = !/^https?:\/\/(?!127\.0\.0\.1)/.test(message.location().url);
        if (message.type() === 'error' && ours && !EXPECTED.test(message.text())) said.push(message.text());
      });
      page.on('pageerror', (error) => said.push(String(error)));
      await use();
      expect(said, 'the console of the browser').toEqual([]);
    },
    { auto: true },
  ],
});

/** Opens a page of the hub as the bearer of a token. */
export async function open(page: Page, hub: Hub, path: string, token = hub.token): Promise<void> {
  await page.goto(`${hub.url}${path}#token=${token}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

/** Everything that is being read has been read. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

/** No fault that keeps anybody out. */
export async function accessible(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  const grave = found.violations.filter((fault) => fault.impact === 'serious' || fault.impact === 'critical');
  expect(grave.map((fault) => `${fault.id}: ${fault.nodes.map((node) => `${node.target.join(' ')} – ${node.failureSummary ?? ''}`).join(' | ')}`)).toEqual([]);
}

/** Keeps a picture of the page, for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}
