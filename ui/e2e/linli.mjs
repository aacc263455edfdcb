// Starts the real binary on a free port and a new data folder, as a demonstration or as the empty hub of a new
// street office; it ends with the test. Beside it: the hub's own API as one of its people, to prepare and to check.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { policed, watch } from '../tools/browser.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Path of the binary: $LINLI_BIN or bin/linli. */
export const binary = process.env.LINLI_BIN ?? join(root, 'bin', 'linli');
/** Why the walks cannot run here, or false. */
export const missing = existsSync(binary) ? false : `no binary at ${binary}: make build`;

/** Milliseconds anything may take on a machine that is busy with other tests. */
export const patience = 40_000;

/** Runs the binary until it has said what `ready` finds in its output; `stop` ends it and removes its data. */
async function run(args, ready) {
  const data = mkdtempSync(join(tmpdir(), 'linli-e2e-'));
  const child = spawn(binary, [...args, '--data', data, '--addr', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const found = await new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error(`not ready within 120 s:\n${said}`)), 120_000);
    const hear = (chunk) => {
      said += chunk;
      const m = said.match(ready);
      if (m) {
        clearTimeout(late);
        done(m);
      }
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (code) => fail(new Error(`linli ended with ${code}:\n${said}`)));
  });
  const stop = async () => {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  return { found, stop };
}

const shown = ['--seed', '7', '--at', '2026-11-23T16:08:00+08:00'];

/** Starts a demonstration and gives its address; its people act by themselves, at `speed` simulated seconds a second. */
export async function demo({ speed = 10 } = {}) {
  const { found, stop } = await run(
    ['demo', ...shown, '--speed', String(speed)],
    /console\s+(http:\/\/127\.0\.0\.1:\d+)\//,
  );
  return { url: found[1], stop };
}

/** Starts an empty hub; `link` is the one-time link of its first administrator. */
export async function serve() {
  const { found, stop } = await run(['serve'], /(http:\/\/127\.0\.0\.1:\d+)(\/\S*#t=\S+)/);
  return { url: found[1], link: found[1] + found[2], stop };
}

/** Open pages; with $LINLI_SHOTS the last look of each goes there when a walk fails, to see why. */
const pages = [];
afterEach(async (t) => {
  for (const page of pages.splice(0)) {
    if (page.isClosed()) continue;
    const name = `${t.name} ${new URL(page.url()).pathname}`.replace(/[^a-z0-9]+/gi, '-');
    await page.screenshot({ path: join(process.env.LINLI_SHOTS, `${name}.png`) }).catch(() => undefined);
  }
});

/** Opens a page for one person of the demonstration, by role or by the id of the account, or for nobody. */
export async function enter({ browser, url }, who, screen) {
  const context = await browser.newContext({ ...screen, timezoneId: 'Asia/Shanghai' });
  context.setDefaultTimeout(patience);
  await policed(context);
  if (who) {
    const { items } = await (await context.request.get(`${url}/api/v1/demo/roles`)).json();
    const user = items.find((p) => p.role === who)?.user ?? who;
    const res = await context.request.post(`${url}/api/v1/demo/sessions`, { data: { user } });
    assert.ok(res.ok(), `step in as ${who}: ${res.status()}`);
  }
  const page = await context.newPage();
  if (process.env.LINLI_SHOTS) pages.push(page);
  return { context, page, faults: watch(page, url), ...api(context, url) };
}

/** Antd locks the page behind a dialog by one style without the nonce; the policy drops it and nothing is lost. */
export const serious = (faults) => faults.filter((f) => !/style-src/.test(f));

let keys = 0;

/** The API as the person of a context. */
export function api(context, url) {
  const answer = async (res, what) => {
    assert.ok(res.ok(), `${what}: ${res.status()} ${await res.text()}`);
    const text = await res.text();
    return text ? JSON.parse(text) : undefined;
  };
  return {
    get: async (path) => answer(await context.request.get(url + path), `GET ${path}`),
    post: async (path, data = {}) => {
      const headers = { 'Idempotency-Key': `walk-${process.pid}-${++keys}` };
      return answer(await context.request.post(url + path, { data, headers }), `POST ${path}`);
    },
  };
}

/** Asks again until the answer pleases; fails with the last answer. */
export async function until(ask, pleases, what) {
  const end = Date.now() + patience;
  for (;;) {
    const got = await ask();
    if (pleases(got)) return got;
    if (Date.now() > end) assert.fail(`${what}; it stands as ${JSON.stringify(got).slice(0, 400)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Every item of a list of the API. */
export async function all(get, path) {
  const out = [];
  for (let cursor = ''; ; ) {
    const page = await get(
      `${path}${path.includes('?') ? '&' : '?'}limit=200&cursor=${encodeURIComponent(cursor)}`,
    );
    out.push(...page.items);
    if (!page.next) return out;
    cursor = page.next;
  }
}
