import { getLang } from '@/i18n';
import { useBase } from '@/i18n/base';
import { serverNow } from './clock';

/** A moment as the API sends it: RFC 3339, milliseconds since 1970, or a Date. Empty and 0 mean "not yet". */
export type Moment = string | number | Date | null | undefined;

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** All business time is Shanghai time, wherever the browser stands; Shanghai has no summer time. */
const shanghai = 8 * hour;

const zh = () => getLang() === 'zh';
const two = (n: number) => String(n).padStart(2, '0');

/** Milliseconds since 1970, or undefined for "not yet" and for what is no moment. */
export function millis(t: Moment): number | undefined {
  if (t === null || t === undefined || t === '' || t === 0) return undefined;
  const ms = typeof t === 'number' ? t : typeof t === 'string' ? Date.parse(t) : t.getTime();
  // Go prints its zero time as year 1
  return Number.isFinite(ms) && ms > -6e13 ? ms : undefined;
}

function parts(ms: number) {
  const d = new Date(ms + shanghai);
  return {
    year: d.getUTCFullYear(),
    month: d.getUTCMonth() + 1,
    date: d.getUTCDate(),
    weekday: d.getUTCDay(),
    hour: d.getUTCHours(),
    minute: d.getUTCMinutes(),
    second: d.getUTCSeconds(),
    dayNo: Math.floor((ms + shanghai) / day),
  };
}

/** 1,089 */
export function count(n: number | null | undefined): string {
  return n === null || n === undefined ? '—' : Math.round(n).toLocaleString('en-US');
}

/** A plain figure with at most `digits` decimals: 12.3 */
export function figure(n: number | null | undefined, digits = 1): string {
  return n === null || n === undefined
    ? '—'
    : n.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: 0 });
}

/** Share of one as a percentage with one decimal: 0.917 → 91.7% */
export function percent(share: number | null | undefined, digits = 1): string {
  return share === null || share === undefined ? '—' : `${(share * 100).toFixed(digits)}%`;
}

/** Change between two shares: +2.1 个百分点 */
export function points(change: number): string {
  const v = change * 100;
  const s = `${v > 0 ? '+' : ''}${v.toFixed(1)}`;
  return zh() ? `${s} 个百分点` : `${s} pp`;
}

/** Amount from fen for cells whose header says 元: 1,234.50 */
export function yuan(fen: number | null | undefined): string {
  return fen === null || fen === undefined
    ? '—'
    : (fen / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** Headline amount from fen with its unit: 126.4 万元, or 12.50 元 when small. */
export function amount(fen: number): string {
  if (Math.abs(fen) >= 1_000_000) {
    return zh() ? `${(fen / 1_000_000).toFixed(1)} 万元` : `¥${(fen / 100_000).toFixed(1)}k`;
  }
  return useBase.now().price(yuan(fen));
}

/** Length of time in whole words: 不到 1 分 · 4 分 · 1 小时 20 分 · 3 天 */
export function duration(ms: number): string {
  const m = Math.floor(Math.abs(ms) / minute);
  if (m < 1) return zh() ? '不到 1 分' : '< 1 min';
  if (m < 60) return zh() ? `${m} 分` : `${m} min`;
  const h = Math.floor(m / 60);
  if (h < 48) {
    const rest = m % 60;
    if (zh()) return rest ? `${h} 小时 ${rest} 分` : `${h} 小时`;
    return rest ? `${h} h ${rest} min` : `${h} h`;
  }
  const d = Math.floor(h / 24);
  return zh() ? `${d} 天` : `${d} d`;
}

/** 16:08 */
export function clock(t: Moment): string {
  const ms = millis(t);
  if (ms === undefined) return '—';
  const p = parts(ms);
  return `${two(p.hour)}:${two(p.minute)}`;
}

/** 16:08:31 */
export function seconds(t: Moment): string {
  const ms = millis(t);
  return ms === undefined ? '—' : `${clock(ms)}:${two(parts(ms).second)}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The day in words relative to the server's today: 今天 · 昨天 · 11 月 20 日 · 2025-11-20 */
export function dayWord(t: Moment, now = serverNow()): string {
  const ms = millis(t);
  if (ms === undefined) return '—';
  const p = parts(ms);
  const today = parts(now);
  const base = useBase.now();
  if (p.dayNo === today.dayNo) return base.today;
  if (p.dayNo === today.dayNo - 1) return base.yesterday;
  if (p.dayNo === today.dayNo + 1) return base.tomorrow;
  if (p.year === today.year) return zh() ? `${p.month} 月 ${p.date} 日` : `${p.date} ${months[p.month - 1]}`;
  return isoDay(ms);
}

/** 2025-11-20 */
export function isoDay(t: Moment): string {
  const ms = millis(t);
  if (ms === undefined) return '—';
  const p = parts(ms);
  return `${p.year}-${two(p.month)}-${two(p.date)}`;
}

/** 今天 16:08 · 昨天 09:20 · 11 月 20 日 16:08 · 2025-11-20 */
export function moment(t: Moment, now = serverNow()): string {
  const ms = millis(t);
  if (ms === undefined) return '—';
  if (parts(ms).year !== parts(now).year) return isoDay(ms);
  return `${dayWord(ms, now)} ${clock(ms)}`;
}

/** For the audit trail: 2026-11-23 16:08:31 */
export function exact(t: Moment): string {
  const ms = millis(t);
  return ms === undefined ? '—' : `${isoDay(ms)} ${seconds(ms)}`;
}

/** A span on one day: 今天 14:00–16:00; an open end is left out. */
export function span(from: Moment, to: Moment, now = serverNow()): string {
  const a = millis(from);
  const b = millis(to);
  if (a === undefined && b === undefined) return '—';
  if (a === undefined) return zh() ? `${moment(b, now)} 前` : `by ${moment(b, now)}`;
  if (b === undefined) return zh() ? `${moment(a, now)} 起` : `from ${moment(a, now)}`;
  if (parts(a).dayNo === parts(b).dayNo) return `${moment(a, now)}–${clock(b)}`;
  return `${moment(a, now)} – ${moment(b, now)}`;
}

/** How an elder reads a time: 下午 4:20 */
export function spoken(t: Moment): string {
  const ms = millis(t);
  if (ms === undefined) return '—';
  const p = parts(ms);
  const h12 = p.hour % 12 === 0 ? 12 : p.hour % 12;
  if (!zh()) return `${h12}:${two(p.minute)} ${p.hour < 12 ? 'am' : 'pm'}`;
  const half =
    p.hour < 6 ? '凌晨' : p.hour < 11 ? '上午' : p.hour < 13 ? '中午' : p.hour < 18 ? '下午' : '晚上';
  return `${half} ${h12}:${two(p.minute)}`;
}

/** 周一 */
export function weekday(t: Moment): string {
  const ms = millis(t);
  if (ms === undefined) return '—';
  const d = parts(ms).weekday;
  return zh() ? `周${'日一二三四五六'[d]}` : (['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][d] as string);
}

/** 320 米 · 1.2 公里 */
export function distance(meters: number | null | undefined): string {
  if (meters === null || meters === undefined) return '—';
  if (meters < 1000) return zh() ? `${Math.round(meters)} 米` : `${Math.round(meters)} m`;
  return zh() ? `${(meters / 1000).toFixed(1)} 公里` : `${(meters / 1000).toFixed(1)} km`;
}

/** 1.2 MB */
export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  if (n < 1024 * 1024) return `${Math.round(n / 1024)} kB`;
  return `${(n / 1024 / 1024).toFixed(1)} MB`;
}

/** Start of the Shanghai day that holds t, in milliseconds. */
export function startOfDay(t: number): number {
  return Math.floor((t + shanghai) / day) * day - shanghai;
}

/** Minutes since the start of the Shanghai day. */
export function minuteOfDay(t: number): number {
  return (t - startOfDay(t)) / minute;
}

/**
 * An address as it stands on a door plate: 康乐路17号1单元304室 → 康乐路 17-1-304. What is no such
 * address stays as it is.
 */
export function plateLabel(address: string): string {
  const m = address.trim().match(/^(\D+?)\s*(\d+)\s*[号弄](?:楼)?(?:\s*(\d+)\s*单元)?(?:\s*(\d+)\s*室?)?$/);
  return m ? `${m[1]} ${[m[2], m[3], m[4]].filter(Boolean).join('-')}` : address;
}

/** How a place path looks on a door plate: "…/003/康乐/3/1/502" → "康乐 3-1-502". */
export function plateOf(place: string | undefined, estate?: string): string {
  const s = (place ?? '').split('/');
  if (s.length < 3) return estate ?? place ?? '—';
  const house = s.slice(3).join('-');
  const name = estate ?? s[2] ?? '';
  return house ? `${name} ${house}` : name;
}

/**
 * The address of a place in words, by the same rule as the server words doors: the name of the
 * building, the estate before it when the building is only a number, then entrance and dwelling.
 */
export function doorOf(place: string, nameOf: (place: string) => string | undefined): string {
  const s = place.split('/');
  const at = (n: number) => s.slice(0, n).join('/');
  if (s.length < 4) return nameOf(place) ?? s[s.length - 1] ?? place;
  const code = s[3] ?? '';
  const building = nameOf(at(4)) ?? (/^\d+[A-Za-z]?$/.test(code) ? `${code}号楼` : code);
  const estate = nameOf(at(3)) ?? s[2] ?? '';
  const bare = /^\d+[A-Za-z]?(号楼)?$/.test(building) && !building.includes(estate);
  const house = [
    s[4] && `${s[4]}${/^\d+[A-Za-z]?$/.test(s[4]) ? '单元' : ''}`,
    s[5] && `${s[5]}${/^\d+[A-Za-z]?$/.test(s[5]) ? '室' : ''}`,
  ];
  return `${bare ? estate : ''}${building}${house.filter(Boolean).join('')}`;
}
