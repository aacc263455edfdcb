// Measures the dispatch board on a day of a whole street: 200 lanes with 1,500 visits and 120 orders that wait, laid
// over the answers of a running demonstration. It scrolls, drags and lets time pass, and tells from Chromium's own trace
// how much of the main thread that took (processor time, so that a busy machine does not count) and from the page how
// many frames came late.
//
//   node tools/board.mjs --url http://127.0.0.1:8080 [--lanes 200] [--stops 1500] [--rounds 3]
import { parseArgs } from 'node:util';
import { launch, screens, settled, stepInto } from './browser.mjs';

const { values: o } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    lanes: { type: 'string', default: '200' },
    stops: { type: 'string', default: '1500' },
    rounds: { type: 'string', default: '3' },
  },
});

/** A street's day from the lanes of a real one: same names, places and services, repeated until there are enough. */
function street(board, lanes, stops) {
  const seen = board.lanes.filter((l) => l.shifts.length > 0);
  const visits = board.lanes.flatMap((l) => l.stops);
  const day = Date.parse(`${board.as_of.slice(0, 10)}T00:00:00+08:00`);
  const at = (minute) => new Date(day + minute * 60_000).toISOString();
  const out = [];
  let n = 0;
  for (let i = 0; i < lanes; i++) {
    const l = seen[i % seen.length];
    const mine = Math.floor(((i + 1) * stops) / lanes) - Math.floor((i * stops) / lanes);
    let minute = 7 * 60 + 30 + ((i * 7) % 60);
    const list = [];
    for (let k = 0; k < mine; k++) {
      const v = visits[n % visits.length];
      const length = 30 + ((n * 13) % 50);
      minute += 12 + ((n * 5) % 25);
      list.push({
        ...v,
        order: `ord_made${String(n).padStart(20, '0')}`,
        start: at(minute),
        end: at(minute + length),
        travel_min: 4 + (n % 14),
        promise: { from: at(minute), to: at(minute + 30) },
        pair: false,
        ended: minute + length < 12 * 60 ? 'finished' : undefined,
      });
      minute += length;
      n++;
    }
    out.push({
      ...l,
      worker: `wrk_made${String(i).padStart(20, '0')}`,
      name: `${l.name}${Math.floor(i / seen.length) || ''}`,
      shifts: [{ from: at(7 * 60), to: at(21 * 60) }],
      stops: list,
    });
  }
  return { ...board, lanes: out };
}

const browser = await launch();
const context = await browser.newContext({ ...screens.desk, timezoneId: 'Asia/Shanghai' });
await stepInto(context, o.url, 'dispatcher');
await context.addInitScript(() => {
  window.late = { on: false, frames: [], long: [] };
  let before;
  const frame = (t) => {
    if (window.late.on && before !== undefined) window.late.frames.push(t - before);
    before = t;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => {
    if (window.late.on) window.late.long.push(...list.getEntries().map((e) => e.duration));
  }).observe({ entryTypes: ['longtask'] });
});
const page = await context.newPage();
await page.route('**/api/v1/dispatch-board*', async (route) => {
  const res = await route.fetch();
  await route.fulfill({ response: res, json: street(await res.json(), Number(o.lanes), Number(o.stops)) });
});
await page.route(
  (u) => u.pathname === '/api/v1/orders' && /open/.test(u.searchParams.get('state') ?? ''),
  async (route) => {
    const res = await route.fetch();
    const { items } = await res.json();
    const many = Array.from({ length: items.length && 120 }, (_, i) => ({
      ...items[i % items.length],
      id: `ord_wait${String(i).padStart(20, '0')}`,
    }));
    await route.fulfill({ response: res, json: { items: many, next: '' } });
  },
);
await page.goto(`${o.url}/dispatch`);
await settled(page, 60_000);
const lanes = page.locator('[data-lane]');
await lanes.first().waitFor();
const box = await lanes.first().evaluate((n) => {
  let p = n.parentElement;
  while (p && p.scrollHeight <= p.clientHeight + 1) p = p.parentElement;
  const r = p.getBoundingClientRect();
  return { x: r.x, y: r.y, width: r.width, height: r.height };
});
const middle = [box.x + box.width * 0.6, box.y + box.height * 0.5];

/** What the page does by itself for five seconds: the clock ticks. */
async function still() {
  await page.waitForTimeout(5000);
}
/** Down through all lanes with the wheel, and up again. */
async function scroll() {
  await page.mouse.move(...middle);
  for (let i = 0; i < 60; i++) await page.mouse.wheel(0, 150);
  for (let i = 0; i < 60; i++) await page.mouse.wheel(0, -150);
  for (let i = 0; i < 20; i++) await page.mouse.wheel(60, 0);
  for (let i = 0; i < 20; i++) await page.mouse.wheel(-60, 0);
}
/** One block over many lanes and back, given up at the end. */
async function drag() {
  const blocks = await page.$$('[data-lane] button[data-late], [data-lane] button[aria-pressed]');
  for (const b of blocks) {
    const r = await b.boundingBox();
    if (!r || r.x < box.x + 190 || r.x > box.x + box.width - 60 || r.y < box.y + 120 || r.y > box.y + 300)
      continue;
    await page.mouse.move(r.x + 12, r.y + 12);
    await page.mouse.down();
    for (let i = 1; i <= 60; i++)
      await page.mouse.move(r.x + 12 + i * 2, r.y + 12 + Math.abs((i % 40) - 20) * 14);
    await page.keyboard.press('Escape');
    await page.mouse.up();
    return;
  }
  throw new Error('no block to drag');
}

async function measured(act) {
  const cdp = await browser.newBrowserCDPSession();
  const events = [];
  cdp.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  await cdp.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: {
      includedCategories: [
        'devtools.timeline',
        'toplevel',
        '__metadata',
        'disabled-by-default-devtools.timeline',
      ],
    },
  });
  await page.evaluate(() => Object.assign(window.late, { on: true, frames: [], long: [] }));
  await act();
  const seen = await page.evaluate(() => {
    window.late.on = false;
    return window.late;
  });
  const done = new Promise((end) => cdp.once('Tracing.tracingComplete', end));
  await cdp.send('Tracing.end');
  await done;
  await cdp.detach();
  const mains = new Set(
    events
      .filter((e) => e.name === 'thread_name' && e.args?.name === 'CrRendererMain')
      .map((e) => `${e.pid} ${e.tid}`),
  );
  const tasks = events.filter((e) => mains.has(`${e.pid} ${e.tid}`) && e.name === 'RunTask' && e.ph === 'X');
  const cpu = tasks.map((e) => (e.tdur ?? e.dur) / 1000);
  const sum = (name) =>
    events
      .filter((e) => mains.has(`${e.pid} ${e.tid}`) && e.name === name && e.ph === 'X')
      .reduce((n, e) => n + (e.tdur ?? e.dur) / 1000, 0);
  const sorted = [...seen.frames].sort((a, b) => a - b);
  return {
    'main cpu ms': Math.round(cpu.reduce((a, b) => a + b, 0)),
    'tasks > 50 ms cpu': cpu.filter((v) => v > 50).length,
    'longest cpu ms': Math.round(Math.max(0, ...cpu)),
    'script ms': Math.round(sum('FunctionCall')),
    'style ms': Math.round(sum('UpdateLayoutTree')),
    'layout ms': Math.round(sum('Layout')),
    'paint ms': Math.round(sum('Paint')),
    'prepaint ms': Math.round(sum('PrePaint')),
    'layerize ms': Math.round(sum('Layerize') + sum('Commit')),
    frames: seen.frames.length,
    'frames > 50 ms': seen.frames.filter((v) => v > 50).length,
    'p95 frame ms': Math.round(sorted[Math.floor(sorted.length * 0.95)] ?? 0),
  };
}

const table = {};
for (const [name, act] of Object.entries({ still, scroll, drag })) {
  for (let i = 1; i <= Number(o.rounds); i++) {
    table[`${name} ${i}`] = await measured(act);
    await page.waitForTimeout(300);
  }
}
const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
console.table(table);
console.log(`${o.lanes} lanes, ${o.stops} visits, ${nodes} elements on the page`);
await browser.close();
