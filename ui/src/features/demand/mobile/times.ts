import { startOfDay } from '@/design/format';

export type Part = 'morning' | 'noon' | 'afternoon' | 'evening';

/** The parts of a day one may wish for, in hours of Shanghai time. */
export const parts: Record<Part, [from: number, to: number]> = {
  morning: [9, 11],
  noon: [11, 13],
  afternoon: [14, 17],
  evening: [18, 20],
};

const hour = 3600_000;

/** The moments of a part of a day; `day` counts from today. */
export function windowOf(day: number, part: Part, now: number): { from: string; to: string } {
  const start = startOfDay(now) + day * 24 * hour;
  const [a, b] = parts[part];
  return { from: new Date(start + a * hour).toISOString(), to: new Date(start + b * hour).toISOString() };
}

/** A part that ends within the hour is no wish anymore. */
export const gone = (day: number, part: Part, now: number): boolean =>
  Date.parse(windowOf(day, part, now).to) - hour < now;
