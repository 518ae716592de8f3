import '../style/pages/signin.css';

import { useEffect, useState } from 'preact/hooks';

import { ask, at, Refused } from '../api/client';
import { becomeReader, refused, standing } from '../api/session';
import type { SignIn as Ways } from '../api/types';
import { words } from '../i18n';
import en from '../i18n/en/signin';
import zh from '../i18n/zh/signin';
import { Form, Notice, Page, TextField } from '../ui';

const t = words(en, zh);

const PROBLEMS = ['provider', 'no-role', 'stale'] as const;

/** What the hub sends a browser back with when the identity provider's way did not lead in. */
function problem(): (typeof PROBLEMS)[number] | undefined {
  const told = new URLSearchParams(location.search).get('problem');
  return PROBLEMS.find((known) => known === told);
}

/** Stands in place of any page while nobody is signed in; the address stays, so that signing in leads to where one wanted to go. */
export default function SignIn() {
  const [given, setGiven] = useState('');
  const [oidc, setOidc] = useState<Ways['oidc']>(null);
  useEffect(() => {
    // A hub without that route knows tokens only.
    ask(at<Ways>('/v1/signin')).then((ways) => setOidc(ways.oidc), () => setOidc(null));
  }, []);
  if (standing.value === 'in') return <Page title={t('title')} lead={t('signedIn')} />;

  const trouble = problem();
  const here = location.pathname === '/signin' ? '/' : location.pathname + location.search;
  const signIn = async (): Promise<void> => {
    const tried = given.trim();
    try {
      await ask(at('/v1/hub'), { token: tried });
    } catch (error) {
      if (error instanceof Refused && error.status === 401) throw new Refused(401, error.code, t('bad'), 'token', error.said);
      throw error;
    }
    setGiven('');
    becomeReader(tried);
  };
  return (
    <div class="signin">
      <Page title={t('title')} lead={t('lead')}>
        {refused.value && <Notice>{t('wrong')}</Notice>}
        {trouble && <div role="alert"><Notice tone="cinnabar">{t(`problem.${trouble}`)}</Notice></div>}
        {oidc && (
          <>
            {/* The hub itself answers there: this leaves the page. */}
            <a class="button primary" href={`/signin/start?to=${encodeURIComponent(here)}`} onClick={(event) => event.stopPropagation()}>{t('with', { name: oidc.name })}</a>
            <p class="or">{t('or')}</p>
          </>
        )}
        <Form send={signIn}>
          {(busy) => (
            <>
              <TextField name="token" label={t('token')} type="password" mono value={given} onValue={setGiven} hint={t('tokenHint')} />
              <div class="actions"><button type="submit" class={oidc ? '' : 'primary'} disabled={busy || given.trim() === ''}>{t('use')}</button></div>
              <p class="note">{t('kept')}</p>
            </>
          )}
        </Form>
      </Page>
    </div>
  );
}
