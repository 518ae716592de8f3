// The same job from a terminal, to learn from: a command where flags can say it, else a file.

import { useEffect, useState } from 'preact/hooks';

import type { SubmitForm } from '../../parts/bundle';
import { Command } from '../../ui';
import { commandLine, withoutFlag } from './shell';
import { t } from './words';

export function Same({ form }: { form: SubmitForm }) {
  const [asFile, setAsFile] = useState(false);
  const [file, setFile] = useState('');
  const lacking = withoutFlag(form);
  const showFile = asFile || lacking.length > 0;
  useEffect(() => {
    if (!showFile) return undefined;
    let over = false;
    void import('./file').then(({ writeFile }) => {
      if (!over) setFile(writeFile(form));
    });
    return () => {
      over = true;
    };
  }, [showFile, form]);
  return (
    <section class="submit-same">
      <h2>{t('same')}</h2>
      {lacking.length === 0 && (
        <div class="choices" role="radiogroup" aria-label={t('sameAs')}>
          <label class="choice"><input type="radio" name="same" checked={!asFile} onChange={() => setAsFile(false)} /><span>{t('asCommand')}</span></label>
          <label class="choice"><input type="radio" name="same" checked={asFile} onChange={() => setAsFile(true)} /><span>{t('asFile')}</span></label>
        </div>
      )}
      {showFile ? (
        <>
          <p class="note">{lacking.length > 0 ? t.rich('noFlag', { fields: <code>{lacking.join(', ')}</code>, n: lacking.length, file: <code>job.yaml</code> }) : t.rich('saveAs', { file: <code>job.yaml</code> })}</p>
          <Command text={file.trimEnd()} />
          <Command text="shugu submit job.yaml" />
        </>
      ) : (
        <Command text={commandLine(form)} />
      )}
      <p class="note">{t('sameNote')}</p>
    </section>
  );
}
