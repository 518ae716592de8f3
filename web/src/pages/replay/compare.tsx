// Policies side by side: in sentences, in figures, in pictures, and with the proof that they are what they are.

import { useMemo } from 'preact/hooks';
import type { ComponentChildren } from 'preact';

import { useQuery } from '../../address';
import { words } from '../../i18n';
import enPolicies from '../../i18n/en/policies';
import en from '../../i18n/en/replay';
import zhPolicies from '../../i18n/zh/policies';
import zh from '../../i18n/zh/replay';
import { CurveChart } from '../../parts/curve';
import { fileName, type Found, saveText } from '../../parts/studies';
import { Command, common, Fact, Facts, format, known, Notice, Part, SelectBox, Time, Unknown } from '../../ui';
import { BarChart } from '../../ui/chart';
import { Change } from './change';
import { type Drawn, readPicture } from './picture';
import { type Group, groups, type ReplayRequest, type ReplayResult, type Run, runsOf } from './result';

const t = words(en, zh);
const of = words(enPolicies, zhPolicies);

type Replay = Found<ReplayRequest, ReplayResult>;

/** With fewer a difference is mostly chance. */
const FEW = 100;

export function Whole({ study, result }: { study: Replay; result: ReplayResult }) {
  const runs = runsOf(result);
  const all = useMemo(() => groups(runs), [result]);
  const chosen = useQuery().get('against');
  const base = all.find(({ run, others }) => run.policy === chosen || others.includes(chosen)) ?? all[0];
  if (!base) return null;
  return (
    <>
      <Says all={all} base={base} runs={runs} />
      <Figures all={all} base={base} />
      <Charts all={all} />
      <OverTime study={study} all={all} />
      <Proof runs={runs} />
    </>
  );
}

// ---------------------------------------------------------------- in sentences

const named = (names: readonly string[]): string => names.join(t('comma'));

function Says({ all, base, runs }: { all: readonly Group[]; base: Group; runs: readonly Run[] }) {
  const { run } = base;
  const finished = run.jobs.finished;
  return (
    <Part title={t('compared')}>
      <div class="replay-says">
        {all.filter((group) => group !== base).map((group) => <p key={group.run.policy} class="study-says"><Sentence run={group.run} base={run} /></p>)}
        {all.filter((group) => group.others.length > 0).map((group) => (
          <p key={group.run.policy} class="study-says">
            {all.length === 1 ? t('onlyAlike') : t.rich('alike', { others: <b>{named(group.others)}</b>, first: <b>{group.run.policy}</b> })}
          </p>
        ))}
        {runs.length === 1 && <p>{t('one')}</p>}
        {finished < FEW && <Notice><p>{t('little')}</p></Notice>}
      </div>
      <Facts>
        <Fact name={t('jobs')}>{format.whole(run.jobs.submitted)}</Fact>
        <Fact name={t('from')}><Time at={run.start} /></Fact>
        <Fact name={t('devices')}>
          {format.whole(run.devices.total)}
          {run.notes.some((note) => note.includes('a device is a core')) && <span class="under">{t('coresAsDevices')}</span>}
        </Fact>
      </Facts>
    </Part>
  );
}

const relative = (value: number | null, before: number | null): number | null => (known(value) && known(before) && before !== 0 ? value / before - 1 : null);
/** As good as nothing. */
const SAME = 0.0005;

function Sentence({ run, base }: { run: Run; base: Run }) {
  const names = { policy: <b>{run.policy}</b>, base: <b>{base.policy}</b>, wait: known(run.wait_s.mean) ? <b>{format.span(run.wait_s.mean)}</b> : <Unknown /> };
  const wait = relative(run.wait_s.mean, base.wait_s.mean);
  const done = relative(run.jct_s.mean, base.jct_s.mean);
  const by = (part: number): ComponentChildren => <span class="nowrap">{format.percent(Math.abs(part))}</span>;
  return (
    <>
      {wait === null || Math.abs(wait) < SAME ? t.rich('waitsSame', names) : t.rich(wait > 0 ? 'waitsLonger' : 'waitsShorter', { ...names, by: by(wait) })}{t('space')}
      {done !== null && <>{Math.abs(done) < SAME ? t('doneSame') : t.rich(done > 0 ? 'doneLater' : 'doneSooner', { by: by(done) })}{t('space')}
        {known(run.fairness_jain) && known(base.fairness_jain)
          ? t('fairness', { fairness: run.fairness_jain.toFixed(3), before: base.fairness_jain.toFixed(3) })
          : t('fairnessUnknown')}</>}
    </>
  );
}

// ---------------------------------------------------------------- in figures

interface Line {
  id: string;
  name: string;
  unit?: string;
  value: (run: Run) => number | null;
  show: (value: number) => string;
  /** Which way is better; none where neither is. */
  good?: 'up' | 'down';
  /** Of the machine, not of the policy: no change is told. */
  machine?: boolean;
}

const span = format.span;
const figure = format.figure;
const whole = format.whole;
const percent = format.percent;

function lines(): { group: string; lines: Line[] }[] {
  const times = (key: 'wait_s' | 'jct_s'): Line[] =>
    (['mean', 'p50', 'p95', 'p99', 'max'] as const).map((name) => ({ id: `${key}-${name}`, name: t(name), value: (run) => run[key][name], show: span, good: 'down' }));
  return [
    { group: t('group.wait'), lines: times('wait_s') },
    { group: t('group.jct'), lines: times('jct_s') },
    {
      group: t('group.use'),
      lines: [
        { id: 'makespan', name: t('makespan'), value: (run) => run.makespan_s, show: span, good: 'down' },
        { id: 'allocated', name: t('allocated'), value: (run) => run.devices.allocated_share_mean, show: percent, good: 'up' },
        { id: 'allocated-end', name: t('allocatedEnd'), value: (run) => run.devices.allocated_share_end, show: percent },
        { id: 'fairness', name: t('fairnessHead'), value: (run) => run.fairness_jain, show: (value) => value.toFixed(3), good: 'up' },
      ],
    },
    {
      group: t('group.cost'),
      lines: [
        { id: 'energy', name: t('energy'), unit: 'kWh', value: (run) => run.energy_kwh, show: figure, good: 'down' },
        { id: 'carbon', name: t('carbon'), unit: 'kg', value: (run) => run.carbon_kg, show: figure, good: 'down' },
        { id: 'cost', name: t('cost'), unit: common('yuan'), value: (run) => run.cost_yuan, show: format.yuan, good: 'down' },
      ],
    },
    {
      group: t('group.jobs'),
      lines: [
        { id: 'submitted', name: t('submitted'), value: (run) => run.jobs.submitted, show: whole },
        { id: 'finished', name: t('finished'), value: (run) => run.jobs.finished, show: whole, good: 'up' },
        { id: 'refused', name: t('refused'), value: (run) => run.jobs.refused, show: whole, good: 'down' },
        { id: 'unplaced', name: t('unplaced'), value: (run) => run.jobs.unplaced, show: whole, good: 'down' },
        { id: 'yielded', name: t('yielded'), value: (run) => run.yielded, show: whole },
      ],
    },
    {
      group: t('group.engine'),
      lines: [
        { id: 'placements', name: t('placements'), value: (run) => run.engine.placements, show: whole },
        { id: 'rounds', name: t('rounds'), value: (run) => run.engine.rounds, show: whole },
        { id: 'rate', name: t('perSecond'), value: (run) => run.engine.placements_per_s, show: whole, machine: true },
      ],
    },
  ];
}

function Figures({ all, base }: { all: readonly Group[]; base: Group }) {
  const names = all.flatMap(({ run, others }) => [run.policy, ...others]);
  return (
    <Part
      title={t('figures')}
      wide
      note={all.length > 1 && t('figuresNote', { base: base.run.policy })}
      aside={all.length > 1 && (
        <SelectBox name="against" label={t('against')} clears={[]} options={names.map((name, index) => ({ value: index === 0 ? '' : name, label: name }))} />
      )}
    >
      <table role="table" class="table sticky replay-figures">
        <caption class="unseen">{t('figures')}</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">{t('figure')}</th>
            {all.map((group) => (
              <th key={group.run.policy} role="columnheader" scope="col" class="num">
                <b title={of.of('policy', group.run.policy)}>{group.run.policy}</b>
                {group !== base && <span class="replay-change" />}
                {group === base && all.length > 1 && <span class="under">{t('base')}</span>}
                {group.others.length > 0 && <span class="under">{t('also', { names: named(group.others) })}</span>}
              </th>
            ))}
          </tr>
        </thead>
        {lines().map(({ group: title, lines: mine }) => (
          <tbody key={title} role="rowgroup">
            <tr role="row" class="replay-group"><th role="rowheader" scope="rowgroup" colSpan={all.length + 1}>{title}</th></tr>
            {mine.map((line) => (
              <tr key={line.id} role="row">
                <th role="rowheader" scope="row">{line.name}{line.unit && <span class="unit"> {line.unit}</span>}</th>
                {all.map((group) => {
                  const value = line.value(group.run);
                  return (
                    <td key={group.run.policy} role="cell" class="num" data-label={group.run.policy}>
                      {known(value) ? <span class="nowrap">{line.show(value)}</span> : <Unknown />}
                      {group !== base && (line.machine ? <span class="replay-change" /> : <Change value={value} before={line.value(base.run)} good={line.good} />)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </Part>
  );
}

// ---------------------------------------------------------------- in pictures

function Charts({ all }: { all: readonly Group[] }) {
  if (all.length < 2) return null;
  const charts: { id: string; title: string; unit?: string; value: (run: Run) => number | null; show: (value: number) => string; most?: number }[] = [
    { id: 'wait', title: t('chart.wait'), value: (run) => run.wait_s.mean, show: span },
    { id: 'p95', title: t('chart.p95'), value: (run) => run.wait_s.p95, show: span },
    { id: 'max', title: t('chart.max'), value: (run) => run.wait_s.max, show: span },
    { id: 'jct', title: t('chart.jct'), value: (run) => run.jct_s.mean, show: span },
    { id: 'makespan', title: t('chart.makespan'), value: (run) => run.makespan_s, show: span },
    { id: 'allocated', title: t('chart.allocated'), value: (run) => run.devices.allocated_share_mean, show: percent, most: 1 },
    { id: 'fairness', title: t('chart.fairness'), value: (run) => run.fairness_jain, show: (value) => value.toFixed(3), most: 1 },
    { id: 'energy', title: t('chart.energy'), unit: 'kWh', value: (run) => run.energy_kwh, show: figure },
    { id: 'carbon', title: t('chart.carbon'), unit: 'kg', value: (run) => run.carbon_kg, show: figure },
    { id: 'cost', title: t('chart.cost'), unit: common('yuan'), value: (run) => run.cost_yuan, show: format.yuan },
  ];
  // What no policy knows, or what is the same under each, needs no picture.
  const telling = charts.filter(({ value }) => {
    const values = all.map(({ run }) => value(run));
    return values.some(known) && new Set(values).size > 1;
  });
  if (telling.length === 0) return null;
  return (
    <Part title={t('charts')} wide>
      <div class="replay-charts">
        {telling.map(({ id, title, unit, value, show, most }) => (
          <BarChart
            key={id}
            title={title}
            unit={unit}
            most={most}
            format={show}
            rows={all.map(({ run }) => ({ key: run.policy, name: run.policy, value: value(run) }))}
          />
        ))}
      </div>
    </Part>
  );
}

const SPANS = [
  { seconds: 1, name: 's', until: 180 },
  { seconds: 60, name: 'min', until: 10_800 },
  { seconds: 3600, name: 'h', until: 259_200 },
  { seconds: 86_400, name: 'd', until: Infinity },
] as const;

/** Curves whose horizontal values are so many seconds each, in a unit that suits how far they reach. */
function inSpans(drawn: readonly Drawn[], seconds: number): { curves: Drawn[]; unit: string } {
  const longest = Math.max(0, ...drawn.flatMap((curve) => curve.points.map((point) => point.x))) * seconds;
  const step = SPANS.find(({ until }) => longest < until) ?? SPANS[3];
  const factor = seconds / step.seconds;
  return { curves: drawn.map((curve) => ({ ...curve, points: curve.points.map(({ x, y }) => ({ x: x * factor, y })) })), unit: step.name };
}

const DAY_S = 86_400;
const HOUR_S = 3600;

function OverTime({ study, all }: { study: Replay; all: readonly Group[] }) {
  const picture = useMemo(() => (study.picture ? readPicture(study.picture) : null), [study.picture]);
  if (!study.picture) return null;
  const svg = study.picture;
  const firsts = new Set(all.map(({ run }) => run.policy));
  const mine = (drawn: readonly Drawn[]): Drawn[] => drawn.filter((curve) => firsts.has(curve.name));
  const download = <button type="button" onClick={() => saveText(`${fileName(study.name)}.svg`, svg, 'image/svg+xml')}>{t('savePicture')}</button>;
  if (!picture) return <Part title={t('overTime')} wide aside={download}><p>{t('noCurves')}</p></Part>;
  const allocated = inSpans(mine(picture.allocated), DAY_S);
  const waiting = inSpans(mine(picture.waiting), DAY_S);
  const longer = inSpans(mine(picture.longer), HOUR_S);
  return (
    <Part title={t('overTime')} wide note={t('overTimeNote')} aside={download}>
      <CurveChart title={t('panel.waiting')} unit={t('unit.jobs')} across={t('sinceStart', { unit: waiting.unit })} as="step" zero height={240} curves={waiting.curves} format={whole} />
      <CurveChart title={t('panel.allocated')} unit="%" across={t('sinceStart', { unit: allocated.unit })} as="step" zero most={100} height={200} curves={allocated.curves} format={(value) => format.tenths(value)} />
      <CurveChart title={t('panel.longer')} unit={t('unit.ofJobs')} across={t('waited', { unit: longer.unit })} as="line" zero most={100} height={200} curves={longer.curves} format={(value) => format.tenths(value)} />
    </Part>
  );
}

// ---------------------------------------------------------------- the proof

function Proof({ runs }: { runs: readonly Run[] }) {
  const notes = [...new Set(runs.flatMap((run) => run.notes))];
  const first = new Map<string, string>();
  for (const run of runs) if (!first.has(run.journal_sha256)) first.set(run.journal_sha256, run.policy);
  return (
    <Part title={t('proof')} note={t('proofNote')}>
      <table role="table" class="table replay-proof">
        <caption class="unseen">{t('proof')}</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">{t('policies')}</th>
            <th role="columnheader" scope="col">{t('proofHead')}, SHA-256</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {runs.map((run) => {
            const same = first.get(run.journal_sha256);
            return (
              <tr key={run.policy} role="row">
                <th role="rowheader" scope="row">{run.policy}<span class="under">{of.of('policy', run.policy)}</span></th>
                <td role="cell" class="narrow-line" data-label={t('proofHead')}>
                  <code class="replay-hash">{run.journal_sha256}</code>
                  {same && same !== run.policy && <span class="under">{t('samePolicy', { first: same })}</span>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {notes.length > 0 && (
        <div>
          <h3>{t('notes')}</h3>
          <ul lang="en">{notes.map((note) => <li key={note}>{note}</li>)}</ul>
        </div>
      )}
      <p class="replay-follow">{t('follow')} <Command text={`shugu up --policy ${runs.find((run) => run.policy !== 'own')?.policy ?? 'default'}`} /></p>
    </Part>
  );
}
