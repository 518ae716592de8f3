// What a tenant pays, or a provider receives, for a period: by pool and counterpart. Each line leads to its charges.

import type { ComponentChildren } from 'preact';

import { useQuery } from '../../address';
import { at } from '../../api/client';
import type { Schemas } from '../../api/types';
import { words } from '../../i18n';
import en from '../../i18n/en/statements';
import zh from '../../i18n/zh/statements';
import { type Exact, Money, places, sum, useExact, yuanPlain } from '../../parts/money';
import { common, Count, Counts, Empty, Figure, format, Mark, Page, Part, Table } from '../../ui';
import type { Owner } from '../statements';
import { save } from './save';

const t = words(en, zh);

type Whole = Exact<Schemas['Statement']>;
export type Line = Whole['lines'][number];

export const useStatement = (owner: Owner, period: string) =>
  useExact<Schemas['Statement']>(at('/v1/statements', { [owner.kind]: owner.name, period }), ['money'], { every: 3000, patience: 60_000 });

/** The way back from a statement or its charges. */
export function useCrumbs(owner: Owner, period: string, operator: boolean, within: boolean): { href: string; text: string }[] {
  const query = useQuery();
  const all = query.href({ tenant: null, provider: null, pool: null, with: null, charges: null, pages: null, sort: null });
  const own = query.href({ pool: null, with: null, charges: null, pages: null, sort: null });
  return [...(operator ? [{ href: all, text: t('statementsOf', { period }) }] : []), ...(within ? [{ href: own, text: owner.name }] : [])];
}

function csv(statement: Whole): string {
  const head = ['pool', statement.kind === 'tenant' ? 'provider' : 'tenant', 'jobs', 'device_hours', 'core_hours', 'energy_kwh', 'energy_cost_yuan', 'carbon_kg', 'carbon_at_once_kg', 'carbon_market_kg', 'carbon_market_at_once_kg', 'price_yuan', 'fee_yuan', 'amount_yuan'];
  const money = (amount: bigint | null | undefined): string => (amount === null || amount === undefined ? '' : yuanPlain(amount));
  const rows = statement.lines.map((line) => [
    line.pool, line.counterpart, line.jobs, line.device_hours, line.core_hours, line.energy_kwh, money(line.energy_cost_yuan), line.carbon_kg ?? '', line.carbon_at_once_kg ?? '', line.carbon_market_kg ?? '', line.carbon_market_at_once_kg ?? '',
    money(line.price_yuan), money(line.fee_yuan), money(line.amount_yuan),
  ]);
  return `${[head, ...rows].map((row) => row.join(',')).join('\n')}\n`;
}

export function Statement({ owner, period, operator, chooser, tabs }: {
  owner: Owner;
  period: string;
  operator: boolean;
  chooser: ComponentChildren;
  tabs: ComponentChildren;
}) {
  const query = useQuery();
  const live = useStatement(owner, period);
  const statement = live.data;
  const lines = statement?.lines;
  const provider = owner.kind === 'provider';
  const counterpart = t(provider ? 'tenant' : 'provider');
  const amounts = (lines ?? []).flatMap((line) => [line.price_yuan, line.fee_yuan, line.amount_yuan]);
  const wide = places([...amounts, statement?.total_yuan ?? 0n]);
  const adds = statement !== null && sum(statement.lines.map((line) => line.amount_yuan)) === statement.total_yuan;
  const over = (of: (line: Line) => bigint): bigint => sum((lines ?? []).map(of));
  return (
    <Page
      title={t('statementOf', { name: owner.name, period })}
      heading={<>{owner.name} <small>{t.of('accountKind', owner.kind)}</small></>}
      crumbs={useCrumbs(owner, period, operator, false)}
      lead={t(provider ? 'receivesFor' : 'paysFor', { period })}
      aside={chooser}
    >
      {tabs}
      <Part
        title={t('lines')}
        wide
        note={t('linesNote')}
        aside={statement && statement.lines.length > 0 && (
          <>
            <a class="button" href={query.href({ charges: 'all', sort: null })}>{t('allCharges')}</a>
            <button type="button" onClick={() => save(csv(statement), `${owner.kind}-${owner.name}-${period}.csv`, 'text/csv')}>{t('csv')}</button>
            <button type="button" onClick={() => print()}>{t('print')}</button>
          </>
        )}
      >
        {statement && (
          <Counts>
            <Count name={t(provider ? 'receives' : 'pays')}><Money of={statement.total_yuan} unit /></Count>
          </Counts>
        )}
        <Table
          caption={t('lines')}
          rows={lines}
          live={live}
          rowKey={(line) => `${line.pool} ${line.counterpart}`}
          href={(line) => query.href({ pool: line.pool, with: line.counterpart, sort: null })}
          mark={(line) => String(line.amount_yuan)}
          empty={<Empty>{t('nothingCharged', { period })}</Empty>}
          columns={[
            { id: 'pool', head: t('pool'), cell: (line) => line.pool, name: true, sort: (line) => line.pool },
            { id: 'counterpart', head: counterpart, cell: (line) => line.counterpart, sort: (line) => line.counterpart },
            { id: 'jobs', head: t('jobs'), cell: (line) => format.whole(line.jobs), num: true, sort: (line) => line.jobs },
            { id: 'devices', head: t('deviceHours'), cell: (line) => <Figure value={line.device_hours} />, num: true, sort: (line) => line.device_hours },
            { id: 'cores', head: t('coreHours'), cell: (line) => <Figure value={line.core_hours} />, num: true, sort: (line) => line.core_hours },
            { id: 'energy', head: t('energy'), unit: 'kWh', cell: (line) => <Figure value={line.energy_kwh} />, num: true, sort: (line) => line.energy_kwh },
            { id: 'carbon', head: t('carbon'), unit: 'kg', cell: (line) => <Figure value={line.carbon_kg} />, num: true, sort: (line) => line.carbon_kg },
            { id: 'at-once', head: t('carbonAtOnce'), unit: 'kg', cell: (line) => <Figure value={line.carbon_at_once_kg} />, num: true, sort: (line) => line.carbon_at_once_kg },
            { id: 'price', head: t('price'), unit: common('yuan'), cell: (line) => <Money of={line.price_yuan} places={wide} />, num: true, sort: (line) => Number(line.price_yuan) },
            { id: 'fee', head: t('fee'), unit: common('yuan'), cell: (line) => <Money of={line.fee_yuan} places={wide} />, num: true, sort: (line) => Number(line.fee_yuan) },
            { id: 'amount', head: t(provider ? 'receives' : 'pays'), unit: common('yuan'), cell: (line) => <b><Money of={line.amount_yuan} places={wide} /></b>, num: true, sort: (line) => Number(line.amount_yuan) },
          ]}
          class="statements-table"
          foot={(
            <tr role="row">
              <th role="rowheader" scope="row" colSpan={8}>{common('total')}</th>
              <td role="cell" class="num" data-label={t('price')}><Money of={over((line) => line.price_yuan)} places={wide} /></td>
              <td role="cell" class="num" data-label={t('fee')}><Money of={over((line) => line.fee_yuan)} places={wide} /></td>
              <td role="cell" class="num" data-label={t(provider ? 'receives' : 'pays')}><Money of={statement?.total_yuan} places={wide} /></td>
            </tr>
          )}
        />
        {statement && statement.lines.length > 0 && (
          <p class="statements-proof">
            {adds ? <Mark shape="tick" tone="malachite">{t('linesAdd')}</Mark> : <Mark shape="cross" tone="cinnabar" strong>{t('linesDoNot')}</Mark>}
            <span class="note statements-after">{t(provider ? 'providerNote' : 'tenantNote')}</span>
            {!provider && <span class="note statements-after"><a href={`/tenants/${owner.name}`}>{t('accountOf', { name: owner.name })}</a></span>}
          </p>
        )}
      </Part>
    </Page>
  );
}
