// What a page can tell of a plan's scenario from its text: name, dates, targets, how many things of which kind. Only the hub really
// reads it; whatever is not plain here is left unknown.

/** A number of a scenario, in PFLOPS. */
export interface Range {
  low: number;
  likely: number;
  high: number;
}
/** What computing power counts as: figures of different kinds are never added. */
export interface Kind {
  class: string;
  precision: string;
  sparsity: string;
}
export interface Target extends Kind {
  id: string;
  /** A month: "2027-12". */
  by: string;
  computing: Range | null;
  gross: boolean;
  line: number;
}
export interface Outline {
  name: string;
  census: string;
  start: string;
  periods: number | null;
  months: number;
  targets: Target[];
  /** What each technology and fleet counts as. */
  kinds: Map<string, Kind>;
  fleets: string[];
  technologies: string[];
  sites: string[];
  /** Whether anything is a range. */
  unsure: boolean;
}

const USUAL: Record<string, string> = { intelligent: 'fp16', general: 'fp32', super: 'fp64' };
const FACTORS: Record<string, number> = { TFLOPS: 1e-3, PFLOPS: 1, EFLOPS: 1e3 };

interface Section {
  name: string;
  line: number;
  fields: Map<string, { raw: string; line: number }>;
}

function read(text: string): Section[] {
  const found: Section[] = [{ name: '', line: 1, fields: new Map() }];
  text.split('\n').forEach((line, index) => {
    const head = /^\s*\[\[?\s*([\w.-]+)\s*\]\]?/.exec(line)?.[1];
    if (head) {
      found.push({ name: head, line: index + 1, fields: new Map() });
      return;
    }
    const [, field, raw] = /^\s*([\w-]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (field !== undefined && raw !== undefined) found.at(-1)?.fields.set(field, { raw, line: index + 1 });
  });
  return found;
}

/** The text of a value: `"…"`, or the `is` of a table with a source. */
function stated(raw: string | undefined): string {
  if (raw === undefined) return '';
  const inTable = /^\{.*?\bis\s*=\s*(.*)$/.exec(raw)?.[1];
  return /^"((?:[^"\\]|\\.)*)"|^'([^']*)'/.exec(inTable ?? raw)?.slice(1).find((part) => part !== undefined) ?? '';
}

/** `190 EFLOPS`, `1 .. 2 .. 4 PFLOPS`: as the hub reads it, in PFLOPS. */
export function computing(text: string): Range | null {
  const [, numbers = '', unit = ''] = /^([\d.+\-_\seE]*\d)\s*([TPE]FLOPS)$/.exec(text.trim()) ?? [];
  const factor = FACTORS[unit];
  const parts = numbers.split('..').map((part) => Number(part.trim().replaceAll('_', '')));
  if (factor === undefined || parts.length > 3 || parts.some((part) => !Number.isFinite(part))) return null;
  const [low = 0, middle, high] = parts.map((part) => part * factor);
  if (middle === undefined) return { low, likely: low, high: low };
  return high === undefined ? { low, likely: (low + middle) / 2, high: middle } : { low, likely: middle, high };
}

export function outline(text: string): Outline {
  const all = read(text);
  const top = all[0]?.fields;
  const field = (section: Section | undefined, name: string): string => stated(section?.fields.get(name)?.raw);
  const kind = (section: Section): Kind => {
    const of = field(section, 'class') || 'intelligent';
    return { class: of, precision: field(section, 'precision') || (USUAL[of] ?? ''), sparsity: field(section, 'sparsity') || 'dense' };
  };
  const ids = (name: string): string[] => all.filter((section) => section.name === name).map((section) => field(section, 'id'));
  const number = (name: string): number | null => {
    const raw = /^\d+/.exec(top?.get(name)?.raw ?? '')?.[0];
    return raw === undefined ? null : Number(raw);
  };
  return {
    name: stated(top?.get('name')?.raw),
    census: stated(top?.get('census')?.raw),
    start: /^\d{4}-\d{2}$/.exec(stated(top?.get('start')?.raw))?.[0] ?? '',
    periods: number('periods'),
    months: number('months') ?? 3,
    targets: all.filter((section) => section.name === 'target').map((section) => ({
      ...kind(section),
      id: field(section, 'id'),
      by: /^\d{4}-\d{2}$/.exec(field(section, 'by'))?.[0] ?? '',
      computing: computing(field(section, 'computing')),
      gross: field(section, 'counts') === 'gross',
      line: section.fields.get('by')?.line ?? section.line,
    })),
    kinds: new Map(all.filter(({ name }) => name === 'technology' || name === 'fleet').map((section) => [field(section, 'id'), kind(section)])),
    fleets: ids('fleet'),
    technologies: ids('technology'),
    sites: ids('site'),
    unsure: /["']\s*-?[\d._]+\s*\.\.\s/.test(text),
  };
}

const DATED = /(\b(?:start|by|due|first|last|retire_from|retire_to)\s*=\s*["'])(\d{4})(-\d{2}["'])/g;
const YEAR = /(^|[{,]\s*)(\s*["']?)(\d{4})(["']?\s*=)/g;

/** The same scenario so many years later: its months, and the years of budgets and limits of carbon. Prices and leads stay. */
export function moveDates(text: string, years: number): string {
  let section = '';
  return text.split('\n').map((line) => {
    const comment = /^\s*#/.test(line);
    if (comment) return line;
    section = /^\s*\[\[?\s*([\w.-]+)\s*\]\]?/.exec(line)?.[1] ?? section;
    const moved = line.replace(DATED, (_, before: string, year: string, after: string) => before + (Number(year) + years) + after);
    const yearly = section === 'budget' || section === 'most_carbon' || (section === '' && /^\s*(budget|most_carbon)\s*=/.test(line));
    return yearly ? moved.replace(YEAR, (_, start: string, before: string, year: string, after: string) => start + before + (Number(year) + years) + after) : moved;
  }).join('\n');
}

/** How a plan was asked for. */
export interface PlanRequest {
  scenario: string;
  seconds?: number | null;
  frontier?: number | null;
  probability?: number | null;
  name?: string | null;
}

export const SECONDS = 60;
/** Levels of lateness that are tried for a probability, beyond the first plan. */
const LATER_MOST = 8;

/** How many searches a plan takes at most, and so how long, in seconds: each is stopped after its own time. */
export function effort({ scenario, seconds, frontier, probability }: PlanRequest): { searches: number; seconds: number } {
  const searches = 1 + (outline(scenario).unsure ? 2 : 0) + 3 * (frontier ?? 0) + (probability ? LATER_MOST : 0);
  return { searches, seconds: searches * (seconds ?? SECONDS) };
}
