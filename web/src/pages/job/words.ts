import { words } from '../../i18n';
import en from '../../i18n/en/job';
import zh from '../../i18n/zh/job';

export const t = words(en, zh);
