import { texts } from '@/design/search';

/** What the page of facilities shows; day counts from today, for the slots beside the list. */
export const searchOf = texts('kind', 'q', 'sel', 'day');
export type Search = ReturnType<typeof searchOf>;
