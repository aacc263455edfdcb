// Every role opens every page of its menu: no error, no foreign host, no violation of the page's policy,
// nothing against WCAG A and AA, no sideways scroll.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe } from '../tools/axe.mjs';
import { launch, screens, settled, stepInto, watch } from '../tools/browser.mjs';
import { demo, missing } from './linli.mjs';

const desk = [
  'duty-officer',
  'dispatcher',
  'street-director',
  'data-steward',
  'platform-admin',
  'security-admin',
  'audit-admin',
];
/** Roles whose menus together hold every page: these are walked in both languages. */
const english = new Set(['duty-officer', 'data-steward', 'security-admin', 'audit-admin']);
const phone = [
  ['provider-worker', '/w'],
  ['repairer', '/w'],
  ['resident', '/h'],
  ['guardian', '/h'],
];

let server;
let browser;
before(async () => {
  if (missing) return;
  server = await demo();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Opens a page and gives all that is wrong with it. */
async function judge(context, path) {
  const page = await context.newPage();
  const faults = watch(page, server.url);
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (e) =>
      console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`),
    );
  });
  await page.goto(server.url + path);
  await settled(page);
  faults.push(...(await axe(page)));
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (wide > 0) faults.push(`scrolls sideways by ${wide} px`);
  for (const bad of await page.getByTestId('state-error').allTextContents())
    faults.push(`error panel: ${bad}`);
  const links = await page.locator('nav a').evaluateAll((as) => as.map((a) => a.getAttribute('href')));
  await page.close();
  return { faults, links };
}

for (const role of desk) {
  for (const lang of english.has(role) ? ['zh', 'en'] : ['zh']) {
    test(`${role} opens every page of the menu (${lang})`, { skip: missing }, async () => {
      const context = await browser.newContext(screens.desk);
      await context.addInitScript((l) => localStorage.setItem('linli.lang', l), lang);
      await stepInto(context, server.url, role);
      const { links } = await judge(context, '/');
      const faults = {};
      for (const path of new Set(links)) {
        const found = (await judge(context, path)).faults;
        if (found.length > 0) faults[path] = found;
      }
      await context.close();
      assert.ok(links.length > 1, `the menu of ${role} is empty`);
      assert.deepEqual(faults, {});
    });
  }
}

for (const [role, home] of phone) {
  for (const mode of ['', 'elder', 'elder-xl']) {
    test(`${role} opens every first page of the phone${mode ? ` in ${mode}` : ''}`, {
      skip: missing,
    }, async () => {
      const context = await browser.newContext(screens.phone);
      await context.addInitScript((m) => localStorage.setItem('linli.mode', m), mode);
      await stepInto(context, server.url, role);
      const { links } = await judge(context, home);
      const faults = {};
      for (const path of new Set([home, ...links])) {
        const found = (await judge(context, path)).faults;
        if (found.length > 0) faults[path] = found;
      }
      await context.close();
      assert.deepEqual(faults, {});
    });
  }
}

for (const path of ['/sign-in', '/demo', '/setup', '/h/sign-in', '/w/sign-in']) {
  test(`${path} stands open and is sound`, { skip: missing }, async () => {
    const context = await browser.newContext(/^\/[hw]/.test(path) ? screens.phone : screens.desk);
    const { faults } = await judge(context, path);
    await context.close();
    assert.deepEqual(faults, []);
  });
}
