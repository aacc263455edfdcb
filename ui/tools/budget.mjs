// Weighs the built web in brotli-compressed kB and fails the build above a budget.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ui = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(ui, 'dist');
const manifest = JSON.parse(readFileSync(join(ui, '.build', 'manifest.json'), 'utf8'));

/** kB = 1000 bytes of the .br file. */
const limits = {
  'console first route': 260,
  'console shared kit': 140,
  'console lazy feature': 60,
  'chart chunk': 190,
  'map chunk with worker and h3-js': 440,
  'mobile first load': 90,
  'mobile lazy route': 25,
};

const size = (file) => {
  const p = join(dist, file);
  return existsSync(`${p}.br`) ? statSync(`${p}.br`).size : existsSync(p) ? statSync(p).size : 0;
};

/** Files a chunk loads at once: itself, its static imports, their styles. `skip` holds what is loaded already. */
function closure(key, skip = new Set(), into = new Set(), seen = new Set()) {
  const c = manifest[key];
  if (!c || seen.has(key)) return into;
  seen.add(key);
  for (const f of [c.file, ...(c.css ?? []), ...(c.assets ?? [])]) if (!skip.has(f)) into.add(f);
  for (const i of c.imports ?? []) closure(i, skip, into, seen);
  return into;
}

const weigh = (set) => [...set].reduce((n, f) => n + size(f), 0) / 1000;

/** Lazy chunks an entry can reach, each with what it adds to what is loaded already. */
function lazy(entry) {
  const first = closure(entry);
  const found = new Map();
  const visit = (key, seen) => {
    if (seen.has(key)) return;
    seen.add(key);
    const c = manifest[key];
    for (const d of c?.dynamicImports ?? []) {
      if (!found.has(d)) found.set(d, closure(d, first));
      visit(d, seen);
    }
    for (const i of c?.imports ?? []) visit(i, seen);
  };
  visit(entry, new Set());
  return { first, found };
}

const rows = [];
const row = (name, kind, kb) => rows.push({ name, kind, kb, limit: limits[kind] });
const isMap = (k) => /src\/map\//.test(k);
const isChart = (k) => /src\/chart\//.test(k);

const desk = lazy('console.html');
const home = Object.keys(manifest).find((k) => k.endsWith('app/console/Overview.tsx'));
row(
  'console.html + overview',
  'console first route',
  weigh(new Set([...desk.first, ...(home ? closure(home) : [])])),
);
// What the pages of three or more features share (forms, lists, the kit's inputs) is fetched once, after the
// first page is drawn, and has its own line; a page answers for the rest of what it brings.
const users = new Map();
for (const [key, files] of desk.found) {
  const feature = key.match(/features\/([^/]+)/)?.[1] ?? key;
  if (isMap(key) || isChart(key)) continue;
  for (const f of files) users.set(f, (users.get(f) ?? new Set()).add(feature));
}
const kit = new Set([...users].filter(([, by]) => by.size >= 3).map(([f]) => f));
row('shared by three or more features', 'console shared kit', weigh(kit));
for (const [key, files] of desk.found) {
  if (isMap(key)) row(key, 'map chunk with worker and h3-js', weigh(files));
  else if (isChart(key)) row(key, 'chart chunk', weigh(files));
  else row(key, 'console lazy feature', weigh(new Set([...files].filter((f) => !kit.has(f)))));
}
const phone = lazy('mobile.html');
row('mobile.html', 'mobile first load', weigh(phone.first));
for (const [key, files] of phone.found) {
  if (isMap(key) || isChart(key))
    row(`${key} (phone)`, isMap(key) ? 'map chunk with worker and h3-js' : 'chart chunk', weigh(files));
  else row(key, 'mobile lazy route', weigh(files));
}

let total = 0;
for (const f of readdirSync(join(dist, 'assets')))
  if (!f.endsWith('.gz')) total += statSync(join(dist, 'assets', f)).size / 1000;

for (const r of rows.sort((a, b) => b.kb / b.limit - a.kb / a.limit)) {
  const mark = r.kb > r.limit ? 'OVER' : 'ok  ';
  console.log(
    `${mark} ${r.kb.toFixed(1).padStart(7)} / ${String(r.limit).padStart(3)} kB  ${r.kind}: ${r.name}`,
  );
}
console.log(`     ${total.toFixed(0).padStart(7)} kB brotli in all`);
const over = rows.filter((r) => r.kb > r.limit);
if (over.length > 0) {
  console.error(`${over.length} over budget`);
  process.exit(1);
}
