import { type Moment, millis } from '@/design/format';

const shanghai = 8 * 3600_000;

/** A moment as an input of the browser writes it, always in Shanghai time: 2026-11-23T14:30. Empty for "not yet". */
export function toWall(t: Moment): string {
  const ms = millis(t);
  return ms === undefined ? '' : new Date(ms + shanghai).toISOString().slice(0, 16);
}

/** The moment behind such an input, as the API takes it; undefined when nothing usable is written. */
export function fromWall(wall: string): string | undefined {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(wall) ? Date.parse(`${wall}:00Z`) : Number.NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms - shanghai).toISOString();
}
