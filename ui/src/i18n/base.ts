import { bilingual } from './index';
import { en } from './text.en';
import { zh } from './text.zh';

/** Words of the frame, for the design components and the application shell. */
export const useBase = bilingual(zh, en);
