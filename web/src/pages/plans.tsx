import '../style/pages/plans.css';

import { useEffect, useRef } from 'preact/hooks';

import { useQuery } from '../address';
import { words } from '../i18n';
import en from '../i18n/en/plans';
import zh from '../i18n/zh/plans';
import { StudyTable } from '../parts/studies';
import { Empty, Page, Part } from '../ui';
import { NewPlan } from './plans/new';

const t = words(en, zh);

export default function Plans() {
  const query = useQuery();
  const makes = query.get('new') !== '';
  const before = useRef(makes);
  useEffect(() => {
    // List and form have one path: the focus follows as between pages.
    if (before.current !== makes) document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    before.current = makes;
  }, [makes]);
  if (makes) {
    return (
      <Page title={t('newTitle')} crumbs={[{ href: '/plan', text: t('title') }]} lead={t('newLead')}>
        <NewPlan />
      </Page>
    );
  }
  return (
    <Page title={t('title')} lead={t('lead')} aside={<a class="button primary" href="/plan?new=1">{t('newPlan')}</a>}>
      <Part title={t('all')} wide>
        <StudyTable
          kind="plan"
          caption={t('all')}
          empty={<Empty command="shugu plan SCENARIO.toml">{t('none')} <a href="/plan?new=1">{t('noneDo')}</a></Empty>}
        />
      </Part>
    </Page>
  );
}
