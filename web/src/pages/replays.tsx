import '../style/pages/replays.css';

import { useEffect, useRef } from 'preact/hooks';

import { useQuery } from '../address';
import { words } from '../i18n';
import en from '../i18n/en/replays';
import zh from '../i18n/zh/replays';
import { StudyTable } from '../parts/studies';
import { Empty, Page, Part } from '../ui';
import { NewReplay } from './replays/new';

const t = words(en, zh);

export default function Replays() {
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
      <Page title={t('newTitle')} crumbs={[{ href: '/replay', text: t('title') }]} lead={t('newLead')}>
        <NewReplay />
      </Page>
    );
  }
  return (
    <Page title={t('title')} lead={t('lead')} aside={<a class="button primary" href="/replay?new=1">{t('newReplay')}</a>}>
      <Part title={t('all')} wide>
        <StudyTable
          kind="replay"
          caption={t('all')}
          empty={<Empty command="shugu replay --trace journal:FOLDER --policy default,fifo">{t('none')} <a href="/replay?new=1">{t('noneDo')}</a></Empty>}
        />
      </Part>
    </Page>
  );
}
