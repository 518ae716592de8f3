// What was charged, as files for other programs.

import { useState } from 'preact/hooks';

import { at, download } from '../../api/client';
import { words } from '../../i18n';
import en from '../../i18n/en/statements';
import zh from '../../i18n/zh/statements';
import { Command, Part, Problem } from '../../ui';

const t = words(en, zh);

const FORMATS = [
  { format: 'focus', file: 'focus', ending: 'csv' },
  { format: 'parquet', file: 'charges', ending: 'parquet' },
] as const;

export function Exports({ period }: { period: string }) {
  return <>{FORMATS.map((one) => <Export key={one.format} {...one} period={period} />)}</>;
}

function Export({ format, file, ending, period }: { format: 'focus' | 'parquet'; file: string; ending: string; period: string }) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<unknown>(null);
  const name = `${file}-${period}.${ending}`;
  const bring = async (): Promise<void> => {
    setBusy(true);
    setTrouble(null);
    try {
      await download(at('/v1/exports/{format}', { format, period }), name);
    } catch (caught) {
      setTrouble(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Part title={t(`export.${format}`)}>
      <p class="statements-export">{t(`exportWhat.${format}`)}</p>
      {trouble !== null && <Problem error={trouble} alert />}
      <p class="actions"><button type="button" class="primary" disabled={busy} onClick={() => void bring()}>{busy ? t('exporting') : t('exportTo', { name })}</button></p>
      <p class="note">{t('asCommand')} <Command text={`shugu export ${format} --period ${period} --out ${name}`} /></p>
    </Part>
  );
}
