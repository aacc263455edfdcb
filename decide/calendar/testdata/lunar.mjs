// Prints lunar_table.go, and on the error output the digests that lunar_test.go compares.
// npm install lunar-javascript@1.7.7 chinese-days@1.5.7 && node lunar.mjs > ../lunar_table.go
// A day is taken only where at least two of lunar-javascript, chinese-days and
// ICU (Intl of Node) agree on it.
import lunarJS from 'lunar-javascript';
import chineseDays from 'chinese-days';
import { createHash } from 'node:crypto';
const { Solar, LunarYear } = lunarJS;
const DAY = 864e5;
const iso = t => new Date(t).toISOString().slice(0, 10);
const icu = new Intl.DateTimeFormat('en-u-ca-chinese', { year: 'numeric', month: 'numeric', day: 'numeric', timeZone: 'UTC' });
function byJS(t) {
  const d = new Date(t), l = Solar.fromYmd(d.getUTCFullYear(), d.getUTCMonth() + 1, d.getUTCDate()).getLunar();
  return [l.getYear(), l.getMonth(), l.getDay()].join(); // a leap month is negative
}
function byICU(t) {
  const p = Object.fromEntries(icu.formatToParts(t).map(x => [x.type, x.value]));
  return [p.relatedYear, parseInt(p.month) * (/bis/.test(p.month) ? -1 : 1), p.day].join();
}
function byDays(t) {
  const l = chineseDays.getLunarDate(iso(t));
  return [l.lunarYear, l.lunarMon * (l.isLeap ? -1 : 1), l.lunarDay].join();
}
const lines = [], years = new Map();
let outvoted = 0;
for (let t = Date.UTC(1900, 0, 31); t <= Date.UTC(2101, 0, 28); t += DAY) {
  const votes = [byJS(t)];
  if (t <= Date.UTC(2100, 11, 31)) {
    votes.push(byICU(t), byDays(t));
    if (votes[0] !== votes[1] && votes[0] !== votes[2]) outvoted++;
    lines.push(iso(t) + ',' + votes[0]);
  }
  const [y, m, d] = votes[0].split(',').map(Number);
  if (!years.has(y)) years.set(y, { first: t, months: [] });
  if (d === 1) years.get(y).months.push({ m, n: 0 });
  years.get(y).months.at(-1).n++;
}
if (outvoted) throw new Error(outvoted + ' days outvoted');
const rows = [];
for (const [y, { first, months }] of years) {
  let bits = 0, leap = 0;
  months.forEach(({ m, n }, i) => {
    if (n === 30) bits |= 1 << i;
    else if (n !== 29) throw new Error(`${y} ${m}: ${n} days`);
    if (m < 0) leap = -m;
  });
  const offset = Math.round((first - Date.UTC(y, 0, 20)) / DAY);
  rows.push('0x' + (offset << 17 | leap << 13 | bits).toString(16).padStart(6, '0'));
}
const NAMES = ['小寒', '大寒', '立春', '雨水', '惊蛰', '春分', '清明', '谷雨', '立夏', '小满', '芒种', '夏至', '小暑', '大暑', '立秋', '处暑', '白露', '秋分', '寒露', '霜降', '立冬', '小雪', '大雪', '冬至'];
const terms = new Map();
for (let y = 1900; y <= 2100; y++) terms.set(y, new Array(24));
const termLines = [];
let disagree = [];
for (let t = Date.UTC(1900, 0, 1); t <= Date.UTC(2100, 11, 31); t += DAY) {
  const d = new Date(t);
  const name = Solar.fromYmd(d.getUTCFullYear(), d.getUTCMonth() + 1, d.getUTCDate()).getLunar().getJieQi();
  const k = NAMES.indexOf(name);
  if (name && k < 0) throw new Error(name);
  if (k < 0) continue;
  terms.get(d.getUTCFullYear())[k] = d.getUTCDate();
  termLines.push(iso(t) + ',' + k);
}
const base = NAMES.map((_, k) => Math.min(...[...terms.values()].map(r => r[k])));
const termRows = [...terms].map(([y, r]) => '0x' + r.reduce((acc, d, k) => { const o = d - base[k]; if (!(o >= 0 && o < 4)) throw new Error(`${y} ${k} ${d}`); return acc | BigInt(o) << BigInt(2 * k); }, 0n).toString(16).padStart(12, '0'));
const wrap = (a, n) => { let s = ''; for (let i = 0; i < a.length; i += n) s += '\t' + a.slice(i, i + n).join(', ') + ',\n'; return s; };
const digest = a => createHash('sha256').update(a.join('\n') + '\n').digest('hex');
console.log(`package calendar

// Made by testdata/lunar.mjs; see there for the sources.

// lunarYears packs the lunar years 1900 to 2100: bit i is set when the month
// number i of the year, a leap month counted, has 30 days and not 29; from bit
// 13 the leap month or 0; from bit 17 how many days after January 20 it begins.
var lunarYears = [201]uint32{
${wrap(rows, 10)}}

// termBase is the earliest day of the month of each solar term, 小寒 first, two
// terms a month; termYears packs the days after it, two bits a term.
var termBase = [24]uint8{${base.join(', ')}}

var termYears = [201]uint64{
${wrap(termRows, 8)}}`);
console.error(lines.length, 'days', digest(lines), termLines.length, 'terms', digest(termLines));
