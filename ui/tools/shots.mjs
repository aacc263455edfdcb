// Photographs routes of a running server, to be judged by eye.
//
//   node tools/shots.mjs --url http://127.0.0.1:8080 --out shots [--role duty-officer | --cookie linli_session=…]
//        [--screens desk,phone] [--langs zh,en] [--mode elder] [--full] [--axe] ROUTE…
//
// Routes of /h and /w are taken on the phone only unless --screens says otherwise.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { axe } from './axe.mjs';
import { launch, screens, settled, stepInto, watch } from './browser.mjs';

const { values: o, positionals: routes } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    out: { type: 'string', default: 'shots' },
    role: { type: 'string' },
    cookie: { type: 'string' },
    screens: { type: 'string' },
    langs: { type: 'string', default: 'zh,en' },
    mode: { type: 'string', default: '' },
    full: { type: 'boolean', default: false },
    axe: { type: 'boolean', default: false },
  },
});

mkdirSync(o.out, { recursive: true });
const browser = await launch();
let bad = 0;
for (const lang of o.langs.split(',')) {
  for (const screen of Object.keys(screens)) {
    const mine = routes.filter((r) =>
      o.screens ? o.screens.split(',').includes(screen) : /^\/[hw](\/|$)/.test(r) ? screen === 'phone' : true,
    );
    if (mine.length === 0) continue;
    const context = await browser.newContext({
      ...screens[screen],
      locale: lang === 'zh' ? 'zh-CN' : 'en-US',
      timezoneId: 'Asia/Shanghai',
    });
    await context.addInitScript(
      ([l, m]) => {
        localStorage.setItem('linli.lang', l);
        if (m) localStorage.setItem('linli.mode', m);
      },
      [lang, o.mode],
    );
    if (o.cookie) {
      const [name, value] = o.cookie.split('=');
      await context.addCookies([{ name, value, url: o.url }]);
    } else if (o.role) await stepInto(context, o.url, o.role);
    for (const route of mine) {
      const page = await context.newPage();
      const faults = watch(page, o.url);
      await page.goto(o.url + route, { waitUntil: 'load' });
      await settled(page);
      const name = `${
        route
          .replace(/[?#].*$/, '')
          .replace(/\W+/g, '-')
          .replace(/^-|-$/g, '') || 'home'
      }${o.role ? `.${o.role}` : ''}${o.mode ? `.${o.mode}` : ''}.${screen}.${lang}.png`;
      await page.screenshot({ path: join(o.out, name), fullPage: o.full });
      if (o.axe) faults.push(...(await axe(page)).map((v) => `axe: ${v}`));
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (wide > 0) faults.push(`scrolls sideways by ${wide} px`);
      console.log(`${faults.length ? 'FAULT' : 'ok   '} ${join(o.out, name)}`);
      for (const f of faults) console.log(`        ${f}`);
      bad += faults.length;
      await page.close();
    }
    await context.close();
  }
}
await browser.close();
process.exitCode = bad > 0 ? 1 : 0;
