import { oneOf, said, text } from '@/design/search';
/** Everything the page shows, as it stands in the URL. */
export interface Search {
  show?: 'done' | 'unreached' | 'ratings';
  item?: string;
  low?: '1';
  sel?: string;
}

/** Reads the URL; what it does not know it leaves out. */
export function searchOf(s: Record<string, unknown>): Search {
  return said({
    show: oneOf(s.show, ['done', 'unreached', 'ratings']),
    item: text(s.item),
    low: s.low ? '1' : undefined,
    sel: text(s.sel),
  });
}
