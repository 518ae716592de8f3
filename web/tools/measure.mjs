// Measures the dashboard in Chromium: first paint of the hub's page, what the jobs page waits for at each filter, and memory while events come.
//   npm run measure -- ADDRESS TOKEN [MINUTES [EVENTS_A_SECOND]]
// ADDRESS is a running hub, such as one that `shugu bench dashboard --keep FOLDER` made and `shugu up --no-local --dir FOLDER` serves. With MINUTES,
// jobs are submitted and cancelled all that time, each of which is told to the open page, and its memory is read every half minute.
import { chromium } from 'playwright-core';

const [address, token, minutes = '0', rate = '100'] = process.argv.slice(2);
if (!address || !token) {
  console.error('usage: npm run measure -- ADDRESS TOKEN [MINUTES [EVENTS_A_SECOND]]');
  process.exit(2);
}
const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...root, '--js-flags=--expose-gc', '--enable-precise-memory-info'] });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
const ask = (path, options = {}) => fetch(`${address}${path}`, { ...options, headers: { authorization: `Bearer ${token}`, ...options.headers } });

async function paint() {
  const begun = Date.now();
  await page.goto(`${address}/#token=${token}`, { waitUntil: 'commit' });
  // Useful: the first large number that the hub told.
  await page.waitForFunction(() => /\d/.test(document.querySelector('main dd, main .count-value, main .counts')?.textContent ?? ''));
  const useful = Date.now() - begun;
  const first = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN);
  await page.waitForFunction(() => document.querySelectorAll('main [aria-busy="true"]').length === 0);
  return { first_contentful_paint_ms: Math.round(first), useful_ms: useful, all_parts_ms: Date.now() - begun };
}

const paints = [];
for (let round = 0; round < 5; round += 1) {
  paints.push(await paint());
  await page.goto('about:blank');
}
console.log(JSON.stringify({ first_page: paints }));

await page.goto(`${address}/jobs#token=${token}`);
await page.waitForSelector('main table tbody tr');
const filters = ['?state=failed', '?search=llm-4242', '?search=llm', '?tenant=tenant-7', '?tenant=tenant-7&state=done', '?pool=pool-3', '?state=waiting', '?search=nothing-is-called-so'];
for (const filter of filters) {
  const answered = page.waitForResponse((response) => response.url().includes('/v1/jobs?'));
  const begun = Date.now();
  await page.evaluate((to) => { history.pushState(null, '', `/jobs${to}`); dispatchEvent(new PopStateEvent('popstate')); }, filter);
  const response = await answered;
  await response.finished();
  const shown = Date.now() - begun;
  console.log(JSON.stringify({ filter, ms: shown }));
  await page.waitForTimeout(300);
}

const until = Date.now() + Number(minutes) * 60_000;
if (until > Date.now()) {
  await page.goto(`${address}/#token=${token}`);
  await page.waitForTimeout(5000);
  const session = await page.context().newCDPSession(page);
  const begun = Date.now();
  let told = 0;
  let next = Date.now();
  const used = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    const { nodes } = await session.send('Memory.getDOMCounters');
    return { minute: ((Date.now() - begun) / 60_000).toFixed(1), heap_mb: (usedSize / 1e6).toFixed(2), dom_nodes: nodes, events: told };
  };
  while (Date.now() < until) {
    // Each job is told of twice: when it is submitted and when it is cancelled.
    const many = Math.max(1, Math.round(Number(rate) / 2 / 5));
    const made = await (await ask('/v1/jobs', { method: 'POST', body: JSON.stringify(Array.from({ length: many }, () => ({ name: 'event', command: ['true'], cpus: 1, devices: 8, replicas: 1200 }))) })).json();
    await Promise.all((made.jobs ?? []).filter((job) => job.id).map((job) => ask(`/v1/jobs/${job.id}/cancel`, { method: 'POST' })));
    told += 2 * many;
    if (Date.now() >= next) {
      console.log(JSON.stringify(await used()));
      next += Number(process.env.EVERY ?? 30) * 1000;
    }
    await new Promise((wake) => setTimeout(wake, Math.max(0, 200 - ((Date.now() - begun) % 200))));
  }
  console.log(JSON.stringify(await used()));
}
await browser.close();
