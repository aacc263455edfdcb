// Every role opens every page of its menu: no error, no foreign host, no violation of the page's policy,
// nothing against WCAG A and AA, no sideways scroll, nothing that stays unfinished. A role is one context with
// one page that goes from menu item to menu item, as a person does; two roles walk at a time.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { axe } from '../tools/axe.mjs';
import { screens, settled } from '../tools/browser.mjs';
import { enter, missing, patience } from './linli.mjs';
import { town } from './town.mjs';

const desk = [
  'duty-officer',
  'data-steward',
  'dispatcher',
  'street-director',
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

/** All that is wrong with the page as it stands, and what went wrong on the way to it. */
async function judge(page, faults) {
  if (!(await settled(page, patience))) faults.push(`not finished within ${patience / 1000} s`);
  faults.push(...(await axe(page)));
  const { wide, broken } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    broken: [...document.querySelectorAll('[data-testid=state-error]')].map((e) => e.textContent),
  }));
  if (wide > 0) faults.push(`scrolls sideways by ${wide} px`);
  for (const words of broken) faults.push(`error panel: ${words}`);
  return faults.splice(0);
}

/** Presses every link of the menu in turn and judges each page; `each` judges more of it. */
async function walk(page, faults, said, each) {
  await settled(page, patience);
  const links = await page.locator('nav a').evaluateAll((as) => as.map((a) => a.getAttribute('href')));
  // The mark leads home; who has no home page among the menu is led on to its first page.
  const paths = new Set(links.filter((p, i) => i > 0 || p !== '/'));
  for (const path of paths) {
    await page.locator(`nav a[href="${path}"]`).last().click();
    await page.locator(`nav a[href="${path}"][aria-current=page]`).last().waitFor();
    for (const [how, look] of Object.entries(each)) {
      await look();
      const found = await judge(page, faults);
      if (found.length > 0) said[`${path} ${how}`] = found;
    }
  }
  return links;
}

describe('every page of every menu', { concurrency: 2, skip: missing }, () => {
  for (const role of desk) {
    test(`${role} opens every page of the desk`, async () => {
      const { context, page, faults } = await enter(town, role, screens.desk);
      const said = {};
      await page.goto(`${town.url}/`);
      const inLanguage = (lang) => async () => {
        if ((await page.evaluate(() => document.documentElement.lang)).startsWith(lang)) return;
        await page.locator(`header button[lang^=${lang}]`).click();
        await page.waitForFunction((l) => document.documentElement.lang.startsWith(l), lang);
      };
      const each = { zh: inLanguage('zh'), ...(english.has(role) ? { en: inLanguage('en') } : {}) };
      const links = await walk(page, faults, said, each);
      await context.close();
      assert.ok(links.length > 1, `the menu of ${role} is empty`);
      assert.deepEqual(said, {});
    });
  }

  for (const [role, home] of phone) {
    test(`${role} opens every first page of the phone in three sizes`, async () => {
      const { context, page, faults } = await enter(town, role, screens.phone);
      const said = {};
      for (const mode of ['', 'elder', 'elder-xl']) {
        await page.goto(town.url + home);
        await page.evaluate((m) => localStorage.setItem('linli.mode', m), mode);
        await page.reload();
        const links = await walk(page, faults, said, { [mode || 'standard']: async () => undefined });
        assert.ok(links.length > 1, `the bar of ${role} is empty`);
      }
      await context.close();
      assert.deepEqual(said, {});
    });
  }

  for (const [screen, paths] of [
    ['desk', ['/sign-in', '/demo', '/setup']],
    ['phone', ['/h/sign-in', '/w/sign-in']],
  ]) {
    test(`the doors stand open and are sound on the ${screen}`, async () => {
      const { context, page, faults } = await enter(town, undefined, screens[screen]);
      const said = {};
      for (const path of paths) {
        await page.goto(town.url + path);
        const found = await judge(page, faults);
        if (found.length > 0) said[path] = found;
      }
      await context.close();
      assert.deepEqual(said, {});
    });
  }
});
