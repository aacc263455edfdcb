// Serves the component gallery (npm run gallery) and photographs it in every theme and mode with the accessibility run.
//
//   npm run gallery && node tools/gallery.mjs --out shots/gallery
//   npm run gallery && node tools/gallery.mjs --serve        to look by hand: /__gallery and /h/__gallery
import { createReadStream, existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { axe } from './axe.mjs';
import { launch, screens, settled, watch } from './browser.mjs';

const root = join(dirname(dirname(fileURLToPath(import.meta.url))), '.build', 'gallery');
const mime = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.html': 'text/html',
};
const { values: o } = parseArgs({
  options: { out: { type: 'string', default: 'shots/gallery' }, serve: { type: 'boolean', default: false } },
});

const server = createServer((req, res) => {
  const path = new URL(req.url, 'http://x').pathname;
  const file = join(root, path);
  const page = extname(path) ? file : join(root, /^\/[hw](\/|$)/.test(path) ? 'mobile.html' : 'console.html');
  if (path.startsWith('/api/') || !existsSync(page)) {
    res.writeHead(404, { 'Content-Type': 'application/problem+json' }).end('{"kind":"not_found"}');
    return;
  }
  res.writeHead(200, { 'Content-Type': mime[extname(page)] ?? 'application/octet-stream' });
  createReadStream(page).pipe(res);
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${server.address().port}`;
if (o.serve) {
  console.log(`${url}/__gallery  ${url}/h/__gallery`);
  await new Promise(() => undefined); // until it is interrupted
}
mkdirSync(o.out, { recursive: true });
const browser = await launch();
let bad = 0;

async function shoot(name, route, screen, mode = '') {
  const context = await browser.newContext({ ...screens[screen], timezoneId: 'Asia/Shanghai' });
  await context.addInitScript((m) => localStorage.setItem('linli.mode', m), mode);
  const page = await context.newPage();
  const faults = watch(page, url);
  await page.goto(url + route);
  await settled(page);
  await page.waitForTimeout(1500); // the map and the charts draw after their data
  if (screen === 'desk') await page.setViewportSize({ width: 1440, height: 2600 });
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(o.out, `${name}.png`), fullPage: true });
  faults.push(...(await axe(page)).map((v) => `axe: ${v}`));
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (wide > 0) faults.push(`scrolls sideways by ${wide} px`);
  console.log(`${faults.length ? 'FAULT' : 'ok   '} ${name}`);
  for (const f of faults) console.log(`        ${f}`);
  bad += faults.length;
  await context.close();
}

await shoot('console', '/__gallery', 'desk');
for (const p of ['home', 'order', 'form', 'job']) {
  for (const mode of ['', 'elder', 'elder-xl']) {
    await shoot(`phone-${p}${mode ? `-${mode}` : ''}`, `/h/__gallery?page=${p}`, 'phone', mode);
  }
}
await browser.close();
server.close();
process.exitCode = bad > 0 ? 1 : 0;
