// Everybody's statements of a period, for operators: what all tenants pay is what all providers receive and the hub's fees.

import { useQuery } from '../../address';
import { at } from '../../api/client';
import type { Schemas } from '../../api/types';
import { words } from '../../i18n';
import en from '../../i18n/en/statements';
import zh from '../../i18n/zh/statements';
import { type Exact, Money, places, sum, useExact } from '../../parts/money';
import { type Column, common, Empty, Figure, known, Mark, Part, SearchBox, Shown, Table } from '../../ui';

const t = words(en, zh);

type All = Exact<Schemas['Statements']>;
type One = All['statements'][number];

/** From so many on a list is searched rather than read. */
const MANY = 20;

/** A quantity over lines; unknown if any of them is. */
const total = (statement: One, of: (line: One['lines'][number]) => number | null | undefined): number | null => {
  const values = statement.lines.map(of);
  return values.every(known) ? values.reduce<number>((whole, value) => whole + (value ?? 0), 0) : null;
};

export function Everybody({ period }: { period: string }) {
  const live = useExact<Schemas['Statements']>(at('/v1/statements/all', { period }), ['money'], { every: 10_000, patience: 60_000 });
  return (
    <Shown of={live} lines={8}>
      {(all) => (all.statements.length === 0 ? <Empty>{t('nothingCharged', { period })}</Empty> : <Totals all={all} />)}
    </Shown>
  );
}

function Totals({ all }: { all: All }) {
  const wide = places([all.paid_yuan, all.received_yuan, all.fee_yuan]);
  const tenants = all.statements.filter((one) => one.kind === 'tenant');
  const providers = all.statements.filter((one) => one.kind === 'provider');
  const paid = sum(tenants.map((one) => one.total_yuan));
  const received = sum(providers.map((one) => one.total_yuan));
  const exact = paid === all.paid_yuan && received === all.received_yuan && paid === received + all.fee_yuan;
  return (
    <>
      <Part title={t('equation')} wide>
        <dl class="statements-equation">
          <div><dt>{t('allPay')}</dt><dd><Money of={all.paid_yuan} unit /></dd></div>
          <div data-sign="="><dt>{t('allReceive')}</dt><dd><Money of={all.received_yuan} unit /></dd></div>
          <div data-sign="+"><dt>{t('fees')}</dt><dd><Money of={all.fee_yuan} unit /></dd></div>
        </dl>
        <p class="statements-proof">{exact ? <Mark shape="tick" tone="malachite">{t('equationHolds')}</Mark> : <Mark shape="cross" tone="cinnabar" strong>{t('equationFails')}</Mark>}</p>
      </Part>
      <Side title={t('tenants')} kind="tenant" rows={tenants} paid={all.paid_yuan} wide={wide} />
      <Side title={t('providers')} kind="provider" rows={providers} paid={all.received_yuan} wide={wide} />
    </>
  );
}

function Side({ title, kind, rows, paid, wide }: { title: string; kind: 'tenant' | 'provider'; rows: readonly One[]; paid: bigint; wide: number }) {
  const query = useQuery();
  const box = `find-${kind}`;
  const wanted = query.get(box).toLowerCase();
  const shown = wanted ? rows.filter((one) => one.name.toLowerCase().includes(wanted)) : rows;
  const digits = Math.max(wide, places(rows.map((one) => one.total_yuan)));
  const columns: Column<One>[] = [
    { id: 'name', head: t(kind), cell: (one) => one.name, name: true, sort: (one) => one.name },
    { id: 'pools', head: t('pools'), cell: (one) => new Set(one.lines.map((line) => line.pool)).size, num: true, narrow: 'hide' },
    { id: 'devices', head: t('deviceHours'), cell: (one) => <Figure value={total(one, (line) => line.device_hours)} />, num: true, sort: (one) => total(one, (line) => line.device_hours) },
    { id: 'cores', head: t('coreHours'), cell: (one) => <Figure value={total(one, (line) => line.core_hours)} />, num: true, sort: (one) => total(one, (line) => line.core_hours) },
    { id: 'energy', head: t('energy'), unit: 'kWh', cell: (one) => <Figure value={total(one, (line) => line.energy_kwh)} />, num: true, sort: (one) => total(one, (line) => line.energy_kwh) },
    { id: 'carbon', head: t('carbon'), unit: 'kg', cell: (one) => <Figure value={total(one, (line) => line.carbon_kg)} />, num: true, sort: (one) => total(one, (line) => line.carbon_kg) },
    { id: 'total', head: t(kind === 'tenant' ? 'pays' : 'receives'), unit: common('yuan'), cell: (one) => <Money of={one.total_yuan} places={digits} />, num: true, sort: (one) => Number(one.total_yuan) },
  ];
  return (
    <Part title={title} wide aside={rows.length > MANY && <SearchBox name={box} label={t('find', { kind: t(kind) })} clears={[]} />}>
      <Table
        caption={title}
        columns={columns}
        rows={shown}
        rowKey={(one) => one.name}
        href={(one) => query.href({ [kind]: one.name, [box]: null, sort: null, providers: null })}
        mark={(one) => String(one.total_yuan)}
        class="statements-table statements-everybody"
        order={kind === 'tenant' ? 'sort' : 'providers'}
        sorted="-total"
        foot={!wanted && (
          <tr role="row">
            <th role="rowheader" scope="row" colSpan={columns.length - 1}>{common('total')}</th>
            <td role="cell" class="num"><Money of={paid} places={digits} /></td>
          </tr>
        )}
      />
    </Part>
  );
}
