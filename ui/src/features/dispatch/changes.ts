import { clock, count, millis, moment, startOfDay } from '@/design/format';
import type { Change, Cost, Outcome, Preview, Reason, Relaxation } from './api';
import type { Text } from './text';
import { minutes, type Names } from './words';

/** A sentence about a price; `warn` when somebody's promise pays for it. */
export interface PriceLine {
  text: string;
  warn?: boolean;
}

/** How doors are written on plates. */
export type DoorOf = (place: string) => string;

/** +6 · −84 · 0, with a real minus. */
export function signed(v: number): string {
  const n = Math.round(v);
  return n > 0 ? `+${count(n)}` : n < 0 ? `−${count(-n)}` : '0';
}

/** A moment of the day spoken of by its hour alone, any other with its day. */
function when(t: string | undefined, now: number): string {
  const ms = millis(t);
  if (ms === undefined) return '';
  return startOfDay(ms) === startOfDay(now) ? clock(ms) : moment(ms, now);
}

/** Who and when, before and after. `day` is the moment whose day needs no name. */
export function changeSides(c: Change, t: Text, day: number): { before: string; after: string } {
  const side = (name: string | undefined, start: string | undefined, none: string) =>
    name ? [name, when(start, day)].filter(Boolean).join(' ') : none;
  return {
    before: side(c.from_name, c.from_start, t.change.waited),
    after: side(c.to_name, c.to_start, t.change.waits),
  };
}

/** What pays for the change: nothing, or the resident's promise. */
export function promiseWord(c: Change, t: Text): string | undefined {
  if (!c.promise) return undefined;
  return c.to_worker ? t.change.promise : t.change.lost;
}

/** Changes in the order a person wants to see them: promises first, then what was told, then by time. */
export function sortChanges(changes: readonly Change[]): Change[] {
  const rank = (c: Change) => (c.promise ? 0 : c.told ? 1 : 2);
  const at = (c: Change) => millis(c.from_start ?? c.to_start) ?? 0;
  return [...changes].sort((a, b) => rank(a) - rank(b) || at(a) - at(b));
}

/** 改动 4 单，其中已告知 0 单；要改约定 1 单 */
export function outcomeLine(o: Pick<Outcome, 'changes'>, t: Text): string {
  if (o.changes.length === 0) return t.change.none;
  const n = (f: (c: Change) => boolean) => o.changes.filter(f).length;
  const promises = n((c) => c.promise);
  const unserved = n((c) => c.from_worker !== undefined && c.to_worker === undefined);
  return [
    t.change.line(count(o.changes.length), count(n((c) => c.told))),
    ...(promises > 0 ? [t.change.promises(count(promises))] : []),
    ...(unserved > 0 ? [t.change.unserved(count(unserved))] : []),
  ].join(t.comma);
}

export interface CostLine {
  name: string;
  /** The difference, signed, with its unit; a bare 0 where nothing changes. */
  change: string;
  /** Both figures, when they differ. */
  detail?: string;
  /** Somebody has to wait longer or gets nobody; more travel alone is no warning. */
  worse: boolean;
}

/** The cost of a plan in words, against the one before: 总路程 −84 分，超时 0. */
export function costLines(before: Cost, after: Cost, t: Text): CostLine[] {
  const sum = (c: Cost) => c.unserved.reduce((a, b) => a + b, 0);
  const line = (name: string, a: number, b: number, unit: (v: string) => string, warns = true): CostLine => {
    const d = Math.round(b) - Math.round(a);
    return {
      name,
      change: d === 0 ? '0' : unit(signed(d)),
      detail: d === 0 ? undefined : t.cost.fromTo(count(a), unit(count(b))),
      worse: warns && d > 0,
    };
  };
  return [
    line(t.cost.travel, before.travel_min, after.travel_min, t.cost.min, false),
    line(t.cost.late, before.late_min, after.late_min, t.cost.min),
    line(t.cost.broken, before.broken, after.broken, t.cost.orders),
    line(t.cost.unserved, sum(before), sum(after), t.cost.orders),
  ];
}

const has = (reasons: readonly Reason[] | undefined, code: string) =>
  reasons?.some((r) => r.code === code) ?? false;

/**
 * The price of giving an order to somebody, split into words: the way, lateness, continuity of care,
 * and whose promise it would take. Nothing when there is no way at all. `current` are the reasons
 * for whoever has it now, `order` is the one that is given.
 */
export function pricePreview(
  p: Preview,
  current: readonly Reason[] | undefined,
  door: DoorOf,
  t: Text,
  order = '',
  now = 0,
): PriceLine[] {
  const o = p.option;
  const out: PriceLine[] = [];
  if (o) {
    const way = Math.round(o.travel_min);
    out.push({
      text: way > 0 ? t.price.more(count(way)) : way < 0 ? t.price.less(count(-way)) : t.price.same,
    });
    out.push(
      o.late_min > 0 ? { text: t.price.late(minutes(o.late_min)), warn: true } : { text: t.price.onTime },
    );
    if (has(o.reasons, 'preferred')) out.push({ text: t.price.asked });
    if (has(o.reasons, 'same-carer')) out.push({ text: t.price.kept });
    else if (has(current, 'same-carer')) out.push({ text: t.price.cut, warn: true });
  }
  for (const c of sortChanges(p.changes)) {
    if (c.order === order) {
      if (c.promise) out.push({ text: t.price.ownPromise(when(c.to_start, now)), warn: true });
      continue;
    }
    out.push(
      c.promise
        ? { text: t.price.displaces(door(c.place)), warn: true }
        : { text: t.price.moves(door(c.place)) },
    );
  }
  if (o && o.broken > 0 && !p.changes.some((c) => c.promise))
    out.push({ text: t.broken(count(o.broken)), warn: true });
  return out;
}

/** What could give way, as the words of a button. `door` is that of the order that would be displaced. */
export function relaxWords(
  r: Relaxation,
  door: string | undefined,
  names: Names,
  t: Text,
  now: number,
): string {
  const w = t.relax;
  const name = r.name ?? (r.worker ? names.worker(r.worker) : '');
  const n = count(Math.abs(r.value));
  const start = when(r.option?.start, now);
  const and = (words: string) => (start ? `${words}${t.comma}${w.at(start)}` : words);
  switch (r.kind) {
    case 'window':
      return (r.value < 0 ? w.earlier : w.window)(n, name, start);
    case 'level':
      return and(r.skill ? w.level(n, names.skill(r.skill), name) : w.levelAny(n, name));
    case 'overtime':
      return and(w.overtime(name, n));
    case 'exclusion':
      return and(w.exclusion(name));
    case 'displace':
      return and(door ? w.displace(door, name) : w.displaceAny(name));
  }
}

/** What changes when it gives way: the sentence one confirms. */
export function relaxEffect(r: Relaxation, door: string, names: Names, t: Text, now: number): string {
  const w = t.relax.changes;
  const name = r.name ?? (r.worker ? names.worker(r.worker) : '');
  const n = count(Math.abs(r.value));
  switch (r.kind) {
    case 'window':
      return (r.value < 0 ? w.earlier : w.window)(n, when(r.option?.start, now));
    case 'level':
      return w.level(n);
    case 'overtime':
      return w.overtime(name, n);
    case 'exclusion':
      return w.exclusion(name);
    case 'displace':
      return w.displace(door);
  }
}
