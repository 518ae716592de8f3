// The book: every account that moved in a period, and the proof that nothing came from nowhere.

import { useQuery } from '../../address';
import { at } from '../../api/client';
import type { Schemas } from '../../api/types';
import { words } from '../../i18n';
import en from '../../i18n/en/statements';
import zh from '../../i18n/zh/statements';
import { type Exact, Money, places, sum, useExact } from '../../parts/money';
import { type Column, common, Count, Counts, Empty, format, Mark, Part, Shown, Table } from '../../ui';

const t = words(en, zh);

type Whole = Exact<Schemas['BookView']>;
type Account = Whole['accounts'][number];

/** In this order they are looked at. */
const KINDS = ['tenant', 'provider', 'hub', 'credit', 'grants'];
const place = (account: Account): number => (KINDS.indexOf(account.kind) + KINDS.length + 1) % (KINDS.length + 1);

export function Book({ period }: { period: string }) {
  const live = useExact<Schemas['BookView']>(at('/v1/books', { period }), ['money'], { every: 10_000, patience: 60_000 });
  return (
    <Shown of={live} lines={8}>
      {(book) => (book.accounts.length === 0 ? <Empty>{t('nothingMoved', { period })}</Empty> : <Accounts book={book} period={period} />)}
    </Shown>
  );
}

function Accounts({ book, period }: { book: Whole; period: string }) {
  const query = useQuery();
  const accounts = book.accounts.toSorted((one, other) => place(one) - place(other));
  const received = sum(accounts.map((account) => account.received_yuan));
  const paid = sum(accounts.map((account) => account.paid_yuan));
  const balance = sum(accounts.map((account) => account.balance_yuan));
  const proven = balance === 0n && book.balance_yuan === 0n && received === paid;
  const wide = places(accounts.flatMap((account) => [account.received_yuan, account.paid_yuan, account.balance_yuan]));
  const link = (account: Account): string | null =>
    account.kind === 'tenant' ? query.href({ tab: null, tenant: account.name }) : account.kind === 'provider' ? query.href({ tab: null, provider: account.name })
      : account.kind === 'credit' ? `/tenants/${account.name}` : null;
  const columns: Column<Account>[] = [
    {
      id: 'name',
      head: t('accountName'),
      cell: (account) => {
        const to = link(account);
        const text = account.kind === 'hub' || account.kind === 'grants' ? t(`account.${account.kind}`) : account.name;
        return to ? <a class="quiet" href={to}>{text}</a> : text;
      },
      name: true,
      sort: (account) => account.name,
    },
    { id: 'kind', head: t('accountKind'), cell: (account) => t.of('accountKind', account.kind), sort: (account) => place(account) },
    { id: 'received', head: t('received'), unit: common('yuan'), cell: (account) => <Money of={account.received_yuan} places={wide} />, num: true, sort: (account) => Number(account.received_yuan) },
    { id: 'paid', head: t('paid'), unit: common('yuan'), cell: (account) => <Money of={account.paid_yuan} places={wide} />, num: true, sort: (account) => Number(account.paid_yuan) },
    { id: 'balance', head: t('balance'), unit: common('yuan'), cell: (account) => <b><Money of={account.balance_yuan} places={wide} signed /></b>, num: true, sort: (account) => Number(account.balance_yuan) },
  ];
  return (
    <Part title={t('bookOf', { period })} wide note={t('bookNote')}>
      <Counts>
        <Count name={t('sumOfBalances')}><Money of={balance} unit /></Count>
        <Count name={t('accounts')}>{format.whole(accounts.length)}</Count>
        <Count name={t('postings')}>{format.whole(book.postings)}</Count>
      </Counts>
      <p class="statements-proof">{proven ? <Mark shape="tick" tone="malachite">{t('proven')}</Mark> : <Mark shape="cross" tone="cinnabar" strong>{t('notProven')}</Mark>}</p>
      <Table
        caption={t('bookOf', { period })}
        columns={columns}
        rows={accounts}
        rowKey={(account) => account.account}
        mark={(account) => String(account.balance_yuan)}
        class="statements-table"
        foot={(
          <tr role="row">
            <th role="rowheader" scope="row" colSpan={2}>{t('sum')}</th>
            <td role="cell" class="num" data-label={t('received')}><Money of={received} places={wide} /></td>
            <td role="cell" class="num" data-label={t('paid')}><Money of={paid} places={wide} /></td>
            <td role="cell" class="num" data-label={t('balance')}><Money of={balance} places={wide} /></td>
          </tr>
        )}
      />
    </Part>
  );
}
