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

/** What went wrong in a page: errors, policy violations, requests to other hosts. */
export function watch(page, origin) {
  const faults = [];
  page.on('pageerror', (e) => faults.push(`error: ${e.message}`));
  page.on('console', (m) => {
    if (m.type() === 'error') faults.push(`console: ${m.text()}`);
  });
  page.on('request', (r) => {
    if (/^https?:/.test(r.url()) && !r.url().startsWith(origin)) faults.push(`foreign host: ${r.url()}`);
  });
  return faults;
}

/**
 * Waits until the page has its content: something is there, and neither a skeleton nor an unfinished map.
 * "No request is open" would never come: the live stream stays open and a busy desk reads all the time.
 */
export async function settled(page, limit = 15_000) {
  const end = Date.now() + limit;
  for (let calm = 0; calm < 6 && Date.now() < end; ) {
    await page.waitForTimeout(100);
    const there = await page.locator('main, form, [data-testid^=state-]').count();
    const loading = await page
      .locator('[data-testid=state-loading], [data-drawn=false]:not([hidden])')
      .count();
    calm = there > 0 && loading === 0 ? calm + 1 : 0;
  }
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
