// The dashboard of a hub: one page that reads the hub's API and keeps itself up to date.
//
// Three parts talk to each other: `ask` speaks HTTP, `feeds` hold what was last read and when to read it again,
// and `show…` functions draw a feed. Everything drawn goes through `textContent`; nothing the hub sends is markup.
// "Unknown" is a value: a null is drawn as a word or a hatched bar, never as zero.

const ROWS_MAX = 200;
const PAGE = matchMedia('(max-width: 60rem)').matches ? 20 : 50;
const LOG_TAIL = 16384;
const HEARTBEAT_MS = 15_000;
const SILENCE_MS = 60_000;
const RETRY_MS = [500, 1500, 3000, 6000, 12_000];

// ---------------------------------------------------------------- drawing

const at = (id) => document.getElementById(id);

/** An element; `properties` are attributes, except `text` and `on`. Falsy children are left out. */
function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'text') element.textContent = value;
    else if (name === 'on') for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const zh = (text) => el('span', { lang: 'zh-Hans', text });
const both = ([english, chinese]) => (chinese ? [`${english} `, zh(chinese)] : [english]);
const unknown = (word = 'unknown') => el('span', { class: 'unknown', text: word });

/** Writes only what changed, so that a selection or a screen reader is not disturbed. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function svg(tag, properties, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'text') element.textContent = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat());
  return element;
}

const drawing = (width, path, className) =>
  svg('svg', { viewBox: `0 0 ${width} ${width}`, class: className, 'aria-hidden': 'true' }, svg('path', { d: path }));

/** A thin bar; a share of null is hatched. */
function bar(share) {
  const fill = el('span', { class: 'fill' });
  if (share !== null) fill.style.inlineSize = `${Math.min(1, Math.max(0, share)) * 100}%`;
  return el('span', { class: share === null ? 'track hatch' : 'track', 'aria-hidden': 'true' }, share !== null && share > 0 && fill);
}

function cell(label, className, ...children) {
  return el('td', { role: 'cell', class: className, 'data-label': label }, ...children);
}

// ---------------------------------------------------------------- numbers, dates, words

const known = (value) => value !== null && value !== undefined && value !== '' && Number.isFinite(Number(value));
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const three = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const pair = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 6 });
const tenth = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const cents = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Three significant digits; whole above a thousand; a power of ten where zeros would hide the number. */
function figure(value) {
  const number = Number(value);
  const size = Math.abs(number);
  if (size === 0) return '0';
  if (size >= 1000) return whole.format(number);
  if (size < 1e-6) return power(number);
  return (size < 1e-3 ? pair : three).format(number);
}

const SUPERSCRIPT = '⁰¹²³⁴⁵⁶⁷⁸⁹';
function power(number) {
  const [digits, exponent] = number.toExponential(1).split('e');
  const raised = [...String(Math.abs(Number(exponent)))].map((digit) => SUPERSCRIPT[Number(digit)]).join('');
  return `${digits} × 10${Number(exponent) < 0 ? '⁻' : ''}${raised}`;
}

const minus = (text) => text.replace(/^-/, '−');

/** Yuan to the fen, and further where a fen would round a small sum to nothing. */
function yuan(value) {
  const number = Number(value);
  const size = Math.abs(number);
  if (size > 0 && size < 0.1) return minus(size < 1e-6 ? power(number) : pair.format(number));
  return minus(cents.format(number === 0 ? 0 : number));
}

function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let number = Number(value);
  let unit = 0;
  while (number >= 1024 && unit < units.length - 1) {
    number /= 1024;
    unit += 1;
  }
  return `${tenth.format(number)} ${units[unit]}`;
}

const two = (number) => String(number).padStart(2, '0');

function span(seconds) {
  const number = Math.max(0, Number(seconds));
  if (number < 10 && number % 1 !== 0) return `${tenth.format(number)} s`;
  const s = Math.floor(number);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} m ${two(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${two(Math.floor(s / 60) % 60)} m`;
  return `${Math.floor(s / 86400)} d ${two(Math.floor(s / 3600) % 24)} h`;
}

function zone(date) {
  const minutes = -date.getTimezoneOffset();
  const hours = Math.trunc(minutes / 60);
  const rest = Math.abs(minutes % 60);
  return `UTC${minutes < 0 ? '−' : '+'}${Math.abs(hours)}${rest ? `:${two(rest)}` : ''}`;
}

const day = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
const clock = (date) => `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;

/** A `<time>` in the reader's zone that keeps the hub's own spelling. */
function moment(text, full = true) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return el('span', { text: text ?? '–' });
  return el('time', { datetime: text, title: text, text: full ? `${day(date)} ${clock(date)}` : clock(date) });
}

const CLASSES = { general: ['General', '通用'], intelligent: ['Intelligent', '智能'], super: ['Super', '超算'] };

const RUNGS = [
  ['announced_eflops', 'Announced 公布'],
  ['built_eflops', 'Built 建成'],
  ['connected_eflops', 'Connected 接入'],
  ['schedulable_eflops', 'Schedulable 可调度'],
  ['allocated_eflops', 'Allocated 已分配'],
  ['delivered_eflops', 'Delivered 已交付'],
];

const SITE_STATUSES = {
  operating: ['operating', '运行'],
  retiring: ['retiring', '退役中'],
  commissioning: ['commissioning', '调试'],
  building: ['under construction', '在建'],
  announced: ['announced', '已公布'],
  retired: ['retired', '已退役'],
  unknown: ['status unknown', '未知'],
};

// A shape beside every word, so that no state is told by colour alone.
const STATES = {
  waiting: ['waiting', '等待', 'M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9M6 3.5V6l1.8 1.2'],
  placed: ['placed', '已定', 'M6 1.5L10.5 6L6 10.5L1.5 6Z'],
  running: ['running', '运行', 'M3 1.8L10 6L3 10.2Z'],
  stopping: ['stopping', '停止中', 'M2 2h8v8h-8ZM2 10L10 2'],
  done: ['done', '完成', 'M1.8 6.4L4.8 9.4L10.2 3'],
  failed: ['failed', '失败', 'M2.2 2.2L9.8 9.8M9.8 2.2L2.2 9.8'],
  cancelled: ['cancelled', '已取消', 'M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9M2.9 9.1L9.1 2.9'],
  lost: ['lost', '失联', 'M3.6 4.2a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2.8-1.2 1.7M6 10v.4'],
};
const ENDED = new Set(['done', 'failed', 'cancelled', 'lost']);

function stateMark(state, withChinese = true) {
  const [word, chinese, path] = STATES[state] ?? [String(state), '', 'M2 6h8'];
  return el('span', { class: 'state', 'data-state': state }, drawing(12, path, 'shape'), el('span', { text: word }), withChinese && chinese && zh(chinese));
}

const METRICS = {
  compute_total: ['Computing power', '算力总规模'],
  compute_intelligent: ['Intelligent computing power', '智算规模'],
  intelligent_share: ['Intelligent share', '智算占比'],
  share_of_china_claimed: ['Share of China, claimed', '全国占比'],
  supercomputing_peak: ['Supercomputing peak', '超算峰值'],
  server_8chip_peak: ['Peak of an 8-chip server', '八卡服务器峰值'],
  ai_chips: ['AI chips', '智算芯片'],
  domestic_chip_share: ['Domestic chip share', '国产芯片占比'],
  data_centres: ['Data centres', '数据中心'],
  data_centres_added_year: ['Data centres added in the year', '年新增数据中心'],
  providers_on_hub: ['Providers on the hub', '入驻服务商'],
  racks: ['Racks', '机架'],
  rack_utilisation: ['Rack utilisation', '上架率'],
  servers: ['Servers', '服务器'],
  servers_capacity: ['Server capacity', '服务器容量'],
  servers_powered: ['Servers powered', '在用服务器'],
  storage: ['Storage', '存储规模'],
  pue: ['PUE', '电能利用效率'],
  green_power_share_new_dc: ['Green power, new data centres', '绿电占比'],
  latency: ['Latency', '时延'],
  latency_one_way: ['Latency, one way', '单向时延'],
  direct_cities: ['Directly linked cities', '直连城市'],
  outbound_bandwidth: ['Outbound bandwidth', '出省带宽'],
  computing_transactions: ['Computing traded', '算力交易额'],
  industry_revenue: ['Industry revenue', '产业收入'],
  cumulative_investment: ['Investment to date', '累计投资'],
  fixed_asset_investment_year: ['Investment in the year', '年度投资'],
  planned_investment: ['Planned investment', '计划投资'],
  project_investment: ['Project investment', '项目投资'],
  grid_investment_since_2015: ['Grid investment since 2015', '电网投资'],
  electricity_year: ['Electricity in the year', '年用电量'],
  electricity_year_to_date: ['Electricity, year to date', '累计用电量'],
  dc_electricity_growth_q1: ['Data-centre electricity growth, Q1', '一季度用电增速'],
  dc_electricity_growth_jan_may: ['Data-centre electricity growth, Jan–May', '用电增速'],
  max_load: ['Maximum load', '最大负荷'],
  power_price_low: ['Lowest power price', '最低电价'],
  proxy_purchase_price: ['Grid proxy purchase price', '代理购电价'],
  policy_hub_approved: ['Hub approved', '枢纽获批'],
  policy_hub_plan: ['Hub plan in force', '枢纽方案'],
  tou_peak_multiplier: ['Peak price multiplier', '峰段系数'],
  tou_valley_multiplier: ['Valley price multiplier', '谷段系数'],
  tou_abolished_for_two_part_market_users: ['Time-of-use prices ended, two-part users', '分时电价取消'],
  substation_due: ['Substation due', '变电站投运'],
};
// The figures a hub is judged by come first.
const METRIC_ORDER = ['compute_total', 'compute_intelligent', 'intelligent_share', 'supercomputing_peak', 'ai_chips', 'data_centres', 'providers_on_hub', 'racks', 'rack_utilisation', 'servers', 'pue', 'storage'];

function metricName(metric) {
  const plain = metric.replaceAll('_', ' ');
  return METRICS[metric] ?? [plain.charAt(0).toUpperCase() + plain.slice(1), ''];
}

const SIGNS = { '>=': '≥ ', '<=': '≤ ', '>': '> ', '<': '< ', '~': '≈ ' };

const percent = (fraction) => exact.format(Number((fraction * 100).toFixed(6)));

/** The hub's sentences about figures, in the spelling of the table. */
function spelled(text) {
  return text
    .replace(/(-?\d+(?:\.\d+)?) fraction\b/g, (_, fraction) => `${percent(Number(fraction))} %`)
    .replace(/(\d) count\b/g, '$1')
    .replace(/(>=|<=|>|<|~)(?=\d)/g, (sign) => SIGNS[sign]);
}

/** As the source states it: the bound, the number, the unit. */
function stated({ stated: text, value, unit }) {
  if ((text === null || text === undefined) && !known(value)) return unknown();
  const sign = /^(>=|<=|>|<|~)/.exec(String(text ?? ''))?.[0] ?? '';
  const number = known(value) ? Number(value) : Number(String(text).slice(sign.length));
  if (!Number.isFinite(number)) return el('span', { text: `${text} ${unit}` });
  const bound = SIGNS[sign] ?? '';
  if (unit === 'flag') return el('span', { text: number ? 'yes' : 'no' });
  if (/^fraction\b/.test(unit)) return el('span', { class: 'stated' }, `${bound}${percent(number)}`, el('small', { text: unit.replace('fraction', ' %') }));
  const shown = unit === 'count' || unit === 'ratio' ? '' : unit;
  return el('span', { class: 'stated' }, `${bound}${exact.format(number)}`, shown && el('small', { text: ` ${shown}` }));
}

// ---------------------------------------------------------------- speaking with the hub

const TOKEN = 'shugu.token';

/** The hub could not be reached, or something in between answered for it. */
class Unreachable extends Error {}

/** The hub answered no. */
class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Takes a token over from the address and strips it, so that it is neither shared nor kept in the history. */
function takeTokenFromAddress() {
  const found = /^#token=(.+)$/.exec(location.hash);
  if (!found) return false;
  let token = found[1];
  try {
    token = decodeURIComponent(token);
  } catch {
    // Not percent-encoded: it stands as it is.
  }
  keepToken(token);
  history.replaceState(null, '', location.pathname + location.search);
  return true;
}

let memoryToken = '';
function keepToken(token) {
  memoryToken = token;
  try {
    if (token) sessionStorage.setItem(TOKEN, token);
    else sessionStorage.removeItem(TOKEN);
  } catch {
    // A browser without storage keeps it until the page is left.
  }
}

function token() {
  try {
    return sessionStorage.getItem(TOKEN) ?? memoryToken;
  } catch {
    return memoryToken;
  }
}

const authorization = () => (token() ? { Authorization: `Bearer ${token()}` } : {});

function refusalText(status, body) {
  try {
    const said = JSON.parse(body);
    const message = said.error?.message ?? said.error ?? said.message ?? said.detail;
    if (typeof message === 'string' && message) return message;
  } catch {
    // Not JSON; short plain text is shown as it is.
  }
  return body && body.length < 200 && !body.startsWith('<') ? body : `the hub answered ${status}`;
}

async function ask(path, { method = 'GET', accept = 'application/json' } = {}) {
  let response;
  let text;
  try {
    response = await fetch(path, {
      method,
      headers: { Accept: accept, ...authorization() },
      cache: 'no-store',
      signal: AbortSignal.timeout(12_000),
    });
    text = await response.text();
  } catch (cause) {
    throw new Unreachable('no answer', { cause });
  }
  if ([502, 503, 504].includes(response.status)) throw new Unreachable(`answered ${response.status}`);
  if (!response.ok) throw new Refused(response.status, refusalText(response.status, text));
  return text;
}

// ---------------------------------------------------------------- the link

// connecting → live ⇄ again → offline; polling where the hub streams nothing; locked where it wants a token.
const LINK_WORDS = {
  connecting: 'connecting',
  live: 'live',
  again: 'reconnecting',
  polling: 'every 5 s',
  offline: 'out of reach',
  locked: 'token needed',
};
const link = { state: 'connecting', wake: null, stream: null, heard: 0, renew: false, seen: null };

function setLink(state) {
  if (link.state === state) return;
  link.state = state;
  at('link').dataset.state = state;
  write(at('link-word'), LINK_WORDS[state]);
  document.body.classList.toggle('stale', state === 'offline');
  document.body.classList.toggle('locked', state === 'locked');
  showBanner(state);
}

function showBanner(state) {
  const banner = at('banner');
  banner.dataset.state = state;
  if (state === 'offline') {
    const since = link.seen ? [' What is shown was true at ', el('time', { text: clock(link.seen) }), '.'] : [' Nothing was read yet.'];
    banner.replaceChildren(
      el('span', {}, el('strong', {}, 'The hub cannot be reached ', zh('无法连接枢纽')), '.', since, ' Trying again by itself.'),
      el('button', { type: 'button', text: 'Try now', on: { click: wake } }),
    );
    banner.hidden = false;
  } else if (state === 'locked') {
    const wrong = token() !== '';
    banner.replaceChildren(
      el('span', {}, el('strong', {}, wrong ? 'This token is not valid here ' : 'This hub asks for a token ', zh(wrong ? '令牌无效' : '需要令牌')), '.',
        ' The hub prints an address with a token when it starts; a provider or tenant gets one from the operator.'),
      el('button', { type: 'button', text: 'Enter a token', on: { click: openTokenBox } }),
    );
    banner.hidden = false;
    if (document.activeElement === document.body) openTokenBox();
  } else {
    banner.hidden = true;
    banner.replaceChildren();
  }
}

function openTokenBox() {
  at('token-box').open = true;
  at('token').focus();
}

function pause(milliseconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    link.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function wake() {
  link.wake?.();
  link.stream?.abort();
}

/** A browser keeps six connections to a hub for all its tabs: a tab that nobody looks at holds none. */
async function seen() {
  while (document.hidden) await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
}

/** Follows the hub's events for as long as the page is open. One failed try is silent, the second is told. */
async function follow() {
  let failures = 0;
  for (;;) {
    await seen();
    let heard = false;
    try {
      await stream(() => {
        heard = true;
        failures = 0;
      });
    } catch (error) {
      if (error instanceof Refused && error.status === 401) {
        setLink('locked');
        await pause(3_600_000);
        failures = 0;
        continue;
      }
      if (error instanceof Refused) {
        await poll();
        continue;
      }
    }
    if (link.renew) {
      link.renew = false;
      continue;
    }
    if (heard) {
      setLink('again');
    } else {
      failures += 1;
      setLink(failures > 1 ? 'offline' : link.state === 'connecting' ? 'connecting' : 'again');
    }
    const step = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
    await pause(step * (0.8 + 0.4 * Math.random()));
  }
}

/** Without a stream of events the page asks again every five seconds, until the stream may be there again. */
async function poll() {
  for (let turn = 0; turn < 12; turn += 1) {
    await seen();
    try {
      await ask('/v1/hub');
      setLink('polling');
      touch(...Object.keys(feeds));
    } catch (error) {
      if (error instanceof Refused && error.status === 401) {
        setLink('locked');
        return;
      }
      setLink('offline');
    }
    await pause(5000);
  }
}

/** A stream silent for a minute may be dead without a sign: it is opened anew, and nobody needs to know. */
function renewSilentStream() {
  if (link.state !== 'live' || performance.now() - link.heard < SILENCE_MS) return;
  link.renew = true;
  link.stream?.abort();
}

/** EventSource cannot send a header, so the stream is read by hand. */
async function stream(opened) {
  const controller = new AbortController();
  link.stream = controller;
  const late = setTimeout(() => controller.abort(), 12_000);
  try {
    const response = await fetch('/v1/events', {
      headers: { Accept: 'text/event-stream', ...authorization() },
      cache: 'no-store',
      signal: controller.signal,
    });
    if ([502, 503, 504].includes(response.status)) throw new Unreachable(`answered ${response.status}`);
    if (!response.ok || !response.body) throw new Refused(response.status, 'no stream');
    clearTimeout(late);
    link.heard = performance.now();
    opened();
    setLink('live');
    touch(...Object.keys(feeds));
    await readEvents(response.body.getReader());
  } finally {
    clearTimeout(late);
    if (link.stream === controller) link.stream = null;
  }
}

async function readEvents(reader) {
  const decoder = new TextDecoder();
  let rest = '';
  let event = { type: 'message', data: [] };
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    link.heard = performance.now();
    const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === '') {
        if (event.data.length || event.type !== 'message') heardEvent(event.type, event.data.join('\n'));
        event = { type: 'message', data: [] };
      } else if (line.startsWith('event:')) {
        event.type = line.slice(6).trim();
      } else if (line.startsWith('data:')) {
        event.data.push(line.slice(5).replace(/^ /, ''));
      }
    }
  }
}

function heardEvent(type, data) {
  if (type === 'job') {
    touch('hub', 'jobs', 'pools', 'census');
    let job = null;
    try {
      job = JSON.parse(data);
    } catch {
      // An event that cannot be read still says that something changed.
    }
    if (!job || job.id === selected) touch('job', 'why', 'log');
    if (!job || ENDED.has(job.state)) touch('books');
  } else if (type === 'pool') {
    touch('hub', 'pools', 'census', 'why');
  } else if (type === 'census') {
    touch('census', 'hub');
  } else {
    touch(...Object.keys(feeds));
  }
}

// ---------------------------------------------------------------- feeds

let selected = null;
let stateFilter = '';
let tenantFilter = '';
let cursors = [null];
let period = null;
let logStream = 'stdout';

/** What is read, how often at most, and how it is drawn. A path of null reads nothing. */
const feeds = {
  hub: { every: 1000, path: () => '/v1/hub', show: showHub },
  census: { every: 3000, path: () => '/v1/census', show: showCensus, problem: 'census-problem' },
  pools: { every: 1000, path: () => '/v1/pools', show: showPools, problem: 'pools-problem' },
  jobs: { every: 1000, path: jobsPath, show: showJobs, problem: 'jobs-problem' },
  books: { every: 5000, path: () => period && `/v1/books?period=${period}`, show: showBooks, problem: 'money-problem' },
  job: { every: 1000, path: () => selected && `/v1/jobs/${selected}`, show: showJob, problem: 'panel-problem' },
  why: { every: 1000, path: () => selected && shownJob?.id === selected && shownJob.state === 'waiting' && `/v1/jobs/${selected}/why`, show: showWhy },
  log: {
    every: 1000,
    path: () => selected && shownJob?.id === selected && shownJob.started_at && `/v1/jobs/${selected}/logs?stream=${logStream}&tail=${LOG_TAIL}`,
    show: showLog,
    plain: true,
    refused: refusedLog,
  },
};
for (const feed of Object.values(feeds)) Object.assign(feed, { dirty: false, busy: false, forbidden: false, last: -Infinity, at: 0, text: null, shown: null, data: null });

function jobsPath() {
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (stateFilter) query.set('state', stateFilter);
  if (tenantFilter) query.set('tenant', tenantFilter);
  const cursor = cursors[cursors.length - 1];
  if (cursor !== null) query.set('after', cursor);
  return `/v1/jobs?${query}`;
}

/** Marks feeds as out of date; each is read at most once in its span, and not again once it is forbidden. */
function touch(...names) {
  for (const name of names) feeds[name].dirty = !feeds[name].forbidden;
  pump();
}

/** Reads now: for what the reader of the page asked for. */
function touchNow(...names) {
  for (const name of names) Object.assign(feeds[name], { last: -Infinity, forbidden: false });
  touch(...names);
}

// Counts the tokens used, so that an answer to the one before is not shown to the next.
let reader = 0;

let pumpTimer = 0;
function pump() {
  clearTimeout(pumpTimer);
  if (document.hidden || link.state === 'offline' || link.state === 'locked') return;
  let soonest = Infinity;
  for (const feed of Object.values(feeds)) {
    if (!feed.dirty || feed.busy) continue;
    const path = feed.path();
    if (!path) {
      feed.dirty = false;
      continue;
    }
    const due = feed.last + feed.every - performance.now();
    if (due <= 0) load(feed, path);
    else soonest = Math.min(soonest, due);
  }
  if (soonest < Infinity) pumpTimer = setTimeout(pump, soonest);
}

async function load(feed, path) {
  feed.busy = true;
  feed.dirty = false;
  feed.last = performance.now();
  const asker = reader;
  try {
    const text = await ask(path, feed.plain ? { accept: 'text/plain' } : {});
    link.seen = new Date();
    if (asker !== reader || path !== feed.path()) return; // The question changed while it was asked; `dirty` is set.
    problem(feed, '');
    document.body.classList.remove('unread');
    if (text !== feed.text || path !== feed.shown) {
      feed.text = text;
      feed.shown = path;
      feed.data = feed.plain ? text : JSON.parse(text);
      feed.at = performance.now();
      feed.show(feed.data);
    }
  } catch (error) {
    if (error instanceof Unreachable) {
      feed.dirty = true;
      link.stream?.abort(); // The link decides whether the hub is gone.
    } else if (!(error instanceof Refused)) {
      throw error;
    } else if (asker === reader && path === feed.path()) {
      feed.text = null;
      feed.forbidden = error.status === 403;
      if (error.status === 401) wake();
      else if (feed.refused) feed.refused(error);
      else problem(feed, `Not shown: ${error.message}`, error);
    }
  } finally {
    feed.busy = false;
    pump();
  }
}

function problem(feed, text, error) {
  if (!feed.problem) return;
  if (feed === feeds.books) refusedBooks(error);
  const place = at(feed.problem);
  write(place, feed === feeds.books && error?.status === 403 ? 'Only the operator sees the whole book. 仅运营方可见全部账目。' : text);
  place.hidden = !text;
}

// ---------------------------------------------------------------- the hub

function showHub(hub) {
  write(at('hub-zh'), hub.name_zh ?? '');
  write(at('hub-name'), hub.name ?? 'Hub');
  document.title = `数谷 Shugu – ${hub.name_zh ?? hub.name ?? ''}`;
  const now = new Date(hub.now);
  const asof = at('asof');
  if (!Number.isNaN(now.getTime())) {
    asof.dateTime = hub.now;
    asof.title = `${hub.now}, shown in ${zone(now)}`;
    asof.replaceChildren(el('span', { class: 'asof-day', text: `${day(now)} ` }), clock(now), el('span', { class: 'asof-zone', text: ` ${zone(now)}` }));
    period ??= hub.now.slice(0, 7);
    showMonth();
  }
  write(at('token-who'), hub.role ? [hub.role, hub.subject].filter((part, index, parts) => part && parts.indexOf(part) === index).join(' · ') : 'Token');
  write(at('version'), hub.version ?? '');
  showCounts();
  if (feeds.books.text === null && !feeds.books.busy && at('money-problem').hidden) touch('books');
}

function showCounts() {
  const hub = feeds.hub.data;
  if (!hub) return;
  const pools = feeds.pools.data?.pools;
  const held = pools && pools.reduce((sum, pool) => sum + (pool.devices_held ?? 0), 0);
  const devices = pools && pools.reduce((sum, pool) => sum + (pool.devices ?? 0), 0);
  const cores = pools && pools.reduce((sum, pool) => sum + Number(pool.cores ?? 0), 0);
  const coresHeld = pools && pools.reduce((sum, pool) => sum + Number(pool.cores_held ?? 0), 0);
  const items = [
    ['Running', '运行', known(hub.running) ? whole.format(hub.running) : null],
    ['Waiting', '等待', known(hub.waiting) ? whole.format(hub.waiting) : null],
    ['Tenants', '租户', known(hub.tenants) ? whole.format(hub.tenants) : null],
    ['Pools', '资源池', known(hub.pools) ? whole.format(hub.pools) : null],
  ];
  if (devices) items.push(['Devices held', '设备', whole.format(held), whole.format(devices)]);
  if (cores) items.push(['Cores held', '核', whole.format(coresHeld), whole.format(cores)]);
  const drawn = items.map(([english, chinese, value, total]) =>
    el('div', {}, el('dt', {}, both([english, chinese])), el('dd', {}, value ?? unknown(), total && el('small', { text: ` of ${total}` }))));
  at('counts').replaceChildren(...drawn);
}

// ---------------------------------------------------------------- the census

function showCensus(census) {
  write(at('census-asof'), census.as_of ? `as of ${census.as_of}` : '');
  showLadder(census.ladder ?? []);
  showRemarks(census);
  showSites(census);
  showTrend();
  showContradictions(census.contradictions ?? []);
  showPublished(census);
}

function showLadder(ladder) {
  let before = null;
  const rows = ladder.slice(0, ROWS_MAX).map((row) => {
    const most = Math.max(0, ...RUNGS.map(([key]) => (known(row[key]) ? Number(row[key]) : 0)));
    const again = row.class === before;
    before = row.class;
    const rungs = RUNGS.map(([key, label]) => {
      const value = row[key];
      return cell(label, 'rung', el('span', { class: 'amount' }, known(value) ? figure(value) : unknown()),
        bar(known(value) ? (most > 0 ? Number(value) / most : 0) : null));
    });
    const className = CLASSES[row.class] ?? [row.class];
    return el('tr', { role: 'row', class: again ? 'again' : 'first' },
      el('th', { role: 'rowheader', scope: 'row', class: 'class' }, el('span', { class: again && 'repeated' }, both(className))),
      cell('Precision', 'precision', row.precision, row.precision === 'int8' && el('small', { class: 'unit', text: ' EOPS' })),
      cell('Sparsity', 'sparsity', row.sparsity),
      rungs);
  });
  at('ladder').replaceChildren(...rows);
}

function showRemarks(census) {
  const remarks = [];
  const nameless = census.devices_of_unknown_power;
  if (nameless > 0) {
    remarks.push(`${whole.format(nameless)} connected ${nameless === 1 ? 'device has' : 'devices have'} a peak that no source gives; ${nameless === 1 ? 'it is' : 'they are'} in no row.`);
  }
  const outside = census.pools_outside_census ?? [];
  if (outside.length) {
    const named = outside.slice(0, 6).join(', ') + (outside.length > 6 ? ` and ${outside.length - 6} more` : '');
    remarks.push(`${outside.length === 1 ? 'One pool stands' : `${outside.length} pools stand`} at no site of the census: ${named}.`);
  }
  at('remarks').replaceChildren(...remarks.map((text) => el('li', { text })));
}

function stack(place, legend, parts) {
  const total = parts.reduce((sum, part) => sum + part.count, 0);
  const drawn = parts.filter((part) => part.count > 0);
  const segments = drawn.map((part) => {
    const segment = el('span', { class: `segment ${part.style}` });
    segment.style.flexGrow = String(part.count / (total || 1));
    return segment;
  });
  place.replaceChildren(...segments);
  legend.replaceChildren(...drawn.map((part) =>
    el('li', {}, el('span', { class: `swatch ${part.style}`, 'aria-hidden': 'true' }), el('b', { text: whole.format(part.count) }), ' ', both(part.words))));
}

function showSites(census) {
  const sites = census.sites ?? { total: 0, named: 0, by_status: {} };
  const statuses = [...new Set([...Object.keys(SITE_STATUSES), ...Object.keys(sites.by_status ?? {})])];
  const parts = statuses.map((status) => ({
    count: sites.by_status?.[status] ?? 0,
    words: SITE_STATUSES[status] ?? [status.replaceAll('-', ' ')],
    style: SITE_STATUSES[status] ? `site-${status}` : 'site-other',
  }));
  stack(at('sites-bar'), at('sites-legend'), parts);
  write(at('sites-total'), `${whole.format(sites.total)}, ${whole.format(sites.named)} named`);
  const named = census.providers_named ?? 0;
  const rest = Math.max(0, (census.providers ?? 0) - named);
  stack(at('providers-bar'), at('providers-legend'), [
    { count: named, words: ['named', '有名称'], style: 'site-operating' },
    { count: rest, words: ['counted by a source, not named', '未具名'], style: 'site-unknown' },
  ]);
  write(at('providers-total'), known(census.providers) ? whole.format(census.providers) : 'unknown');
}

/** The middle of a stated day, month or year. */
function middle(date) {
  const [year, month, dayOfMonth] = date.split('-').map(Number);
  if (!year) return NaN;
  if (!month) return Date.UTC(year, 6, 1);
  return Date.UTC(year, month - 1, dayOfMonth || 16);
}

/** Figures of one metric, scope, unit and precision over time, and the targets set for them; nothing else may share an axis. */
function trendOf(census) {
  const kinds = new Map();
  for (const found of census.published ?? []) {
    if (found.metric !== 'compute_total' || !known(found.value) || Number.isNaN(middle(found.date))) continue;
    const key = [found.scope, found.unit, found.precision].join('\n');
    kinds.set(key, [...(kinds.get(key) ?? []), found]);
  }
  const figures = [...kinds.values()].sort((one, other) => other.length - one.length)[0] ?? [];
  if (figures.length < 3) return null;
  const { scope, unit, precision } = figures[0];
  const targets = (census.targets ?? []).filter((target) =>
    baseMetric(target.metric) === 'compute_total' && target.scope === scope && target.unit === unit && target.precision === precision
    && known(target.value) && !Number.isNaN(middle(target.due)));
  return { figures: figures.sort((one, other) => middle(one.date) - middle(other.date)), targets, scope, unit, precision };
}

const plainStated = (row) => `${SIGNS[/^(>=|<=|>|<|~)/.exec(row.stated ?? '')?.[0]] ?? ''}${exact.format(Number(row.value))}`;

function showTrend() {
  const census = feeds.census.data;
  const trend = census && trendOf(census);
  at('trend-figure').hidden = !trend;
  if (!trend) return;
  const { figures, targets, scope, unit, precision } = trend;
  write(at('trend-kind'), `${unit}, ${scope}, precision ${precision}`);
  const [width, height, left, right, top, bottom] = [Math.max(260, at('trend').clientWidth), 190, 28, 44, 16, 20];
  const times = [...figures.map((found) => middle(found.date)), ...targets.map((target) => middle(target.due))];
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const most = Math.max(...figures.map((found) => Number(found.value)), ...targets.map((target) => Number(target.value)));
  const step = [1, 2, 5].map((unit) => unit * 10 ** Math.floor(Math.log10(most / 2))).findLast((size) => most / size >= 2.5) ?? most / 3;
  const high = Math.ceil(most / step) * step;
  const x = (time) => left + 6 + ((time - first) / (last - first || 1)) * (width - left - right - 6);
  const y = (value) => top + (1 - value / high) * (height - top - bottom);
  const parts = [];
  for (let value = 0; value <= high; value += step) {
    parts.push(svg('line', { class: 'grid', x1: left, x2: width, y1: y(value), y2: y(value) }));
    parts.push(svg('text', { class: 'axis', x: left - 6, y: y(value) + 4, 'text-anchor': 'end', text: whole.format(value) }));
  }
  for (let year = new Date(first).getUTCFullYear() + 1; Date.UTC(year) <= last + 864e5; year += 1) {
    const place = x(Date.UTC(year));
    parts.push(svg('line', { class: 'grid year', x1: place, x2: place, y1: top, y2: height - bottom }));
    parts.push(svg('text', { class: 'axis', x: place, y: height - 5, 'text-anchor': 'middle', text: String(year) }));
  }
  const newest = figures[figures.length - 1];
  const diamond = (cx, cy) => `M${cx} ${cy - 5}L${cx + 5} ${cy}L${cx} ${cy + 5}L${cx - 5} ${cy}Z`;
  for (const target of targets) {
    const [cx, cy] = [x(middle(target.due)), y(Number(target.value))];
    const over = passed(target.due, census.as_of ?? '');
    if (!over) parts.push(svg('line', { class: 'goal', x1: x(middle(newest.date)), x2: cx, y1: cy, y2: cy }));
    parts.push(svg('path', { class: over ? 'aim-mark over' : 'aim-mark', d: diamond(cx, cy) }));
    const outcome = OUTCOMES[target.quality]?.[0] ?? (over ? 'due passed' : '');
    parts.push(over
      ? svg('text', { class: 'axis', x: cx + 9, y: cy + 4, text: `${plainStated(target)} ${outcome}` })
      : svg('text', { class: 'aim-label', x: cx + 9, y: cy + 4, text: plainStated(target) }));
  }
  parts.push(svg('path', { class: 'line', d: figures.map((found, index) => `${index ? 'L' : 'M'}${x(middle(found.date))} ${y(Number(found.value))}`).join('') }));
  let labelled = Infinity;
  for (const found of [...figures].reverse()) {
    const [cx, cy] = [x(middle(found.date)), y(Number(found.value))];
    parts.push(svg('circle', { class: /^[<>~]/.test(found.stated ?? '') ? 'point bound' : 'point', cx, cy, r: 3.5 }));
    if (labelled - cx < 38) continue;
    labelled = cx;
    parts.push(svg('text', { class: 'point-label', x: cx - 6, y: cy - 7, 'text-anchor': cx < left + 40 ? 'start' : 'end', text: plainStated(found) }));
  }
  const told = figures.map((found) => `${plainStated(found)} on ${found.date}`).join(', ');
  const aims = targets.map((target) => `${plainStated(target)} by ${target.due}`).join(', ');
  at('trend').replaceChildren(svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `Published, in ${unit}: ${told}. Targets: ${aims || 'none'}.` }, parts));
  const mark = (className, shape) => svg('svg', { class: 'trend-mark', viewBox: '0 0 12 12', 'aria-hidden': 'true' }, shape ?? svg('circle', { class: className, cx: 6, cy: 6, r: 3.5 }));
  at('trend-legend').replaceChildren(
    el('li', {}, mark('point'), 'stated ', zh('数值')),
    el('li', {}, mark('point bound'), 'stated as a bound ', zh('下限或约数')),
    targets.length ? el('li', {}, mark('', svg('path', { class: 'aim-mark', d: diamond(6, 6) })), 'target ', zh('目标')) : '');
}

const CONTRADICTIONS_FIRST = 8;
let allContradictions = false;

function showContradictions(list) {
  const shown = list.slice(0, allContradictions ? ROWS_MAX : CONTRADICTIONS_FIRST);
  const drawn = shown.map(({ what, figures }) => {
    // "racks_target and racks: 1 against 2" – the metric before the colon becomes its name.
    const found = /^([a-z0-9_]+)(?: and ([a-z0-9_]+))?: (.*)$/s.exec(what ?? '');
    const names = found && [found[1], found[2]].filter(Boolean).map(metricName);
    return el('li', {},
      drawing(12, 'M6 1.2L11.2 10.6H0.8ZM6 4.6v2.6M6 8.7v.4', 'shape'),
      el('div', {},
        names ? el('b', {}, names.flatMap((name, index) => [index > 0 && ' and ', ...both(name)])) : null,
        el('p', { text: spelled(found ? found[3] : String(what)) }),
        (figures ?? []).length > 0 && el('p', { class: 'ids' }, figures.map((id) =>
          el('button', { type: 'button', class: 'plain', text: id, on: { click: () => showFigure(id) } })))));
  });
  at('contradictions').replaceChildren(...(drawn.length ? drawn : [el('li', { class: 'quiet', text: 'None is known.' })]));
  write(at('contradictions-total'), list.length ? whole.format(list.length) : '');
  const more = at('contradictions-more');
  more.hidden = list.length <= CONTRADICTIONS_FIRST;
  write(more, allContradictions ? 'Fewer contradictions' : `All ${list.length} contradictions`);
}

/** Brings the published figure of a contradiction into view. */
function showFigure(id) {
  const row = () => document.getElementById(`figure-${id}`);
  if (!row()) {
    allPublished = true;
    showPublished(feeds.census.data);
  }
  const found = row();
  if (!found) return;
  found.tabIndex = -1;
  found.scrollIntoView({ block: 'center' });
  found.focus({ preventScroll: true });
}

const PUBLISHED_FIRST = 10;
let allPublished = false;

const rank = (metric) => {
  const place = METRIC_ORDER.indexOf(metric);
  return place < 0 ? METRIC_ORDER.length : place;
};
const baseMetric = (metric) => metric.replace(/_(target|forecast)(?=_|$)/, '');

/** Each published figure, and each target beside the newest figure of the same metric and scope. */
function publishedRows(census) {
  const latest = new Map();
  const published = [...(census.published ?? [])].sort((one, other) => (one.date < other.date ? 1 : one.date > other.date ? -1 : 0));
  const rows = published.map((figure) => {
    const key = `${figure.metric}\n${figure.scope}`;
    const row = { metric: figure.metric, scope: figure.scope, figure, newest: !latest.has(key), targets: [] };
    if (row.newest) latest.set(key, row);
    return row;
  });
  const targets = [...(census.targets ?? [])].sort((one, other) => (one.due < other.due ? 1 : -1));
  for (const target of targets) {
    const metric = baseMetric(target.metric);
    const beside = latest.get(`${metric}\n${target.scope}`);
    if (beside) beside.targets.push(target);
    else {
      const row = { metric, scope: target.scope, figure: null, newest: true, targets: [target] };
      latest.set(`${metric}\n${target.scope}`, row);
      rows.push(row);
    }
  }
  return rows.sort((one, other) =>
    rank(one.metric) - rank(other.metric)
    || one.metric.localeCompare(other.metric)
    || one.scope.localeCompare(other.scope)
    || (other.figure?.date ?? '').localeCompare(one.figure?.date ?? ''));
}

const passed = (due, asOf) => due < asOf.slice(0, due.length);

function showPublished(census) {
  if (!census) return;
  const rows = publishedRows(census);
  const scopes = new Map();
  for (const row of rows) scopes.set(row.scope, (scopes.get(row.scope) ?? 0) + 1);
  const usual = [...scopes].sort((one, other) => other[1] - one[1])[0]?.[0];
  const open = (row) => row.targets.some((target) => !passed(target.due, census.as_of ?? ''));
  const leading = rows.filter((row) => row.newest && (open(row) || (row.scope === usual && rank(row.metric) < METRIC_ORDER.length)));
  const chosen = leading.length ? leading : rows;
  const shown = (allPublished ? rows : chosen.slice(0, PUBLISHED_FIRST)).slice(0, ROWS_MAX);
  at('published').replaceChildren(...shown.map((row) => publishedRow(row, census.as_of ?? '')));
  const more = at('published-more');
  more.hidden = rows.length <= shown.length && !allPublished;
  write(more, allPublished ? 'Only the leading figures'
    : `All ${census.published?.length ?? 0} figures and ${census.targets?.length ?? 0} targets`);
}

function publishedRow({ metric, scope, figure: found, targets }, asOf) {
  const precision = found && (found.precision === 'unstated'
    ? /FLOPS$/.test(found.unit) ? el('span', { class: 'unstated', text: 'unstated' }) : el('span', { class: 'none', text: '–' })
    : found.precision);
  return el('tr', { role: 'row', id: found && `figure-${found.id}` },
    el('th', { role: 'rowheader', scope: 'row' }, both(metricName(metric))),
    cell('Scope', 'scope', scope),
    cell('Value', 'num value', found ? stated(found) : unknown('no figure')),
    cell('Date', 'date', found ? found.date : el('span', { class: 'none', text: '–' })),
    cell('Precision', 'precision', precision ?? el('span', { class: 'none', text: '–' })),
    cell('Target', 'target', targets.length ? targets.map((target) => targetLine(target, found, asOf)) : el('span', { class: 'none', text: '–' })),
    cell('Source', 'source', source(found ?? targets[0])));
}

const OUTCOMES = { 'target-missed': ['missed', '未达成'], 'target-superseded': ['superseded', '已被取代'], 'target-met': ['met', '已达成'], forecast: ['forecast', '预测'] };

function targetLine(target, found, asOf) {
  const over = passed(target.due, asOf);
  const outcome = OUTCOMES[target.quality] ?? (over ? ['due passed', '已到期'] : null);
  // A share is drawn only between figures of one unit and one precision, both of computing power.
  const comparable = found && !over && /FLOPS$/.test(target.unit) && found.unit === target.unit && found.precision === target.precision
    && known(found.value) && known(target.value) && Number(target.value) > 0;
  return el('div', { class: over ? 'aim over' : 'aim' },
    el('span', { class: 'aim-value' }, stated(target)), el('span', { class: 'by', text: ` by ${target.due}` }),
    outcome && el('span', { class: 'outcome' }, ' ', both(outcome)),
    comparable && bar(Number(found.value) / Number(target.value)));
}

function source(from) {
  const text = from.source ?? '';
  const address = /https?:\/\/[^\s;"()（）]+/.exec(text)?.[0];
  let linked = null;
  try {
    const url = new URL(address);
    linked = el('a', { href: url.href, target: '_blank', rel: 'noopener noreferrer', title: text, text: url.hostname.replace(/^www\.|\.$/g, '') });
  } catch {
    linked = el('span', { title: text, text });
  }
  const quality = (from.quality ?? '').replaceAll('-', ' ');
  return [linked, quality && el('small', { class: 'quality', text: quality })];
}

// ---------------------------------------------------------------- pools

function held(part, total, format = whole) {
  if (!known(total)) return unknown();
  if (Number(total) === 0) return el('span', { class: 'none', text: 'none' });
  const amount = el('span', { class: 'amount' }, known(part) ? format.format(Number(part)) : unknown(), el('small', { text: ` of ${format.format(Number(total))}` }));
  return el('span', { class: 'held' }, amount, bar(known(part) ? Number(part) / Number(total) : null));
}

function contact(value) {
  if (value === true || value === 'in touch') return el('span', { class: 'contact', 'data-contact': 'yes' }, el('span', { class: 'light', 'aria-hidden': 'true' }), 'in touch ', zh('在线'));
  if (value === false || value === 'silent') return el('span', { class: 'contact', 'data-contact': 'no' }, el('span', { class: 'light', 'aria-hidden': 'true' }), 'silent ', zh('失联'));
  if (value === null || value === undefined) return unknown();
  return el('span', { text: String(value) });
}

/** What those who go to the cluster's own manager use, and what it has taken out of service. */
const others = (amount, format = whole) => Number(amount ?? 0) > 0 && el('small', { class: 'under', text: `${format.format(Number(amount))} by others` });

function outOfService(nodes) {
  const told = Object.entries(nodes ?? {});
  if (!told.length) return null;
  const title = told.slice(0, 20).map(([node, reason]) => `${node}: ${reason}`).join('\n');
  return el('small', { class: 'under', title, text: `${whole.format(told.length)} out of service` });
}

function showPools({ pools }) {
  const shown = pools.slice(0, ROWS_MAX);
  at('pools-rows').replaceChildren(...shown.map((pool) => el('tr', { role: 'row' },
    el('th', { role: 'rowheader', scope: 'row' }, pool.name, pool.executor && el('small', { class: 'under', text: pool.executor })),
    cell('Provider, site 服务商', 'whose', el('span', { text: pool.provider }), el('small', { class: 'under', text: pool.site ?? 'no site of the census' })),
    cell('Model 型号', 'model', pool.model ?? el('span', { class: 'none', text: 'cores only' })),
    cell('Nodes 节点', 'num', known(pool.nodes) ? whole.format(pool.nodes) : unknown(), outOfService(pool.out_of_service)),
    cell('Devices held 设备', 'num meter', held(pool.devices_held, pool.devices), others(pool.devices_others)),
    cell('Cores held 核', 'num meter', held(pool.cores_held, pool.cores, tenth), others(pool.cores_others, tenth)),
    cell('Memory 内存', 'num', known(pool.memory_bytes) ? bytes(pool.memory_bytes) : unknown()),
    cell('Jobs 作业', 'num', known(pool.jobs) ? whole.format(pool.jobs) : unknown()),
    cell('Contact', 'contact-cell', contact(pool.contact)))));
  const silent = pools.filter((pool) => pool.contact === false).length;
  const more = pools.length > shown.length ? `, the first ${ROWS_MAX} shown` : '';
  write(at('pools-note'), pools.length ? `${whole.format(pools.length - silent)} of ${whole.format(pools.length)} in touch${more}` : '');
  at('pools-empty').hidden = pools.length > 0;
  document.querySelector('table.pools').hidden = pools.length === 0;
  showCounts();
}

// ---------------------------------------------------------------- jobs

const jobRows = new Map();
const JOB_COLUMNS = ['State', 'Job', 'Name', 'Tenant', 'Pool', 'Wait 等待', 'Run 运行', 'Exit 退出', 'Energy, kWh 能耗', 'Carbon, kg 碳排', 'Cost, yuan 费用'];
const JOB_CLASSES = ['state-cell', 'id', 'name', 'tenant', 'pool', 'num wait', 'num run', 'num exit', 'num energy', 'num carbon', 'num cost'];
const nothing = () => el('span', { class: 'none nothing', text: '–' });

/** What a job used: unknown once it has run and nobody measured, nothing yet before. */
function used(job, value, format, approximate = false) {
  if (known(value)) return `${approximate ? '≈ ' : ''}${format(value)}`;
  return ENDED.has(job.state) && job.started_at ? unknown() : nothing();
}

const energyKnown = (job) => (job.energy_source === 'unknown' ? null : job.energy_kwh);
const energyApproximate = (job) => job.energy_source === 'modelled';

const waits = (job) => job.state === 'waiting' || (job.state === 'placed' && !job.started_at);
const runs = (job) => job.state === 'running' || (job.state === 'stopping' && Boolean(job.started_at));

/** Waits and runs grow between two readings; the hub's numbers are the base. */
function waited(job, readAt) {
  if (!known(job.wait_s)) return null;
  return Number(job.wait_s) + (waits(job) ? (performance.now() - readAt) / 1000 : 0);
}
function ran(job, readAt) {
  if (!known(job.run_s)) return null;
  return Number(job.run_s) + (runs(job) ? (performance.now() - readAt) / 1000 : 0);
}
const liveSpan = (seconds, live) => span(live ? Math.floor(seconds) : seconds);

function exitMark(code) {
  if (!known(code)) return nothing();
  return el('span', { class: Number(code) === 0 ? 'none' : 'bad', text: String(code) });
}

function makeRow(id) {
  const open = el('button', { type: 'button', class: 'open', 'aria-haspopup': 'dialog', on: { click: () => openJob(id) } });
  const cells = JOB_COLUMNS.map((label, index) => (index === 2
    ? el('th', { role: 'rowheader', scope: 'row', class: JOB_CLASSES[index] }, open)
    : cell(label, JOB_CLASSES[index])));
  const row = el('tr', { role: 'row', 'data-id': id }, cells);
  row.addEventListener('click', (event) => {
    if (!event.target.closest('button, a') && !String(getSelection())) openJob(id);
  });
  return { row, cells, open, text: '', state: null, job: null, readAt: 0 };
}

function fillRow(entry, job) {
  entry.readAt = feeds.jobs.at;
  entry.job = job;
  const text = JSON.stringify(job);
  if (text === entry.text) return;
  entry.text = text;
  const { cells } = entry;
  if (entry.state !== job.state) {
    cells[0].replaceChildren(stateMark(job.state));
    if (entry.state !== null) flash(entry.row);
    entry.state = job.state;
    entry.row.dataset.state = job.state;
  }
  write(cells[1], job.id);
  write(entry.open, job.name || job.id);
  entry.open.title = job.end ?? '';
  write(cells[3], job.tenant ?? '');
  cells[4].replaceChildren(job.pool ?? nothing());
  const readAt = entry.readAt;
  cells[5].replaceChildren(known(job.wait_s) ? liveSpan(waited(job, readAt), waits(job)) : nothing());
  cells[6].replaceChildren(known(job.run_s) && (job.started_at || Number(job.run_s) > 0) ? liveSpan(ran(job, readAt), runs(job)) : nothing());
  cells[7].replaceChildren(exitMark(job.exit_code));
  cells[8].replaceChildren(used(job, energyKnown(job), figure, energyApproximate(job)));
  cells[9].replaceChildren(used(job, job.carbon_kg, figure, energyApproximate(job)));
  cells[10].replaceChildren(used(job, job.cost_yuan, yuan));
}

function flash(row) {
  row.classList.remove('changed');
  void row.offsetWidth; // Restarts the animation.
  row.classList.add('changed');
}

function showJobs({ jobs, next }) {
  const shown = jobs.slice(0, ROWS_MAX);
  const body = at('jobs-rows');
  const ids = new Set(shown.map((job) => job.id));
  for (const [id, entry] of jobRows) {
    if (!ids.has(id)) {
      entry.row.remove();
      jobRows.delete(id);
    }
  }
  shown.forEach((job, index) => {
    let entry = jobRows.get(job.id);
    if (!entry) {
      entry = makeRow(job.id);
      jobRows.set(job.id, entry);
    }
    fillRow(entry, job);
    if (body.children[index] !== entry.row) body.insertBefore(entry.row, body.children[index] ?? null);
  });
  markSelected();
  showTenants(shown);
  const first = cursors.length === 1;
  document.querySelector('table.jobs').hidden = shown.length === 0;
  const empty = at('jobs-empty');
  empty.hidden = shown.length > 0;
  if (!shown.length) {
    if (stateFilter || tenantFilter || !first) empty.replaceChildren('No such job.');
    else empty.replaceChildren('No job yet. Submit one: ', el('code', { text: 'shugu submit -- sleep 60' }));
  }
  at('pager').hidden = first && !next;
  at('newer').disabled = first;
  at('older').disabled = !next;
  at('older').dataset.next = next ?? '';
  write(at('page-word'), `page ${cursors.length}`);
  write(at('jobs-note'), first ? 'newest first' : `older jobs, page ${cursors.length}`);
}

const tenantsSeen = new Set();
function showTenants(jobs) {
  const before = tenantsSeen.size;
  for (const job of jobs) if (job.tenant && tenantsSeen.size < ROWS_MAX) tenantsSeen.add(job.tenant);
  if (tenantsSeen.size === before) return;
  const select = at('tenant');
  select.replaceChildren(el('option', { value: '', text: 'all' }), ...[...tenantsSeen].sort().map((name) => el('option', { value: name, text: name })));
  select.value = tenantFilter;
  at('tenant-label').hidden = tenantsSeen.size < 2;
}

function showStates() {
  const choices = ['', ...Object.keys(STATES)].map((state) => {
    const input = el('input', { type: 'radio', name: 'state', value: state, on: { change: () => filterBy(state) } });
    input.checked = state === stateFilter;
    return el('label', { class: 'choice' }, input, state ? stateMark(state, false) : el('span', { class: 'state', text: 'all' }));
  });
  at('states').append(...choices);
}

function filterBy(state) {
  stateFilter = state;
  cursors = [null];
  touchNow('jobs');
}

function turnPage(cursor) {
  if (cursor) cursors.push(cursor);
  else if (cursors.length > 1) cursors.pop();
  touchNow('jobs');
  at('jobs').scrollIntoView();
}

/** The spans of live jobs, once a second. */
function tick() {
  if (document.hidden || link.state === 'offline' || link.state === 'locked') return;
  for (const { job, cells } of jobRows.values()) {
    if (waits(job) && known(job.wait_s)) write(cells[5], liveSpan(waited(job, feeds.jobs.at), true));
    if (runs(job) && known(job.run_s)) write(cells[6], liveSpan(ran(job, feeds.jobs.at), true));
  }
  if (shownJob && (waits(shownJob) || runs(shownJob))) showCourse(shownJob);
}

// ---------------------------------------------------------------- one job

let shownJob = null;
const panel = at('panel');

function openJob(id) {
  const fresh = selected !== id;
  selected = id;
  if (fresh) {
    shownJob = null;
    for (const name of ['job', 'why', 'log']) feeds[name].text = null;
    at('panel-problem').hidden = true;
    at('why').hidden = true;
    at('course').replaceChildren();
    at('facts').replaceChildren();
    at('log').textContent = '';
    write(at('log-note'), '');
    write(at('cancel-word'), '');
    askCancel(false);
    at('cancel-box').hidden = true;
    const listed = jobRows.get(id)?.job;
    if (listed) showJob(listed);
    else {
      at('panel-state').replaceChildren();
      write(at('panel-job'), id);
      write(at('panel-name'), id);
    }
  }
  if (!panel.open) {
    if (matchMedia('(max-width: 60rem)').matches) panel.showModal();
    else panel.show();
  }
  at('panel-name').focus({ preventScroll: true });
  panel.querySelector('.panel-body').scrollTop = 0;
  history.replaceState(null, '', `#${id}`);
  markSelected();
  touchNow('job', 'why', 'log');
}

function closeJob() {
  if (panel.open) panel.close();
}

panel.addEventListener('close', () => {
  const row = jobRows.get(selected);
  selected = null;
  shownJob = null;
  markSelected();
  history.replaceState(null, '', location.pathname + location.search);
  row?.open.focus({ preventScroll: true });
});

function markSelected() {
  for (const [id, { row }] of jobRows) {
    if (id === selected) row.setAttribute('aria-current', 'true');
    else row.removeAttribute('aria-current');
  }
}

function showJob(job) {
  if (job.id !== selected) return;
  const became = shownJob?.state !== job.state;
  shownJob = job;
  at('panel-state').replaceChildren(stateMark(job.state));
  write(at('panel-job'), job.id);
  write(at('panel-name'), job.name || job.id);
  showCourse(job);
  showFacts(job);
  at('cancel-box').hidden = ENDED.has(job.state) && !at('cancel-word').textContent;
  at('cancel').hidden = ENDED.has(job.state) || job.state === 'stopping' || !at('cancel-sure').hidden;
  if (ENDED.has(job.state)) askCancel(false);
  if (job.state !== 'waiting') at('why').hidden = true;
  if (!job.started_at) write(at('log-note'), 'It has not started; nothing is written yet.');
  at('log').hidden = !at('log').textContent;
  if (became) touchNow('why', 'log');
}

/** Submitted, placed, started, ended, with a bar of waiting and running between. */
function showCourse(job) {
  const readAt = feeds.job.text !== null && feeds.job.data?.id === job.id ? feeds.job.at : feeds.jobs.at;
  const wait = waited(job, readAt);
  const run = job.started_at ? ran(job, readAt) : null;
  const total = (wait ?? 0) + (run ?? 0);
  const track = el('div', { class: 'course-bar', 'aria-hidden': 'true' });
  for (const [amount, style] of [[wait, 'part-wait'], [run, `part-run state-${job.state}`]]) {
    if (!amount || !total) continue;
    const part = el('span', { class: style });
    part.style.flexGrow = String(amount / total);
    track.append(part);
  }
  const words = [
    wait !== null && el('span', {}, waits(job) ? 'waiting for ' : 'waited ', el('b', { text: liveSpan(wait, waits(job)) })),
    run !== null && el('span', {}, runs(job) ? 'running for ' : 'ran ', el('b', { text: liveSpan(run, runs(job)) })),
    job.end && el('span', { text: job.end }),
  ];
  const steps = [['submitted', job.submitted_at], ['placed', job.placed_at], ['started', job.started_at], ['ended', job.ended_at]];
  const drawn = [
    el('p', { class: 'course-words' }, words),
    track,
    el('ol', { class: 'steps' }, steps.map(([word, time]) =>
      el('li', { class: !time && 'ahead' }, el('span', { text: word }), time ? moment(time) : nothing()))),
  ];
  const course = at('course');
  const next = el('div', {}, drawn);
  if (course.firstElementChild?.isEqualNode(next)) return;
  course.replaceChildren(next);
}

const ENERGY_SOURCES = { rapl: 'read from the processor', modelled: 'modelled from core-time', metered: 'metered' };

function showFacts(job) {
  const replicas = Number(job.replicas ?? 1);
  const each = [
    job.devices > 0 && `${whole.format(job.devices)} ${job.devices === 1 ? 'device' : 'devices'}${job.models?.length ? ` (${job.models.join(' or ')})` : ''}`,
    known(job.cpu) && Number(job.cpu) > 0 && `${tenth.format(Number(job.cpu))} ${Number(job.cpu) === 1 ? 'core' : 'cores'}`,
    known(job.memory_bytes) && job.memory_bytes > 0 && bytes(job.memory_bytes),
  ].filter(Boolean);
  const wanted = `${replicas === 1 ? '' : `${whole.format(replicas)} replicas, each `}${each.join(', ') || 'nothing reserved'}`;
  const energy = energyKnown(job);
  const items = [
    ['Tenant', '租户', job.tenant],
    ['Pool', '资源池', job.pool ?? nothing()],
    ['Asks for', '需求', wanted],
    ['Time limit', '时限', known(job.time_limit_s) ? span(job.time_limit_s) : 'none'],
    Number(job.priority) !== 0 && ['Priority', '优先级', String(job.priority)],
  ];
  // What a job used is told once it is known, or once it is known that nobody will tell.
  const told = (value) => known(value) || (ENDED.has(job.state) && job.started_at);
  const about = energyApproximate(job) ? '≈ ' : '';
  items.push(
    job.inputs?.length > 0 && ['Inputs', '数据', job.inputs.join(', ')],
    told(job.exit_code) && ['Exit', '退出码', exitMark(job.exit_code)],
    told(job.cpu_s) && ['Core-time', '核时', known(job.cpu_s) ? span(job.cpu_s) : unknown()],
    told(job.peak_memory_bytes) && ['Peak memory', '内存峰值', known(job.peak_memory_bytes) ? bytes(job.peak_memory_bytes) : unknown()],
    told(energy) && ['Energy', '能耗', known(energy)
      ? [`${about}${figure(energy)} kWh`, job.energy_source && el('small', { text: ` ${ENERGY_SOURCES[job.energy_source] ?? job.energy_source}` })]
      : unknown()],
    told(job.carbon_kg) && ['Carbon', '碳排', known(job.carbon_kg) ? `${about}${figure(job.carbon_kg)} kg CO₂` : unknown()],
    told(job.cost_yuan) && ['Cost', '费用', known(job.cost_yuan) ? `${yuan(job.cost_yuan)} yuan` : unknown()],
  );
  const drawn = items.filter(Boolean).map(([english, chinese, value]) => el('div', {}, el('dt', {}, both([english, chinese])), el('dd', {}, value)));
  const command = (job.command ?? []).map(quoted).join(' ');
  if (command) drawn.push(el('div', { class: 'wide' }, el('dt', {}, both(['Command', '命令'])), el('dd', {}, el('code', { class: 'command', text: command }))));
  at('facts').replaceChildren(...drawn);
}

/** An argument as a shell would take it. */
const quoted = (argument) => (/^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${String(argument).replaceAll("'", "'\\''")}'`);

// ---------------------------------------------------------------- why

const REASONS = {
  no_pools: () => 'No pool has joined the hub yet.',
  busy: () => 'What it needs exists, but is held, or its pool is silent.',
  too_large: () => 'No pool could hold it, even empty.',
  behind: ({ ahead, first }) => `It would fit; ${known(ahead) ? `${whole.format(ahead)} ${Number(ahead) === 1 ? 'job is' : 'jobs are'}` : 'others are'} served before it${first ? `, ${first} first` : ''}.`,
  next: () => 'It fits and is placed in the next round.',
};
const SHORT = {
  model: ({ wanted }) => (wanted?.length ? `has no ${wanted.join(' or ')}` : 'has no device'),
  silent: () => 'its agent is silent',
  images: () => 'runs no container images',
  occupied: ({ nodes, told }) => `others use ${number(nodes)} ${Number(nodes) === 1 ? 'node' : 'nodes'} on which it would fit${told ? ` (${told})` : ''}`,
  data: ({ bring_bytes, until }) => (known(bring_bytes)
    ? `lacks ${bytes(bring_bytes)} of its data${until ? `, brought from ${new Date(until).toLocaleTimeString()} on if nothing is free nearer` : ''}`
    : 'lacks its data, which cannot be brought'),
  replicas: ({ asked, fit }) => `${number(fit)} of ${number(asked)} replicas would fit`,
};
const RESOURCES = { devices: 'devices', cpu: 'cores', memory: 'memory' };
const number = (value) => (known(value) ? tenth.format(Number(value)) : '?');

/** The remaining numbers of a reason, so that a code this page does not know is still told. */
function rest(reason, ...without) {
  const parts = Object.entries(reason).filter(([key, value]) => !without.includes(key) && value !== null && typeof value !== 'object');
  return parts.map(([key, value]) => `${key.replaceAll('_', ' ')} ${key.endsWith('_bytes') ? bytes(value) : value}`).join(', ');
}

function poolReason(reason) {
  if (reason === null || reason === undefined) return ['fits'];
  if (typeof reason === 'string') return [reason.replaceAll('_', ' ')];
  const { code } = reason;
  if (SHORT[code]) return [SHORT[code](reason)];
  if (RESOURCES[code] && 'asked' in reason) {
    const amount = (value) => (!known(value) ? '?' : code === 'memory' ? bytes(value) : number(value));
    const parts = [['asked', reason.asked], ['free now', reason.free], ['on an empty node', reason.largest]].filter(([, value]) => value !== undefined);
    return [`short of ${RESOURCES[code]} on one node`, el('span', { class: 'numbers' }, parts.map(([word, value]) => el('span', {}, `${word} `, el('b', { text: amount(value) }))))];
  }
  return [String(code ?? '').replaceAll('_', ' '), el('span', { class: 'numbers', text: rest(reason, 'code') })];
}

function showWhy(why) {
  if (why.state !== 'waiting') {
    at('why').hidden = true;
    return;
  }
  at('why').hidden = false;
  const reason = why.reason;
  const told = reason ? REASONS[reason.code]?.(reason) ?? rest(reason, 'code', 'pools') : 'The hub has not said yet.';
  at('why-reason').replaceChildren(
    reason ? el('code', { class: 'code', text: reason.code }) : '', ` ${told} `,
    why.starts_at ? el('span', {}, 'Expected to start ', moment(why.starts_at), '.') : el('span', { class: 'unknown', text: 'Start not known.' }));
  const pools = (why.pools ?? []).slice(0, ROWS_MAX);
  at('why-pools').replaceChildren(...pools.map((pool) => el('li', {},
    el('span', { class: 'why-pool', text: pool.pool }),
    el('span', { class: 'why-short' }, poolReason(pool.reason)),
    el('span', { class: 'why-fits' }, pool.fits === true ? 'fits' : pool.fits === false ? 'does not fit' : [el('b', { text: number(pool.fits) }), Number(pool.fits) === 1 ? ' fits' : ' fit']))));
}

// ---------------------------------------------------------------- output

/** Colours and progress bars are for terminals: the last state of each line is kept. */
const plainText = (text) => text
  .replace(/\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)/g, '')
  .replace(/\r\n/g, '\n')
  .replace(/[^\n]*\r(?=[^\n])/g, '');

function showLog(text) {
  const pre = at('log');
  const atEnd = pre.hidden || pre.textContent === '' || pre.scrollHeight - pre.scrollTop - pre.clientHeight < 24;
  pre.hidden = text === '';
  write(pre, plainText(text));
  if (atEnd) pre.scrollTop = pre.scrollHeight;
  const cut = new Blob([text]).size >= LOG_TAIL;
  write(at('log-note'), text === '' ? `Nothing on ${logStream} yet.` : cut ? 'The last 16 KiB.' : '');
}

function refusedLog(error) {
  at('log').hidden = true;
  write(at('log-note'), error.status === 404 ? `Nothing on ${logStream} yet.` : `Not shown: ${error.message}`);
}

function chooseStream(name) {
  logStream = name;
  for (const button of panel.querySelectorAll('[data-stream]')) button.setAttribute('aria-pressed', String(button.dataset.stream === name));
  at('log').textContent = '';
  touchNow('log');
}

// ---------------------------------------------------------------- cancelling

function askCancel(open) {
  at('cancel-sure').hidden = !open;
  at('cancel').hidden = open;
  if (open) at('cancel-no').focus();
}

async function cancel() {
  const id = selected;
  askCancel(false);
  at('cancel').hidden = true;
  write(at('cancel-word'), 'Asking the hub …');
  try {
    await ask(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    if (id === selected) write(at('cancel-word'), `The hub was asked to stop ${id}.`);
  } catch (error) {
    if (id !== selected) return;
    write(at('cancel-word'), error instanceof Unreachable ? 'The hub cannot be reached; nothing was cancelled.' : `Not cancelled: ${error.message}`);
    at('cancel').hidden = false;
  }
  touchNow('job', 'jobs');
}

// ---------------------------------------------------------------- money

function showMonth() {
  write(at('month'), period ?? '–');
  at('month-after').disabled = !period || !feeds.hub.data || period >= feeds.hub.data.now.slice(0, 7);
}

function moveMonth(step) {
  if (!period) return;
  const [year, month] = period.split('-').map(Number);
  const moved = new Date(Date.UTC(year, month - 1 + step, 1));
  period = `${moved.getUTCFullYear()}-${two(moved.getUTCMonth() + 1)}`;
  showMonth();
  touchNow('books');
}

function accountRow(account) {
  const amount = (value) => el('td', { class: 'num' }, known(value) ? (Number(value) === 0 ? el('span', { class: 'none', text: '0.00' }) : yuan(value)) : unknown());
  return el('tr', {},
    el('th', { scope: 'row', title: account.account }, account.kind === 'hub' ? both(['The hub', '枢纽']) : account.name ?? account.account),
    amount(account.paid_yuan), amount(account.received_yuan), amount(account.balance_yuan));
}

/** Sums in ten-thousandths of a fen, so that what the page adds up is what the book says. */
function sumOf(accounts, key) {
  return accounts.reduce((sum, account) => sum + Math.round(Number(account[key] ?? 0) * 1e6), 0) / 1e6;
}

function sumRow(accounts) {
  if (accounts.length < 2) return [];
  return [el('tr', {}, el('th', { scope: 'row' }, both(['Total', '合计'])),
    ...['paid_yuan', 'received_yuan', 'balance_yuan'].map((key) => el('td', { class: 'num', text: yuan(sumOf(accounts, key)) })))];
}

function showBooks(book) {
  at('book').hidden = false;
  const accounts = book.accounts ?? [];
  const tenants = accounts.filter((account) => account.kind === 'tenant').sort((one, other) => other.paid_yuan - one.paid_yuan);
  const rank = (account) => (account.kind === 'hub' ? 1 : 0);
  const providers = accounts.filter((account) => account.kind !== 'tenant')
    .sort((one, other) => rank(one) - rank(other) || other.received_yuan - one.received_yuan);
  for (const [place, list] of [['money-tenants', tenants], ['money-providers', providers]]) {
    const rows = list.slice(0, ROWS_MAX).map(accountRow);
    if (list.length > ROWS_MAX) rows.push(el('tr', {}, el('td', { colspan: '4', class: 'none', text: `and ${whole.format(list.length - ROWS_MAX)} more, in the total` })));
    if (!list.length) rows.push(el('tr', {}, el('td', { colspan: '4', class: 'none', text: 'nothing posted' })));
    at(place).replaceChildren(...rows);
    at(`${place}-sum`).replaceChildren(...sumRow(list));
  }
  const currency = book.currency ?? 'CNY';
  const right = known(book.balance_yuan) && Number(book.balance_yuan) === 0;
  const proof = at('proof');
  proof.dataset.right = String(right);
  proof.replaceChildren(
    drawing(12, right ? STATES.done[2] : STATES.failed[2], 'shape'),
    el('span', {}, 'The book sums to ', el('b', { text: known(book.balance_yuan) ? `${right ? '0' : yuan(book.balance_yuan)} ${currency}` : 'unknown' }),
      right ? '.' : '; it must be 0.', ' ', zh(right ? '账目平衡' : '账目不平')),
    el('span', { class: 'note', text: known(book.postings) ? `${whole.format(book.postings)} postings, each on both sides` : '' }));
  write(at('money-note'), `in ${currency === 'CNY' ? 'yuan (CNY)' : currency}`);
}

function refusedBooks(error) {
  at('book').hidden = Boolean(error);
  at('month').parentElement.hidden = error?.status === 403;
}

// ---------------------------------------------------------------- start

/** Another token is another reader: nothing of the one before may stay on the page. */
function restart() {
  closeJob();
  reader += 1;
  document.body.classList.add('unread');
  for (const feed of Object.values(feeds)) Object.assign(feed, { forbidden: false, text: null, shown: null, data: null, last: -Infinity });
  for (const place of ['counts', 'ladder', 'remarks', 'published', 'contradictions', 'pools-rows', 'jobs-rows', 'money-tenants', 'money-providers',
    'money-tenants-sum', 'money-providers-sum', 'proof', 'sites-bar', 'sites-legend', 'providers-bar', 'providers-legend']) at(place).replaceChildren();
  jobRows.clear();
  tenantsSeen.clear();
  at('tenant-label').hidden = true;
  tenantFilter = '';
  cursors = [null];
  at('money-problem').hidden = true;
  write(at('token-who'), 'Token');
  setLink('connecting');
  wake();
}

function openFromAddress() {
  const found = /^#(job-\d+)$/.exec(location.hash);
  if (found) openJob(found[1]);
}

function listen() {
  at('token-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const given = at('token').value.trim();
    if (!given) return;
    keepToken(given);
    at('token').value = '';
    at('token-box').open = false;
    restart();
  });
  at('token-forget').addEventListener('click', () => {
    keepToken('');
    at('token-box').open = false;
    restart();
  });
  at('published-more').addEventListener('click', () => {
    allPublished = !allPublished;
    showPublished(feeds.census.data);
  });
  at('contradictions-more').addEventListener('click', () => {
    allContradictions = !allContradictions;
    showContradictions(feeds.census.data?.contradictions ?? []);
  });
  at('tenant').addEventListener('change', (event) => {
    tenantFilter = event.target.value;
    cursors = [null];
    touchNow('jobs');
  });
  at('newer').addEventListener('click', () => turnPage());
  at('older').addEventListener('click', () => turnPage(at('older').dataset.next));
  at('month-before').addEventListener('click', () => moveMonth(-1));
  at('month-after').addEventListener('click', () => moveMonth(1));
  at('panel-close').addEventListener('click', closeJob);
  at('cancel').addEventListener('click', () => askCancel(true));
  at('cancel-no').addEventListener('click', () => {
    askCancel(false);
    at('cancel').focus();
  });
  at('cancel-yes').addEventListener('click', cancel);
  for (const button of panel.querySelectorAll('[data-stream]')) button.addEventListener('click', () => chooseStream(button.dataset.stream));
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    if (at('token-box').open) at('token-box').open = false;
    else if (panel.open) closeJob();
  });
  document.addEventListener('click', (event) => {
    const box = at('token-box');
    if (box.open && !box.contains(event.target) && !at('banner').contains(event.target)) box.open = false;
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) {
      touch(...Object.keys(feeds));
    } else if (link.state === 'live') {
      link.renew = true;
      link.stream?.abort();
    }
  });
  window.addEventListener('online', wake);
  window.addEventListener('hashchange', () => {
    if (takeTokenFromAddress()) restart();
    else openFromAddress();
  });
  let width = 0;
  new ResizeObserver(([entry]) => {
    if (Math.abs(entry.contentRect.width - width) < 1) return;
    width = entry.contentRect.width;
    showTrend();
  }).observe(at('trend').closest('.who'));
  setInterval(tick, 1000);
  setInterval(() => {
    touch('hub');
    renewSilentStream();
  }, HEARTBEAT_MS);
  setInterval(() => shownJob && runs(shownJob) && touch('log'), 3000); // Output is no event.
}

takeTokenFromAddress();
showStates();
listen();
follow();
openFromAddress();
