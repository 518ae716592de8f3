import { words } from '../../i18n';
import en from '../../i18n/en/submit';
import zh from '../../i18n/zh/submit';

export const t = words(en, zh);
