import { words } from '../i18n';
import en from '../i18n/en/common';
import zh from '../i18n/zh/common';

/** The words that every page may need. */
export const common = words(en, zh);
