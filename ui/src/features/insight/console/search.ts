import { texts } from '@/design/search';

/** What the board of figures shows: the span, and the figure in the chart. */
export const searchOf = texts('span', 'kpi');
export type Search = ReturnType<typeof searchOf>;

export const costSearchOf = texts('month');

export const rowSearchOf = texts('span', 'part');
export type RowSearch = ReturnType<typeof rowSearchOf>;
