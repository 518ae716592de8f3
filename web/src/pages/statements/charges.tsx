// The charges behind a line: each bill of an attempt, and each correction, which says which bill it puts right. From each one leads on
// to its job and to everything that the journal says about it.

import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';

import { useQuery } from '../../address';
import { at, download } from '../../api/client';
import type { Schemas } from '../../api/types';
import { words } from '../../i18n';
import en from '../../i18n/en/statements';
import zh from '../../i18n/zh/statements';
import { type Exact, Money, places, sum, useExact } from '../../parts/money';
import { type Column, common, Empty, Fact, Facts, Figure, format, Mark, Nothing, Page, Pager, Part, Problem, Span, Table, Time, Unknown, usePage } from '../../ui';
import type { Owner } from '../statements';
import { Contest } from './disputes';
import { type Line, useCrumbs, useStatement } from './statement';

const t = words(en, zh);

type Charge = Exact<Schemas['ChargeView']>;
type Dispute = Schemas['DisputeView'];

/** So many on a page. */
const PAGE = 100;

export function Charges({ owner, period, disputes, chooser, operator }: {
  owner: Owner;
  period: string;
  disputes: readonly Dispute[];
  chooser: ComponentChildren;
  operator: boolean;
}) {
  const query = useQuery();
  const { after, number } = usePage();
  const pool = query.get('pool');
  const other = query.get('with');
  const all = pool === '';
  const provider = owner.kind === 'provider';
  const sides = provider ? { provider: owner.name, tenant: other } : { tenant: owner.name, provider: other };
  const live = useExact<Schemas['ChargeList']>(at('/v1/charges', { period, ...sides, pool, after, limit: String(PAGE) }), ['money'], { every: 3000, patience: 60_000 });
  const statement = useStatement(owner, period);
  const lines = (statement.data?.lines ?? []).filter((line) => all || (line.pool === pool && (other === '' || line.counterpart === other)));
  const charges = live.data?.charges;
  // Everything is here: then it can be compared with the statement.
  const whole = number === 1 && live.data !== null && (live.data.next ?? null) === null && !live.old;
  return (
    <Page
      title={t('chargesOf', { name: owner.name, period })}
      heading={all ? t('allCharges') : <>{pool} <small>{other && t(provider ? 'forTenant' : 'ofProvider', { name: other })}</small></>}
      crumbs={useCrumbs(owner, period, operator, true)}
      lead={t('chargesLead', { name: owner.name, period })}
      aside={chooser}
    >
      <Part title={t('charges')} wide note={t('chargesNote')}>
        {lines.length > 0 && <Totals lines={lines} charges={whole ? charges : undefined} />}
        <List charges={charges} live={live} period={period} disputes={disputes} showPool={all} counterpart={all || other === '' ? (provider ? 'tenant' : 'provider') : null} />
        <Pager next={live.data?.next} />
      </Part>
      <Contest />
    </Page>
  );
}

/** What the statement says of these charges, and whether they add up to it. */
function Totals({ lines, charges }: { lines: readonly Line[]; charges: readonly Charge[] | undefined }) {
  const price = sum(lines.map((line) => line.price_yuan));
  const fee = sum(lines.map((line) => line.fee_yuan));
  const adds = charges && sum(charges.map((charge) => charge.price_yuan)) === price && sum(charges.map((charge) => charge.fee_yuan)) === fee;
  const total = (of: (line: Line) => number): number => lines.reduce((whole, line) => whole + of(line), 0);
  return (
    <>
      <Facts>
        <Fact name={t('price')}><Money of={price} unit /></Fact>
        <Fact name={t('fee')}><Money of={fee} unit /></Fact>
        <Fact name={t('deviceHours')}><Figure value={total((line) => line.device_hours)} /></Fact>
        <Fact name={t('coreHours')}><Figure value={total((line) => line.core_hours)} /></Fact>
        {lines.length === 1 && <Fact name={t('jobs')}>{format.whole(lines[0]?.jobs ?? 0)}</Fact>}
        {charges && (
          <Fact name={t('compared')}>
            {adds ? <Mark shape="tick" tone="malachite">{t('chargesAdd')}</Mark> : <Mark shape="cross" tone="cinnabar" strong>{t('chargesDoNot')}</Mark>}
          </Fact>
        )}
      </Facts>
    </>
  );
}

/** A difference of a correction; nothing where it changed nothing. */
const Changed = ({ charge, value }: { charge: Charge; value: number | null | undefined }) => {
  if (!format.known(value)) return <Unknown />;
  if (charge.corrects === null || charge.corrects === undefined) return <Figure value={value} />;
  if (value === 0) return <Nothing />;
  return <span class="nowrap">{value > 0 && '+'}{format.figure(value)}</span>;
};

function List({ charges, live, period, disputes, showPool, counterpart }: {
  charges: readonly Charge[] | undefined;
  live: { error: Error | null; loading: boolean; old: boolean; again: () => void };
  period: string;
  disputes: readonly Dispute[];
  showPool: boolean;
  counterpart: 'tenant' | 'provider' | null;
}) {
  const query = useQuery();
  const [trouble, setTrouble] = useState<unknown>(null);
  const here = useMemo(() => new Set((charges ?? []).map((charge) => charge.entry)), [charges]);
  // What is contested is the bill of an attempt, as its newest correction left it.
  const newest = useMemo(() => {
    const found = new Map<string, number>();
    for (const { job, attempt, entry } of charges ?? []) found.set(`${job} ${attempt}`, Math.max(entry, found.get(`${job} ${attempt}`) ?? 0));
    return new Set(found.values());
  }, [charges]);
  const contested = useMemo(() => new Map(disputes.filter((one) => !one.settled_at).map((one) => [`${one.job} ${one.attempt}`, one.id])), [disputes]);
  const wide = {
    price: places((charges ?? []).map((charge) => charge.price_yuan)),
    fee: places((charges ?? []).map((charge) => charge.fee_yuan)),
  };
  const bring = async (job: string): Promise<void> => {
    setTrouble(null);
    try {
      await download(at('/v1/jobs/{id}/bundle', { id: job }), `${job}-facts.json`);
    } catch (caught) {
      setTrouble(caught);
    }
  };
  const money = (charge: Charge, amount: bigint, digits: number) => (
    correction(charge) && amount === 0n ? <Nothing /> : <Money of={amount} places={digits} signed={correction(charge)} />
  );
  const columns: (Column<Charge> | null)[] = [
    { id: 'entry', head: t('entry'), cell: (charge) => <Entry charge={charge} here={here} />, class: 'statements-entry' },
    { id: 'job', head: t('job'), cell: (charge) => <><a class="mono nowrap" href={`/jobs/${charge.job}`}>{charge.job}</a> {charge.job_name}{charge.attempt > 1 && <span class="unit"> {t('attempt', { n: charge.attempt })}</span>}</>, name: true, class: 'statements-job' },
    { id: 'at', head: t('at'), cell: (charge) => <Time at={charge.at} />, narrow: 'line', class: 'statements-when' },
    showPool || counterpart
      ? {
        id: 'pool',
        head: showPool ? (counterpart ? t('poolAnd', { other: t(`small.${counterpart}`) }) : t('pool')) : t(counterpart ?? 'tenant'),
        cell: (charge) => <>{showPool && charge.pool}{counterpart && <span class={showPool ? 'under' : undefined}>{charge[counterpart]}</span>}</>,
      }
      : null,
    { id: 'run', head: t('ran'), cell: (charge) => <Ran charge={charge} />, num: true },
    { id: 'devices', head: t('deviceHours'), cell: (charge) => <Changed charge={charge} value={charge.device_hours} />, num: true },
    { id: 'cores', head: t('coreHours'), cell: (charge) => <Changed charge={charge} value={charge.core_hours} />, num: true },
    { id: 'energy', head: t('energy'), unit: 'kWh', cell: (charge) => <Energy charge={charge} />, num: true },
    { id: 'carbon', head: t('carbon'), unit: 'kg', cell: (charge) => <Changed charge={charge} value={charge.carbon_kg} />, num: true },
    {
      id: 'price',
      head: t('price'),
      unit: common('yuan'),
      cell: (charge) => (
        <>
          {money(charge, charge.price_yuan, wide.price)}
          {charge.credit_yuan !== 0n && <span class="under">{t('byCredit')} {money(charge, charge.credit_yuan, 0)}</span>}
        </>
      ),
      num: true,
    },
    { id: 'fee', head: t('fee'), unit: common('yuan'), cell: (charge) => money(charge, charge.fee_yuan, wide.fee), num: true },
    {
      id: 'do',
      head: t('facts'),
      narrow: 'line',
      cell: (charge) => {
        const dispute = contested.get(`${charge.job} ${charge.attempt}`);
        return (
          <span class="statements-do">
            <button type="button" class="plain" aria-label={t('bundleOf', { job: charge.job })} title={t('bundleWhat')} onClick={() => void bring(charge.job)}>{t('bundle')}</button>
            {!newest.has(charge.entry) ? null : dispute !== undefined
              ? <a href={query.href({ tab: 'disputes' })} aria-label={t('contestedAs', { n: dispute })}>{t('contested')}</a>
              : <a href={query.href({ contest: charge.job, attempt: charge.attempt })} aria-label={t('contestOf', { job: charge.job })}>{t('contest')}</a>}
          </span>
        );
      },
    },
  ];
  return (
    <>
      {trouble !== null && <Problem error={trouble} alert />}
      <Table
        caption={t('charges')}
        columns={columns}
        rows={charges}
        live={live as never}
        rowKey={(charge) => charge.entry}
        class="statements-charges"
        empty={<Empty>{t('nothingCharged', { period })}</Empty>}
      />
      <p class="note">{t('energyNote')}</p>
    </>
  );
}

const correction = (charge: Charge): boolean => charge.corrects !== null && charge.corrects !== undefined;

/** The entry of the journal; of a correction, which bill it corrects. */
function Entry({ charge, here }: { charge: Charge; here: ReadonlySet<number> }) {
  return (
    <span id={`entry-${charge.entry}`}>
      <span class="mono">{charge.entry}</span>
      <span class="under">
        {!correction(charge) ? t('bill') : t.rich('corrects', {
          entry: here.has(charge.corrects ?? 0) ? <a href={`#entry-${charge.corrects}`}>{charge.corrects}</a> : charge.corrects,
        })}
      </span>
    </span>
  );
}

function Ran({ charge }: { charge: Charge }) {
  if (!correction(charge)) return <Span seconds={charge.run_s} />;
  if (charge.run_s === 0) return <Nothing />;
  return <span class="nowrap">{charge.run_s < 0 ? '−' : '+'}{format.span(Math.abs(charge.run_s))}</span>;
}

/** How it is known stands below it: what was read of a meter is not what was reckoned. */
function Energy({ charge }: { charge: Charge }) {
  if (charge.energy_source === 'unknown') return <Unknown />;
  return (
    <>
      <span class="nowrap">{charge.energy_source === 'modelled' && !correction(charge) && '≈ '}<Changed charge={charge} value={charge.energy_kwh} /></span>
      {!(correction(charge) && charge.energy_kwh === 0) && <span class="under">{t.of('energySource', charge.energy_source)}</span>}
    </>
  );
}
