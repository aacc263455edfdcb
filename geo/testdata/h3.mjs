// Writes h3.csv: points and their cells by the reference implementation.
// npm install h3-js@4.5.0 && node h3.mjs | gzip -9n > h3.csv.gz
import * as h3 from 'h3-js';
let seed = 20260101n;
function random() { // SplitMix64
  seed = (seed + 0x9E3779B97F4A7C15n) & 0xFFFFFFFFFFFFFFFFn;
  let z = seed;
  z = ((z ^ (z >> 30n)) * 0xBF58476D1CE4E5B9n) & 0xFFFFFFFFFFFFFFFFn;
  z = ((z ^ (z >> 27n)) * 0x94D049BB133111EBn) & 0xFFFFFFFFFFFFFFFFn;
  return Number((z ^ (z >> 31n)) >> 11n) / 2 ** 53;
}
const out = [];
const seen = new Set();
function add(lat, lng, res) {
  if (lng > 180) lng -= 360;
  if (lng < -180) lng += 360;
  if (Math.abs(lat) > 90) return;
  const a = lat.toFixed(5), b = lng.toFixed(5);
  if (Number(a) === 0 && Number(b) === 0) return;
  out.push(`cell,${a},${b},${res},${h3.latLngToCell(Number(a), Number(b), res)}`);
}
const anywhere = () => [Math.asin(2 * random() - 1) * 180 / Math.PI, 360 * random() - 180];
const near = ([lat, lng], span) => [lat + span * (2 * random() - 1), lng + span * (2 * random() - 1) / Math.max(0.01, Math.cos(lat * Math.PI / 180))];
for (let i = 0; i < 1100; i++) add(...anywhere(), i % 16);
for (let i = 0; i < 1200; i++) add(30.67 + 1.2 * random(), 120.85 + 1.15 * random(), 7 + i % 6); // Shanghai
const corners = h3.getPentagons(0).map(p => h3.cellToLatLng(p));
for (const c of corners) for (let i = 0; i < 75; i++) add(...near(c, 10 ** (1 - 5 * random())), i % 16);
for (const pole of [90, -90]) for (let i = 0; i < 64; i++) add(pole - Math.sign(pole) * 10 ** (1 - 6 * random()), 360 * random() - 180, i % 16);
for (let i = 0; i < 100; i++) add(180 * random() - 90, 180 + 0.001 * (2 * random() - 1), i % 16);
for (let i = 0; i < 300; i++) { // along the edges of the icosahedron
  const a = corners[Math.floor(random() * 12)], b = corners[Math.floor(random() * 12)];
  const v = ([lat, lng]) => [Math.cos(lat * Math.PI / 180) * Math.cos(lng * Math.PI / 180), Math.cos(lat * Math.PI / 180) * Math.sin(lng * Math.PI / 180), Math.sin(lat * Math.PI / 180)];
  const p = v(a), q = v(b), dot = p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
  if (dot < 0.4 || dot > 0.9) continue;
  const t = random(), m = p.map((x, k) => x * t + q[k] * (1 - t));
  add(...near([Math.atan2(m[2], Math.hypot(m[0], m[1])) * 180 / Math.PI, Math.atan2(m[1], m[0]) * 180 / Math.PI], 10 ** (-4 * random())), i % 16);
}
function center(c) {
  if (seen.has(c)) return;
  seen.add(c);
  const [lat, lng] = h3.cellToLatLng(c);
  out.push(`center,${lat.toFixed(10)},${lng.toFixed(10)},${h3.getResolution(c)},${c}`);
}
for (let i = 0; i < 160; i++) center(h3.latLngToCell(...anywhere(), i % 16));
for (let r = 0; r < 16; r += 5) for (const p of h3.getPentagons(r)) { center(p); if (r) center(h3.gridDisk(p, 1).at(-1)); }
for (let i = 0; i < 40; i++) center(h3.latLngToCell(31.2 + 0.1 * random(), 121.4 + 0.1 * random(), 7 + i % 6));
console.log(out.join('\n'));
