import { useSyncExternalStore } from 'react';

/** The languages of the product. Chinese is the source, English is complete or does not compile. */
export type Lang = 'zh' | 'en';

const key = 'linli.lang';
const listeners = new Set<() => void>();
let current: Lang = stored() ?? 'zh';

function stored(): Lang | undefined {
  try {
    const v = localStorage.getItem(key);
    return v === 'zh' || v === 'en' ? v : undefined;
  } catch {
    return undefined; // storage is blocked: the choice lasts for this page only
  }
}

/** The language in use, for code outside of components. */
export function getLang(): Lang {
  return current;
}

/** Switches the language of every text on the page and remembers it in this browser. */
export function setLang(lang: Lang): void {
  current = lang;
  try {
    localStorage.setItem(key, lang);
  } catch {}
  stampLang();
  for (const f of listeners) f();
}

/** Takes the language of the signed-in person unless this browser was told otherwise. */
export function adoptLang(lang: string | undefined): void {
  if (!stored() && (lang === 'zh' || lang === 'en') && lang !== current) setLang(lang);
}

/** Writes the language into the document, where screen readers and hyphenation look for it. */
export function stampLang(): void {
  document.documentElement.lang = current === 'zh' ? 'zh-CN' : 'en';
}

/** The language in use; the component renders again when it changes. */
export function useLang(): Lang {
  return useSyncExternalStore(subscribe, getLang);
}

function subscribe(f: () => void): () => void {
  listeners.add(f);
  return () => listeners.delete(f);
}
