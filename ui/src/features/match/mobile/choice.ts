import type { CatalogSpec } from '@/api/names';
import { clock, dayWord, startOfDay, weekday } from '@/design/format';
import type { SlotDay } from '@/design/mobile/Field';
import type { Facility, Slot } from '../api';
import { bookable, byDay, meters } from '../hours';
import type { zh } from '../text.zh';

/** Services that some facility in use offers, in the order of the catalog. */
export function offered(specs: readonly CatalogSpec[], facilities: readonly Facility[]): CatalogSpec[] {
  const known = new Set(facilities.filter((f) => f.active).flatMap((f) => f.specs));
  // Nobody books a place in an emergency shelter ahead of the emergency.
  return specs.filter((s) => s.mode === 'facility' && s.item !== 'emergency' && !s.off && known.has(s.code));
}

/** The same by item: 健身, 文化, 助餐 … each with what it offers. */
export function byItem(specs: readonly CatalogSpec[]): { item: string; specs: CatalogSpec[] }[] {
  const by = new Map<string, CatalogSpec[]>();
  for (const s of specs) by.set(s.item, [...(by.get(s.item) ?? []), s]);
  return [...by].map(([item, list]) => ({ item, specs: list }));
}

export interface Near {
  facility: Facility;
  meters?: number;
}

/** Facilities for a service, the nearest to home first. */
export function nearFirst(
  facilities: readonly Facility[],
  spec: string,
  home: { lng: number; lat: number } | undefined,
): Near[] {
  return facilities
    .filter((f) => f.active && f.specs.includes(spec))
    .map((facility) => ({ facility, meters: meters(home, facility.at) }))
    .sort(
      (a, b) => (a.meters ?? 0) - (b.meters ?? 0) || a.facility.name.localeCompare(b.facility.name, 'zh'),
    );
}

/** Days to choose from: full slots stay and say so, those that began are gone; days without any are left out. */
export function daysOf(slots: readonly Slot[], now: number, t: (typeof zh)['h']): SlotDay[] {
  return byDay(slots.filter((s) => Date.parse(s.start) > now && !s.closed))
    .filter((d) => d.slots.length > 0)
    .map((d) => ({
      day: String(d.day),
      title:
        d.day - startOfDay(now) < 2 * 86_400_000
          ? dayWord(d.day, now)
          : `${weekday(d.day)} ${shortDay(d.day)}`,
      slots: d.slots.map((s) => ({
        value: s.start,
        title: clock(s.start),
        note: bookable(s, now) ? t.left(String(s.capacity - s.booked)) : t.full,
        disabled: !bookable(s, now),
      })),
    }));
}

/** 24 日, without the month: only the next days are offered. */
function shortDay(day: number): string {
  return String(new Date(day + 8 * 3_600_000).getUTCDate());
}
