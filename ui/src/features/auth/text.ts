import { bilingual } from '@/i18n';
import { en } from './text.en';
import { zh } from './text.zh';

export const useText = bilingual(zh, en);
