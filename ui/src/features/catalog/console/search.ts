import { oneOf, said, text } from '@/design/search';
export const tabs = ['sla', 'words', 'sops', 'prices'] as const;

/** Everything the catalog shows, as it stands in the URL. */
export interface Search {
  /** Services when left out. */
  tab?: (typeof tabs)[number];
  item?: string;
  mode?: string;
  confidence?: string;
  /** A specification, or danger: of the lexicon. */
  spec?: string;
  q?: string;
  sel?: string;
  edit?: '1';
}

/** Reads the URL; what it does not know it leaves out. */
export function searchOf(s: Record<string, unknown>): Search {
  return said({
    tab: oneOf(s.tab, tabs),
    item: text(s.item),
    mode: text(s.mode),
    confidence: text(s.confidence),
    spec: text(s.spec),
    q: text(s.q),
    sel: text(s.sel),
    edit: s.edit ? '1' : undefined,
  });
}

/** What the page of one procedure shows. */
export interface SopSearch {
  /** Version; the published one, or the newest, when left out. */
  v?: string;
  diff?: '1';
}

export const sopSearchOf = (s: Record<string, unknown>): SopSearch => ({
  ...(s.v === undefined ? {} : { v: String(s.v) }),
  ...(s.diff ? { diff: '1' as const } : {}),
});
