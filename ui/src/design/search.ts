// What a page shows stands in its address. These read one value each; what they do not know they leave out.

type Raw = Record<string, unknown>;

export const text = (v: unknown): string | undefined => {
  const s = typeof v === 'number' ? String(v) : v; // the router reads bare digits as numbers
  return typeof s === 'string' && s !== '' ? s : undefined;
};

export const oneOf = <T extends string>(v: unknown, all: readonly T[]): T | undefined =>
  all.find((x) => x === v);

/** Leaves out what is not said, so that the address stays short. */
export const said = <T extends object>(out: T): T =>
  Object.fromEntries(Object.entries(out).filter(([, v]) => v !== undefined)) as T;

/** Reads plain texts by their names. */
export const texts =
  <K extends string>(...keys: K[]) =>
  (s: Raw): Partial<Record<K, string>> =>
    said(Object.fromEntries(keys.map((k) => [k, text(s[k])])) as Partial<Record<K, string>>);
