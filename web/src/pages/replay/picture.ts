// The picture of a replay, read as numbers. It is an SVG text that is never put into the page: it is parsed apart from it, its curves are
// taken back into the units of its axes, and the page draws them itself, in its own colours and words. Whatever is not as expected
// is not drawn; the picture can be downloaded all the same.

export interface Drawn {
  name: string;
  points: { x: number; y: number }[];
}
/** Devices allocated (%, over days), jobs waiting (over days), jobs that waited longer (%, over hours). */
export interface Picture {
  allocated: Drawn[];
  waiting: Drawn[];
  longer: Drawn[];
}

const TITLES: Record<string, keyof Picture> = { 'devices allocated': 'allocated', 'jobs waiting': 'waiting', 'jobs that waited longer': 'longer' };

interface Tick {
  at: number;
  value: number;
}
interface Panel {
  across: Tick[];
  up: Tick[];
  names: string[];
  curves: string[];
}

/** From a place in the picture to a value: the axis is straight, two of its ticks give it. */
function axis(ticks: readonly Tick[]): ((at: number) => number) | null {
  const first = ticks[0];
  const last = ticks.at(-1);
  if (!first || !last || first.at === last.at) return null;
  const scale = (last.value - first.value) / (last.at - first.at);
  return (at) => first.value + (at - first.at) * scale;
}

function curves(panel: Panel): Drawn[] | null {
  const x = axis(panel.across);
  const y = axis(panel.up);
  if (!x || !y || panel.curves.length === 0 || panel.curves.length !== panel.names.length) return null;
  return panel.curves.map((text, index) => ({
    name: panel.names[index] ?? '',
    points: text.trim().split(/\s+/).map((pair) => {
      const [across = NaN, up = NaN] = pair.split(',').map(Number);
      return { x: Math.max(0, x(across)), y: Math.max(0, y(up)) };
    }).filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y)),
  }));
}

export function readPicture(svg: string): Picture | null {
  const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  if (root.nodeName !== 'svg') return null;
  const panels = new Map<keyof Picture, Panel>();
  let panel: Panel | null = null;
  for (const element of root.children) {
    const number = (name: string): number => Number(element.getAttribute(name));
    if (element.nodeName === 'text') {
      const text = element.textContent?.trim() ?? '';
      const title = TITLES[text];
      if (title && !panels.has(title)) {
        panel = { across: [], up: [], names: [], curves: [] };
        panels.set(title, panel);
        continue;
      }
      if (!panel || element.hasAttribute('transform')) continue;
      const anchor = element.getAttribute('text-anchor');
      const value = Number(text);
      if (anchor === 'start') panel.names.push(text);
      else if (text !== '' && Number.isFinite(value)) (anchor === 'end' ? panel.up : panel.across).push({ at: number(anchor === 'end' ? 'y' : 'x'), value });
    } else if (element.nodeName === 'polyline' && panel) {
      // Axes are black; the samples of the legend are thicker.
      if (element.getAttribute('stroke') !== '#000000' && element.getAttribute('stroke-width') === '1') panel.curves.push(element.getAttribute('points') ?? '');
    }
  }
  const drawn = (name: keyof Picture): Drawn[] | null => {
    const found = panels.get(name);
    return found ? curves(found) : null;
  };
  const [allocated, waiting, longer] = [drawn('allocated'), drawn('waiting'), drawn('longer')];
  return allocated && waiting && longer ? { allocated, waiting, longer } : null;
}
