// The browser of walks and pictures: Debian's chromium under playwright-core, with software WebGL.
import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright-core';

/** Path of the browser: $CHROMIUM, or what the machine has. */
export function chromiumPath() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {}
  }
  throw new Error('no chromium: apt-get install -y --no-install-recommends chromium fonts-noto-cjk');
}

/** Starts the browser with an empty profile. */
export function launch() {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      '--no-sandbox',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      // only maps need WebGL; painting pages through it as well costs five times the work
      '--disable-gpu-compositing',
      '--disable-gpu-rasterization',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** The two screens every page is judged on. */
export const screens = {
  desk: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

/** What went wrong in a page: errors, policy violations, requests to other hosts. `policed` has to come before the page opens. */
export function watch(page, origin) {
  const faults = [];
  page.on('pageerror', (e) => faults.push(`error: ${e.message}`));
  page.on('console', (m) => {
    if (m.type() === 'error') faults.push(`console: ${m.text()}`);
  });
  page.on('request', (r) => {
    if (/^https?:/.test(r.url()) && !r.url().startsWith(origin)) faults.push(`foreign host: ${r.url()}`);
  });
  count(page);
  return faults;
}

/** Makes every page of a context tell what its own policy refused. */
export const policed = (context) =>
  context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (e) =>
      console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`),
    );
  });

const open = new WeakMap();

/** Keeps count of the requests of a page that are not answered yet; the live stream and
 * the worker that holds it never end and do not count. */
function count(page) {
  if (open.has(page)) return open.get(page);
  const now = new Set();
  open.set(page, now);
  const ended = (r) => now.delete(r);
  page.on('request', (r) => {
    if (!/\/api\/v1\/live|\.worker-/.test(r.url())) now.add(r);
  });
  page.on('requestfinished', ended);
  page.on('requestfailed', ended);
  return now;
}

/**
 * Waits until the page has its content: something is there, nothing is asked for, and there is neither a
 * skeleton nor an unfinished map. A skeleton comes 200 ms late, so one look is not enough. Tells whether it came to that.
 */
export async function settled(page, limit = 15_000) {
  const asked = count(page);
  const end = Date.now() + limit;
  for (let calm = 0; calm < 3; ) {
    if (Date.now() > end) return false;
    await page.waitForTimeout(40);
    const ready =
      asked.size === 0 &&
      (await page.evaluate(
        () =>
          document.querySelector('main, form, [data-testid^=state-]') !== null &&
          document.querySelector('[data-testid=state-loading], [data-drawn=false]:not([hidden])') === null,
      ));
    calm = ready ? calm + 1 : 0;
  }
  return true;
}

/** Opens a session as a person of the demo, by role; loopback only. */
export async function stepInto(context, url, role) {
  const { items } = await (await context.request.get(`${url}/api/v1/demo/roles`)).json();
  const person = items.find((p) => p.role === role || p.user === role);
  if (!person)
    throw new Error(`no demo person with role ${role}; there are ${items.map((p) => p.role).join(', ')}`);
  const res = await context.request.post(`${url}/api/v1/demo/sessions`, { data: { user: person.user } });
  if (!res.ok()) throw new Error(`demo session: ${res.status()} ${await res.text()}`);
  return person;
}
