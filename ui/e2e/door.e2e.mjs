// The first day of a new street office: the one-time link, the door, and what guessing comes to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { screens } from '../tools/browser.mjs';
import { enter, missing, serve } from './linli.mjs';
import { town } from './town.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true });

test('the one-time link sets up the administrator once, and guessing locks the door', {
  skip: missing,
}, async () => {
  const hub = await serve();
  try {
    const { page, context, faults } = await enter(
      { browser: town.browser, url: hub.url },
      undefined,
      screens.desk,
    );
    const password = 'lin-li-2026-first-day';
    await page.goto(hub.link);
    await page.getByLabel('账号', { exact: true }).fill('qin.yue');
    await page.getByLabel('姓名').fill('秦越');
    await page.getByLabel('密码', { exact: true }).fill('short');
    await page.getByLabel('再输一次').fill('short');
    await button(page, '完成设置').click();
    await page.locator('[data-error=true]').filter({ hasText: '10' }).waitFor();
    assert.ok(!page.url().includes('t='), 'the token stays in the address');
    await page.getByLabel('密码', { exact: true }).fill(password);
    await page.getByLabel('再输一次').fill(password);
    await button(page, '完成设置').click();
    await page.getByRole('button', { name: /秦越/ }).click();
    await button(page, '退出登录').click();
    await page.waitForURL('**/sign-in');

    // The link is spent.
    await page.goto('about:blank');
    await page.goto(hub.link);
    await page.getByLabel('账号', { exact: true }).fill('somebody');
    await page.getByLabel('姓名').fill('别人');
    await page.getByLabel('密码', { exact: true }).fill(password);
    await page.getByLabel('再输一次').fill(password);
    await button(page, '完成设置').click();
    await page.getByRole('alert').waitFor();

    // Five wrong passwords lock the account, also for the right one.
    await page.goto(`${hub.url}/sign-in`);
    await page.getByLabel('账号').fill('qin.yue');
    const answers = [];
    for (const tried of [1, 2, 3, 4, 5, 6].map((n) => (n < 6 ? `wrong-password-${n}` : password))) {
      await page.getByLabel('密码').fill(tried);
      const answer = page.waitForResponse(
        (r) => r.request().method() === 'POST' && /\/session$/.test(r.url()),
      );
      await button(page, '登录').click();
      answers.push((await answer).status());
      await page.getByRole('alert').waitFor();
    }
    await page.getByRole('alert').filter({ hasText: '锁定 15 分钟' }).waitFor();
    assert.ok(
      answers.every((s) => s >= 400),
      `the answers were ${answers}`,
    );
    assert.deepEqual(
      faults.filter((f) => !/status of 4\d\d/.test(f)),
      [],
    );
    await context.close();
  } finally {
    await hub.stop();
  }
});
