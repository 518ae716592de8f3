// Budgets and credits: what operators lay down about a tenant's money.

import { useState } from 'preact/hooks';

import { at } from '../../api/client';
import { offset } from '../../api/hub';
import { changed } from '../../api/live';
import type { Schemas } from '../../api/types';
import { words } from '../../i18n';
import en from '../../i18n/en/tenant';
import zh from '../../i18n/zh/tenant';
import { decimal, type Exact, filled, millionths, send, yuanPlain, yuanText } from '../../parts/money';
import { CheckField, common, Form, format, Notice, TextField } from '../../ui';

const t = words(en, zh);

type Budget = Exact<Schemas['BudgetView']>;

/** An instant on the hub's wall clock as a field takes it, and back. */
const onWall = (instant: string): string => {
  const at = Date.parse(instant);
  return `${format.day(at)}T${format.clock(at, false)}`;
};
function instant(field: string): string | null {
  if (field === '') return null;
  const minutes = offset.peek();
  const size = Math.abs(minutes);
  return `${field}:00${minutes < 0 ? '-' : '+'}${format.two(Math.floor(size / 60))}:${format.two(size % 60)}`;
}

export function BudgetForm({ name, budget, onClose }: { name: string; budget: Budget | null; onClose: () => void }) {
  const [amount, setAmount] = useState(budget ? yuanPlain(budget.amount_yuan).replace(/\.0+$/, '') : '');
  const [warn, setWarn] = useState(budget ? String(budget.warn) : '0.8');
  const [begun] = useState(budget?.until ? onWall(budget.until) : '');
  const [until, setUntil] = useState(begun);
  const [monthly, setMonthly] = useState(Boolean(budget?.renews));
  const save = async (): Promise<void> => {
    await send(at('/v1/tenants/{name}/budget', { name }), 'PUT', {
      amount_yuan: decimal('amount_yuan', amount),
      warn: decimal('warn', warn),
      // What nobody touched stays to the millisecond.
      until: until === begun && budget?.until ? budget.until : instant(until),
      monthly,
    });
    changed('tenant', 'money');
    onClose();
  };
  return (
    <Form send={save}>
      {(busy) => (
        <>
          <div class="row">
            <TextField name="amount_yuan" label={t('amount')} unit={common('yuan')} type="number" value={amount} onValue={setAmount} hint={t('amountHint')} />
            <TextField name="warn" label={t('warnFrom')} type="number" value={warn} onValue={setWarn} hint={t('warnHint')} />
          </div>
          <CheckField name="monthly" label={t('monthly')} value={monthly} onValue={setMonthly} hint={t('monthlyHint')} />
          <TextField name="until" label={t('untilField')} unit={format.zone()} type="datetime-local" value={until} onValue={setUntil} hint={t('untilHint')} />
          {budget && <Notice tone="azurite"><p>{t('budgetBegins')}</p></Notice>}
          <div class="actions">
            <button type="submit" class="primary" disabled={busy}>{t('setBudget')}</button>
            <button type="button" onClick={onClose}>{common('cancel')}</button>
          </div>
        </>
      )}
    </Form>
  );
}

/** A credit cannot be taken back, so what is about to be given is said once more before. */
export function CreditForm({ name, onClose }: { name: string; onClose: () => void }) {
  const [amount, setAmount] = useState('');
  const [until, setUntil] = useState('');
  const [reason, setReason] = useState('');
  const [sure, setSure] = useState(false);
  const edit = (change: (value: string) => void) => (value: string): void => {
    setSure(false);
    change(value);
  };
  const give = async (): Promise<void> => {
    const fields = { amount_yuan: decimal('amount_yuan', amount), until: instant(until), reason: filled('reason', reason) };
    if (!sure) {
      setSure(true);
      return;
    }
    await send(at('/v1/tenants/{name}/credits', { name }), 'POST', fields);
    changed('tenant', 'money');
    onClose();
  };
  return (
    <Form send={give}>
      {(busy) => (
        <>
          <TextField name="amount_yuan" label={t('amount')} unit={common('yuan')} type="number" value={amount} onValue={edit(setAmount)} hint={t('creditHint')} />
          <TextField name="until" label={t('creditUntil')} unit={format.zone()} type="datetime-local" value={until} onValue={edit(setUntil)} hint={t('creditUntilHint')} />
          <TextField name="reason" label={t('reason')} value={reason} onValue={edit(setReason)} hint={t('reasonHint')} />
          <div role="status">
            {sure && <Notice><p>{t('creditSure', { name, amount: yuanText(millionths(amount.trim())) })}</p></Notice>}
          </div>
          <div class="actions">
            <button type="submit" class="primary" disabled={busy}>{sure ? t('creditGive', { amount: yuanText(millionths(amount.trim())) }) : t('giveCredit')}</button>
            <button type="button" onClick={onClose}>{common('cancel')}</button>
          </div>
        </>
      )}
    </Form>
  );
}
