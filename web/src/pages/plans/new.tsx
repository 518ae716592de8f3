// Asking for a plan: a text, how long to look, and what else to look for.

import { computed, signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';

import { useGo, useQuery } from '../../address';
import { ask, at, Refused } from '../../api/client';
import { now } from '../../api/hub';
import { changed, useLive } from '../../api/live';
import { reader } from '../../api/session';
import { words } from '../../i18n';
import en from '../../i18n/en/plans';
import zh from '../../i18n/zh/plans';
import { flopsText } from '../../parts/amounts';
import { begin } from '../../parts/begin';
import { toldOf } from '../../parts/fault';
import { effort, moveDates, outline, type PlanRequest, SECONDS } from '../../parts/scenario';
import type { Found } from '../../parts/studies';
import { type Fault, TomlField } from '../../parts/toml';
import { CheckField, Confirm, Fact, Facts, Form, format, known, Notice, Problem, SelectField, Skeleton, TextField } from '../../ui';

const t = words(en, zh);

const OWN = 'own';
const EXAMPLE = 'example';
const POINTS = 5;
const SURE = 90;

interface Draft {
  /** Which of the texts to begin with it was. */
  source: string;
  /** The same with what else was asked for by the address. */
  key: string;
  original: string;
  text: string;
  name: string;
  seconds: string;
  trade: boolean;
  points: string;
  sure: boolean;
  probability: string;
  /** By how many years its dates were moved. */
  moved: number;
}

/** What is being written: it stays while the reader looks at other pages, and is forgotten with the reader. */
const draft = signal<Draft | null>(null);
reader.subscribe(() => {
  draft.value = null;
});

const today = computed(() => format.day(now.value));

const blank = (source: string, text: string): Draft => ({
  source,
  key: source,
  original: text,
  text,
  name: '',
  seconds: String(SECONDS),
  trade: false,
  points: String(POINTS),
  sure: false,
  probability: String(SURE),
  moved: 0,
});

function fromRequest(source: string, request: PlanRequest, sure: string, longer: string): Draft {
  const probability = sure ? Number(sure) / 100 : request.probability;
  return {
    ...blank(source, request.scenario),
    key: `${source} ${sure} ${longer}`,
    name: request.name ?? '',
    seconds: longer || String(request.seconds ?? SECONDS),
    trade: known(request.frontier),
    points: String(request.frontier ?? POINTS),
    sure: known(probability),
    probability: String(known(probability) ? Math.round(probability * 1000) / 10 : SURE),
  };
}

/** A short example whose dates lie ahead. */
function example(): string {
  const start = format.monthAfter(today.peek().slice(0, 7), 1);
  return t('example', { start, by: format.monthAfter(start, 11) });
}

export function NewPlan() {
  const query = useQuery();
  const from = query.get('from');
  const chosen = query.get('scenario');
  const scenarios = useLive(at('/v1/scenarios'), []);
  const before = useLive(from ? at('/v1/studies/{id}', { id: from }) : null, ['study']);
  const [asks, setAsks] = useState<string | null>(null);
  const current = draft.value;

  // What the address asks to begin with; null while it is read, or where the text is the reader's own.
  const study = before.data as unknown as Found<PlanRequest, unknown> | null;
  const original = useMemo((): Draft | null => {
    if (from) return study?.kind === 'plan' ? fromRequest(`from:${from}`, study.request, query.get('sure'), query.get('seconds')) : null;
    if (chosen === OWN) return draft.peek() === null ? blank(OWN, '') : null;
    if (chosen === EXAMPLE) return blank(EXAMPLE, example());
    const shipped = scenarios.data?.scenarios.find((one) => one.name === chosen) ?? scenarios.data?.scenarios[0];
    return shipped ? blank(`shipped:${shipped.name}`, shipped.text) : null;
  }, [from, chosen, study, scenarios.data, query]);
  useEffect(() => {
    if (original && draft.peek()?.key !== original.key) draft.value = original;
  }, [original, current === null]);

  const trouble = from ? before.error : chosen === OWN || chosen === EXAMPLE ? null : scenarios.error;
  if (!current && trouble) return <Problem error={trouble} again={from ? before.again : scenarios.again} />;
  if (!current) return <Skeleton lines={10} />;

  const change = (values: Partial<Draft>): void => {
    draft.value = { ...current, ...values };
  };
  const edited = current.text !== current.original;
  const beginWith = (source: string): void => {
    // The text is forgotten here, and taken anew from what the address then asks for.
    if (source !== OWN) draft.value = null;
    if (source.startsWith('from:')) query.set({ from: source.slice(5), scenario: null, sure: null, seconds: null }, true);
    else query.set({ from: null, sure: null, seconds: null, scenario: source.replace('shipped:', '') }, true);
  };
  const options = [
    ...(from ? [{ value: `from:${from}`, label: t('asked', { name: study?.name ?? `#${from}` }) }] : []),
    ...(scenarios.data?.scenarios ?? []).map((one) => ({ value: `shipped:${one.name}`, label: one.name })),
    { value: EXAMPLE, label: t('outline') },
    { value: OWN, label: t('own') },
  ];
  return (
    <>
      {/* Another text is another form: what was found wrong with the one before does not hold. */}
      <PlanForm
        key={`${current.key} ${current.moved}`}
        draft={current}
        change={change}
        source={(
          <SelectField
            name="begin"
            label={t('beginWith')}
            value={current.source}
            options={options}
            onValue={(source) => (edited && source !== OWN ? setAsks(source) : beginWith(source))}
          />
        )}
        onFile={(file, text) => {
          draft.value = { ...current, source: OWN, key: OWN, original: text, text, name: outline(text).name ? '' : file.replace(/\.toml$/i, ''), moved: 0 };
          query.set({ from: null, sure: null, seconds: null, scenario: OWN }, true);
        }}
      />
      <Confirm
        open={asks !== null}
        title={t('replaceAsk')}
        action={t('replaceDo')}
        keep={t('replaceKeep')}
        danger
        onYes={async () => {
          if (asks !== null) beginWith(asks);
        }}
        onClose={() => setAsks(null)}
      >
        {t('replaceSays')}
      </Confirm>
    </>
  );
}

const sentNumber = (text: string): number | string => {
  const number = Number(text.trim());
  return text.trim() !== '' && Number.isFinite(number) ? number : text;
};

function requestOf(draft: Draft): PlanRequest {
  return {
    name: draft.name.trim() || outline(draft.text).name || undefined,
    scenario: draft.text,
    seconds: sentNumber(draft.seconds) as number,
    frontier: draft.trade ? sentNumber(draft.points) as number : undefined,
    probability: draft.sure ? Number(draft.probability) / 100 : undefined,
  };
}

function PlanForm({ draft: current, change, source, onFile }: {
  draft: Draft;
  change: (values: Partial<Draft>) => void;
  source: ComponentChildren;
  onFile: (name: string, text: string) => void;
}) {
  const go = useGo();
  const [fault, setFault] = useState<Fault | null>(null);
  const [past, setPast] = useState(false);
  const plan = outline(current.text);
  const edited = current.text !== current.original;

  const send = async (): Promise<void> => {
    setFault(null);
    setPast(false);
    const sure = Number(current.probability);
    if (current.sure && !(sure >= 1 && sure <= 99)) throw new Refused(400, 'wrong_input', t('sureRange'), 'probability', {});
    const begun = await begin({ kind: 'plan', ...requestOf(current) });
    const told = begun.error ? toldOf('scenario.toml', begun.error) : null;
    if (told) {
      // It was refused for its text: the study is of no use, the text is put right here.
      await ask(at('/v1/studies/{id}', { id: begun.id }), { method: 'DELETE' });
      changed('study');
      if (told.line !== null) setFault({ line: told.line });
      setPast(told.text.includes('lies before today'));
      const where = [told.line !== null && `line ${told.line}`, told.field].filter(Boolean).join(', ');
      throw new Refused(422, 'wrong_input', `${where ? `${where}: ` : ''}${told.text}`, 'scenario', {});
    }
    changed('study');
    draft.value = null;
    go(`/plan/${begun.id}`);
  };
  const edit = (text: string): void => {
    setFault(null);
    change({ text });
  };
  const cost = effort(requestOf(current));
  return (
    <Form send={send} class="plans-form">
      {(busy) => (
        <>
          <div class="plans-text">
            <div class="plans-source">
              {source}
              {edited && (
                <p>
                  <span class="note">{t('changed')}</span>{' '}
                  <button type="button" class="plain" onClick={() => change({ text: current.original, moved: 0 })}>{t('startOver')}</button>
                </p>
              )}
            </div>
            <TomlField
              name="scenario"
              label={t('scenario')}
              hint={t('scenarioHint')}
              value={current.text}
              onValue={edit}
              onFile={onFile}
              fault={fault}
              rows={30}
            />
          </div>
          <div class="plans-side">
            <Dates draft={current} past={past} change={change} />
            <TextField name="name" label={t('name')} hint={t('nameHint')} value={current.name} placeholder={plan.name} onValue={(name) => change({ name })} />
            <TextField
              name="seconds"
              label={t('seconds')}
              unit={t('secondsUnit')}
              hint={t('secondsHint')}
              type="number"
              value={current.seconds}
              onValue={(seconds) => change({ seconds })}
            />
            <div class="plans-option">
              <CheckField name="trade" label={t('trade')} hint={t('tradeHint')} value={current.trade} onValue={(trade) => change({ trade })} />
              {current.trade && <TextField name="frontier" label={t('tradeLabel')} type="number" value={current.points} onValue={(points) => change({ points })} />}
            </div>
            <div class="plans-option">
              <CheckField name="sure" label={t('sure')} hint={t('sureHint')} value={current.sure} onValue={(sure) => change({ sure })} />
              {current.sure && (
                <TextField name="probability" label={t('sureLabel')} unit="%" type="number" value={current.probability} onValue={(probability) => change({ probability })} />
              )}
            </div>
            <div class="plans-run">
              <button type="submit" class="primary" disabled={busy || current.text.trim() === ''}>{t('run')}</button>
              <p class="note" role="status">
                {busy ? t('checking') : Number.isFinite(cost.seconds) && t('takes', { n: cost.searches, span: format.span(cost.seconds) })}
              </p>
              <p class="note">{t('takesNote')}</p>
            </div>
            <Reads text={current.text} />
          </div>
        </>
      )}
    </Form>
  );
}

/** Dates that are over, and a way out. */
function Dates({ draft: current, past, change }: { draft: Draft; past: boolean; change: (values: Partial<Draft>) => void }) {
  const plan = outline(current.text);
  const month = today.value.slice(0, 7);
  const late = plan.targets.find((target) => target.by !== '' && target.by < month);
  const started = plan.start !== '' && plan.start < month;
  if (current.moved > 0 && !late && !started && !past) {
    return <Notice tone="malachite"><p role="status">{t('moved', { n: current.moved, start: plan.start })}</p></Notice>;
  }
  if (!late && !started && !past) return null;
  const base = plan.start || late?.by || month;
  let years = 1;
  while (years < 50 && format.monthAfter(base, years * 12) < month) years += 1;
  return (
    <Notice tone={late || past ? 'cinnabar' : 'ochre'}>
      <p>{late ? t('targetPast', { by: late.by }) : t('startPast', { start: plan.start, today: today.value })}</p>
      <button type="button" onClick={() => change({ text: moveDates(current.text, years), moved: current.moved + years })}>{t('move', { n: years })}</button>
      <p class="note">{t.rich('moveNote', { command: <code>shugu plan FILE.toml --at {plan.start || 'DATE'}{plan.start && '-01'}</code> })}</p>
    </Notice>
  );
}

/** The scenario in a few facts, so that a slip is seen before it is sent. */
function Reads({ text }: { text: string }) {
  const plan = useMemo(() => outline(text), [text]);
  const months = plan.periods === null ? null : plan.periods * plan.months;
  return (
    <section class="plans-reads" aria-label={t('reads')}>
      <h2>{t('reads')}</h2>
      <Facts>
        {plan.start !== '' && months !== null && (
          <Fact name={t('horizon')} wide>
            {t('horizonIs', { start: plan.start, end: format.monthAfter(plan.start, months - 1) })}
            <span class="under">{t('periods', { n: plan.periods ?? 0, months: plan.months })}</span>
          </Fact>
        )}
        <Fact name={t('target')} wide>
          {plan.targets.length === 0 ? t('noTarget') : plan.targets.map((target, index) => (
            <span key={index} class="plans-line">
              {target.computing && target.by ? t('targetIs', { amount: flopsText(target.computing.likely), by: target.by }) : target.id}
            </span>
          ))}
        </Fact>
        <Fact name={t('sites')}>{format.whole(plan.sites.length)}</Fact>
        <Fact name={t('technologies')}>{format.whole(plan.technologies.length)}</Fact>
        {plan.fleets.length > 0 && <Fact name={t('fleets')}>{plan.fleets.join(', ')}</Fact>}
        {plan.census && <Fact name={t('census')}>{plan.census}</Fact>}
      </Facts>
    </section>
  );
}
