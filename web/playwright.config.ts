import { defineConfig } from '@playwright/test';

/** Debian's Chromium: nothing is downloaded. */
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';

export default defineConfig({
  testDir: 'tests',
  outputDir: '../target/web/results',
  // One hub is shared by the tests of a worker, and a machine of two cores has no more to give.
  workers: 1,
  fullyParallel: false,
  // The largest page, looked at twice by axe on a busy machine of two cores.
  timeout: 150_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    actionTimeout: 10_000,
    launchOptions: { executablePath: chromium, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] },
    viewport: { width: 1280, height: 900 },
    trace: 'retain-on-failure',
  },
});
