/** Everything the page shows, as it stands in the URL. */
export interface Search {
  show?: 'done' | 'unreached' | 'ratings';
  item?: string;
  low?: '1';
  sel?: string;
}

const text = (v: unknown): string | undefined => (typeof v === 'string' && v !== '' ? v : undefined);

/** Reads the URL; what it does not know it leaves out. */
export function searchOf(s: Record<string, unknown>): Search {
  const out: Search = {
    show: s.show === 'done' || s.show === 'unreached' || s.show === 'ratings' ? s.show : undefined,
    item: text(s.item),
    low: s.low ? '1' : undefined,
    sel: text(s.sel),
  };
  return Object.fromEntries(Object.entries(out).filter(([, v]) => v !== undefined));
}
