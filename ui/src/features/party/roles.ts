import type { Lang } from '@/i18n';
import type { Module } from './api';

/** One who acts, with the parts played in each module, in the order of the modules. */
export interface Row {
  who: string;
  name: string;
  cells: { part: string; note: string }[][];
}

/** What stands in brackets at the end of a name: 社区党组织（绩效） → 绩效. */
export const inBrackets = (name: string): string => /[（(]([^（()）]+)[）)]\s*$/.exec(name)?.[1] ?? '';

/**
 * The collaboration table turned around: one row for everyone who acts, those accountable
 * first. An actor is called by the register's name, others by the table's own.
 */
export function rolesOf(
  modules: readonly Module[],
  names: readonly { code: string; zh: string; en: string }[],
  lang: Lang,
): Row[] {
  const rows = new Map<string, Row>();
  for (const [i, m] of modules.entries()) {
    for (const a of m.acts) {
      const known = names.find((n) => n.code === a.who);
      const row = rows.get(a.who) ?? {
        who: a.who,
        name: known?.[lang] ?? (a[lang].replace(/[（(][^（()）]+[）)]\s*$/, '').trim() || a[lang]),
        cells: modules.map(() => []),
      };
      row.cells[i]?.push({ part: a.part, note: inBrackets(a[lang]) });
      rows.set(a.who, row);
    }
  }
  const weight = (r: Row) =>
    r.cells.flat().reduce((n, c) => n + ({ A: 1000, R: 100, C: 10, I: 1 }[c.part] ?? 0), 0);
  return [...rows.values()].sort((a, b) => weight(b) - weight(a));
}
