import { getLang, type Lang, useLang } from './lang';

export * from './lang';

/** A catalog in both languages: a hook inside components, `.now()` elsewhere, `.both` for tests. */
export interface Catalog<T> {
  (): T;
  now(): T;
  both: Record<Lang, T>;
}

/**
 * Joins the two halves of a catalog. `zh` is the source of the type, so a missing or
 * misspelled English text is a compile error. Texts with figures are functions:
 * `left: (n: number) => \`还有 ${n} 单\``.
 */
export function bilingual<T extends object>(zh: T, en: NoInfer<T>): Catalog<T> {
  const both = { zh, en };
  const use = () => both[useLang()];
  return Object.assign(use, { now: () => both[getLang()], both });
}

/** Picks the side of a pair that the server sent in both languages; Chinese stands in for a missing English. */
export function pick(pair: { zh?: string; en?: string } | undefined, lang: Lang): string {
  return (lang === 'en' ? pair?.en || pair?.zh : pair?.zh) ?? '';
}
