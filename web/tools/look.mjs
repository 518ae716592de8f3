// Pictures of pages, to be looked at: `npm run look -- ADDRESS TOKEN FOLDER [/path …]` opens each page in Chromium (CHROMIUM says
// where it is), light and dark, wide and narrow, in English and Chinese, and tells what the console said. It ends with 1 if it said
// anything, or if a page is wider than the window.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [address, token, folder, ...paths] = process.argv.slice(2);
if (!address || !token || !folder) {
  console.error('usage: npm run look -- ADDRESS TOKEN FOLDER [/path …]');
  process.exit(2);
}
const looks = [
  { name: 'light', width: 1280, theme: 'light', language: 'en' },
  { name: 'dark', width: 1280, theme: 'dark', language: 'en' },
  { name: 'zh', width: 1280, theme: 'light', language: 'zh' },
  { name: 'narrow', width: 390, theme: 'light', language: 'en' },
  { name: 'narrow-zh-dark', width: 390, theme: 'dark', language: 'zh' },
].filter((look) => !process.env.LOOKS || process.env.LOOKS.split(',').includes(look.name));

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
let complaints = 0;
for (const look of looks) {
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.width < 500 ? 844 : 860 },
    colorScheme: look.theme,
    locale: look.language === 'zh' ? 'zh-CN' : 'en-GB',
    deviceScaleFactor: look.width < 500 ? 2 : 1,
  });
  await context.addInitScript(([kept]) => sessionStorage.setItem('shugu.token', kept), [token]);
  const page = await context.newPage();
  const complain = (text) => {
    complaints += 1;
    console.error(`${look.name} ${page.url()}: ${text}`);
  };
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complain(message.text()));
  page.on('pageerror', (error) => complain(error.stack ?? error.message));
  for (const path of paths.length > 0 ? paths : ['/']) {
    await page.goto(new URL(path, address).href, { waitUntil: 'load' });
    await page.waitForTimeout(Number(process.env.WAIT ?? 1200));
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) complain(`${over} px wider than the window`);
    const file = join(folder, `${path.replaceAll(/[^\w]+/g, '-').replaceAll(/^-|-$/g, '') || 'hub'}.${look.name}.png`);
    await page.screenshot({ path: file, fullPage: true });
    console.log(file);
  }
  await context.close();
}
await browser.close();
process.exit(complaints > 0 ? 1 : 0);
