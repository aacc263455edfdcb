// The import rules of the web, the twin of arch_test.go: who may import whom, and what stands where.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ui = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const src = join(ui, 'src');

/** Go slices with routes whose screens stand in another feature or in `app`. */
const headless = new Set(['match', 'evaluate']);

function walk(dir) {
  return readdirSync(dir).flatMap((n) => {
    const p = join(dir, n);
    return statSync(p).isDirectory() ? walk(p) : [p];
  });
}

const files = walk(src).filter((f) => /\.(ts|tsx|css)$/.test(f));
const rel = (f) => relative(src, f).split(sep).join('/');
const code = files.filter((f) => /\.tsx?$/.test(f));
const isTest = (f) => /\.test\.tsx?$|test-env/.test(f);

/** Imports of a file: { spec, file } with file the resolved own file, undefined for packages. `types` are skipped when asked. */
function imports(f, { types = true, lazy = true } = {}) {
  const text = readFileSync(f, 'utf8');
  const found = [];
  for (const m of text.matchAll(
    /(?:^|\n)\s*(import|export)\s+(type\s+)?([^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/g,
  )) {
    if (m[2] && !types) continue;
    found.push(m[4]);
  }
  if (lazy) for (const m of text.matchAll(/import\(\s*['"]([^'"]+)['"]\s*\)/g)) found.push(m[1]);
  return found.map((spec) => ({ spec, file: find(f, spec) }));
}

function find(from, spec) {
  const bare = spec.replace(/\?.*$/, '');
  const base = bare.startsWith('@/')
    ? join(src, bare.slice(2))
    : bare.startsWith('.')
      ? resolve(dirname(from), bare)
      : undefined;
  if (!base) return undefined;
  for (const end of ['', '.ts', '.tsx', '/index.ts', '/index.tsx']) {
    if (existsSync(base + end) && statSync(base + end).isFile()) return base + end;
  }
  return undefined;
}

test('a feature imports only the shared rooms and its own folder', () => {
  const bad = [];
  for (const f of code) {
    const [room, slice] = rel(f).split('/');
    if (room !== 'features') continue;
    for (const { spec, file } of imports(f)) {
      if (!file) continue;
      const [to, toSlice] = rel(file).split('/');
      const ok =
        to === 'features'
          ? toSlice === slice
          : ['api', 'design', 'i18n', 'map', 'twin', 'chart'].includes(to);
      if (!ok) bad.push(`${rel(f)} imports ${spec}`);
    }
  }
  assert.deepEqual(bad, []);
});

test('only app and entries know app; shared rooms know no feature', () => {
  const bad = [];
  for (const f of code) {
    const room = rel(f).split('/')[0];
    for (const { spec, file } of imports(f)) {
      if (!file) continue;
      const to = rel(file).split('/')[0];
      if (to === 'app' && !['app', 'entries'].includes(room)) bad.push(`${rel(f)} imports ${spec}`);
      if (to === 'features' && !['app', 'features'].includes(room)) bad.push(`${rel(f)} imports ${spec}`);
    }
  }
  assert.deepEqual(bad, []);
});

test('app takes from a feature only its live table and its console, wall and mobile index', () => {
  const bad = [];
  for (const f of code) {
    if (rel(f).split('/')[0] !== 'app') continue;
    for (const { spec, file } of imports(f)) {
      if (!file || !rel(file).startsWith('features/')) continue;
      const rest = rel(file).split('/').slice(2).join('/');
      if (!/^(live\.ts|(console|wall|mobile)\/index\.tsx?)$/.test(rest))
        bad.push(`${rel(f)} imports ${spec}`);
    }
  }
  assert.deepEqual(bad, []);
});

/** Everything an entry can reach; without `lazy` only its first load. Types do not count, they are gone at run time. */
function reach(entry, lazy) {
  const seen = new Map();
  const packages = new Map();
  const queue = [join(src, entry)];
  while (queue.length > 0) {
    const f = queue.pop();
    for (const { spec, file } of imports(f, { types: false, lazy })) {
      if (!file) {
        if (!packages.has(spec)) packages.set(spec, rel(f));
      } else if (!seen.has(file) && /\.tsx?$/.test(file)) {
        seen.set(file, f);
        queue.push(file);
      }
    }
  }
  return { files: [...seen.keys()].map(rel), packages };
}

test('nothing the phone can reach imports antd', () => {
  const { packages } = reach('entries/mobile.tsx', true);
  const bad = [...packages].filter(([p]) => /^(antd|@ant-design|rc-|@rc-component|dayjs)/.test(p));
  assert.deepEqual(bad, []);
});

test('no first load holds the map, the twin or the charts', () => {
  for (const entry of ['entries/mobile.tsx', 'entries/console.tsx']) {
    const { files: f, packages } = reach(entry, false);
    const heavy = [...packages.keys()].filter((p) => /^(maplibre-gl|echarts|three|h3-js)/.test(p));
    assert.deepEqual({ entry, heavy }, { entry, heavy: [] });
    const rooms = f.filter((n) => /^(map|twin|chart)\/(?!spec\.ts)/.test(n));
    assert.deepEqual({ entry, rooms }, { entry, rooms: [] });
  }
});

test('map, twin and chart are the only importers of their libraries', () => {
  const bad = [];
  const owner = { 'maplibre-gl': 'map', 'h3-js': 'map', echarts: 'chart', three: 'twin' };
  for (const f of code) {
    for (const { spec } of imports(f)) {
      for (const [lib, room] of Object.entries(owner)) {
        if ((spec === lib || spec.startsWith(`${lib}/`)) && rel(f).split('/')[0] !== room)
          bad.push(`${rel(f)} imports ${spec}`);
      }
    }
  }
  assert.deepEqual(bad, []);
});

test('colors stand in tokens.css alone', () => {
  const bad = [];
  for (const f of files) {
    if (rel(f) === 'design/tokens.css' || isTest(f)) continue;
    const text = readFileSync(f, 'utf8');
    for (const m of text.matchAll(/#[0-9a-fA-F]{3,8}\b|\brgba?\(/g)) {
      const line = text.slice(0, m.index).split('\n').length;
      bad.push(`${rel(f)}:${line} ${m[0]}`);
    }
  }
  assert.deepEqual(bad, []);
});

test('words stand in catalogs: no Chinese in code', () => {
  const bad = [];
  for (const f of code) {
    const r = rel(f);
    if (
      isTest(f) ||
      /text\.(zh|en)\.ts$/.test(r) ||
      r === 'design/format.ts' ||
      r.startsWith('design/gallery/')
    )
      continue;
    const lines = readFileSync(f, 'utf8').split('\n');
    for (const [i, line] of lines.entries()) {
      // comments may quote the words of clerks; menu and tab names carry both languages side by side
      const bare = line.replace(/\/\/.*$|\/\*.*?(\*\/|$)|^\s*\*.*$/g, '').replace(/\{\/\*.*?\*\/\}/g, '');
      if (
        /[\u4e00-\u9fff]/.test(bare) &&
        !(/\bzh: '[^']*'/.test(bare) && /\ben: '/.test(bare + lines[i + 1])) &&
        !/\[\\?u?4e00|一-/.test(bare)
      ) {
        if (/zh === |lang === /.test(bare)) continue;
        bad.push(`${r}:${i + 1} ${bare.trim()}`);
      }
    }
  }
  assert.deepEqual(bad, []);
});

test('no component is longer than 300 lines', () => {
  const bad = code
    .filter((f) => f.endsWith('.tsx') && !isTest(f) && !rel(f).startsWith('design/gallery/'))
    .map((f) => [rel(f), readFileSync(f, 'utf8').split('\n').length])
    .filter(([, n]) => n > 300);
  assert.deepEqual(bad, []);
});

test('no page names another host', () => {
  const bad = [];
  for (const f of files) {
    if (isTest(f)) continue;
    for (const m of readFileSync(f, 'utf8').matchAll(/['"(]https?:\/\/([^'"/)\s]+)/g)) {
      if (!/^localhost\b|^127\.0\.0\.1/.test(m[1])) bad.push(`${rel(f)} ${m[1]}`);
    }
  }
  assert.deepEqual(bad, []);
});

test('every link leads to a page that some feature has', () => {
  const paths = new Set();
  for (const f of code) {
    const text = readFileSync(f, 'utf8');
    for (const m of text.matchAll(/\bpath: '(\/[^']*)'/g)) paths.add(m[1]);
    for (const m of text.matchAll(/\bpage(?:<[^>]*>)?\(\s*'(\/[^']*)'/g)) paths.add(m[1]);
  }
  const patterns = [...paths].map(
    (p) => new RegExp(`^${p.replace(/\/$/, '').replace(/\$\w+/g, '[^/]+')}/?$`),
  );
  const bad = [];
  for (const f of code) {
    if (isTest(f) || rel(f).startsWith('design/gallery/')) continue;
    const text = readFileSync(f, 'utf8');
    const links = /\b(?:(?:to|full)(?:=\{?|: )|go(?:Back)?\()(?:"([^"]+)"|'([^']+)'|`([^`]+)`)/g;
    for (const m of text.matchAll(links)) {
      const to = (m[1] ?? m[2] ?? m[3])
        .replace(/^\/\$\{entry\}/, '/h')
        .replace(/\$\{[^}]*\}/g, 'x')
        .replace(/\$\w+/g, 'x')
        .replace(/[?#].*$/, '');
      if (!to.startsWith('/') || patterns.some((p) => p.test(to.replace(/\/$/, '') || '/') || p.test(to)))
        continue;
      bad.push(`${rel(f)} → ${to}`);
    }
  }
  assert.deepEqual(bad, []);
});

test('every slice with screens has a feature folder of its name', () => {
  const root = resolve(ui, '..');
  const missing = [];
  for (const shelf of ['service', 'sense', 'people', 'govern']) {
    const dir = join(root, shelf);
    if (!existsSync(dir)) continue;
    for (const slice of readdirSync(dir)) {
      if (!existsSync(join(dir, slice, 'http.go'))) continue;
      if (headless.has(slice) || existsSync(join(src, 'features', slice))) continue;
      missing.push(slice);
    }
  }
  if (missing.length > 0) console.warn(`slices without screens yet: ${missing.join(', ')}`);
});
