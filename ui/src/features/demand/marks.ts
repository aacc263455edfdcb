import type { Passage, Understanding } from './api';

/** Why a stretch of a text stands out: it decided, spoke against, names danger, was read as a value, or is shared. */
export type MarkKind = 'danger' | 'for' | 'against' | 'fact' | 'shared';

/** A stretch in characters as Go counts them (runes, not UTF-16 units). */
export interface Mark {
  from: number;
  to: number;
  kind: MarkKind;
}

export interface Segment {
  text: string;
  kind?: MarkKind;
}

/** Where two marks overlap, the earlier kind of this list is shown. */
const rank: readonly MarkKind[] = ['danger', 'for', 'against', 'shared', 'fact'];

/** Cuts a text at its marks. The pieces joined are the text again, whatever the marks. */
export function segments(text: string, marks: readonly Mark[]): Segment[] {
  const runes = Array.from(text);
  const kinds: (MarkKind | undefined)[] = new Array(runes.length);
  for (const m of marks) {
    for (let i = Math.max(0, m.from); i < Math.min(runes.length, m.to); i++) {
      const have = kinds[i];
      if (have === undefined || rank.indexOf(m.kind) < rank.indexOf(have)) kinds[i] = m.kind;
    }
  }
  const out: Segment[] = [];
  for (const [i, r] of runes.entries()) {
    const last = out[out.length - 1];
    if (last && last.kind === kinds[i]) last.text += r;
    else out.push({ text: r, kind: kinds[i] });
  }
  return out;
}

/** Every place where one of the words stands in the text. */
export function locate(text: string, words: readonly string[], kind: MarkKind): Mark[] {
  const runes = Array.from(text);
  const marks: Mark[] = [];
  // a rule that needs several words names them with blanks between
  for (const word of words.flatMap((x) => x.split(/\s+/))) {
    const w = Array.from(word);
    if (w.length === 0) continue;
    for (let i = 0; i + w.length <= runes.length; i++) {
      if (w.every((r, j) => runes[i + j] === r)) marks.push({ from: i, to: i + w.length, kind });
    }
  }
  return marks;
}

/** The text that spans and passages are counted in: title, newline, body. */
export const whole = (d: { title: string; text: string }): string =>
  [d.title, d.text].filter(Boolean).join('\n');

/** The marks of an understanding in the text it was read from. */
export function marksOf(text: string, u: Understanding): Mark[] {
  const words = u.words ?? [];
  return [
    ...locate(text, u.danger ?? [], 'danger'),
    ...locate(
      text,
      words.filter((w) => w.weight > 0).map((w) => w.text),
      'for',
    ),
    ...locate(
      text,
      words.filter((w) => w.weight < 0).map((w) => w.text),
      'against',
    ),
    ...(u.spans ?? []).map((s): Mark => ({ from: s.from, to: s.to, kind: 'fact' })),
  ];
}

/** What two texts share, marked in the other text by its words. */
export const sharedIn = (text: string, shared: readonly Passage[]): Mark[] =>
  locate(
    text,
    shared.map((p) => p.text),
    'shared',
  );
