import { texts } from '@/design/search';

/** What the map shows is in its address. */
export const searchOf = texts('item', 'window', 'res', 'view', 'cell');
export type Search = ReturnType<typeof searchOf>;
