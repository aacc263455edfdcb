// What the desk does all day: giving an order to somebody else without a mouse, opening a figure down to its rows,
// reading in a register with faults.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { screens } from '../tools/browser.mjs';
import { all, enter, missing, serious, until } from './linli.mjs';
import { town } from './town.mjs';

const step = (who) => enter(town, who, screens.desk);
const button = (page, name) => page.getByRole('button', { name, exact: true });

/** Goes on with Tab until the focus is on what `wanted` (in the page) says; no mouse. */
async function tabTo(page, wanted, most = 80) {
  for (let n = 0; n < most; n++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(wanted)) return;
  }
  assert.fail(`not reached by ${most} times Tab: ${wanted}`);
}

test('an order is given to somebody else by keyboard alone', { skip: missing }, async () => {
  const desk = await step('dispatcher');
  const { page } = desk;
  // An order that somebody has and somebody else could take.
  let order;
  for (const o of await all(desk.get, '/api/v1/orders?state=assigned,accepted')) {
    if (!o.worker || o.second || o.facility) continue;
    const why = await desk.get(`/api/v1/dispatches/${o.id}`);
    if (why.options.some((x) => x.worker !== o.worker.id)) {
      order = o;
      break;
    }
  }
  assert.ok(order, 'no order that two people could take');

  await page.goto(`${town.url}/dispatch?sel=${order.id}&map=off`);
  await page.getByRole('button', { name: '改派', exact: true }).first().waitFor();
  await tabTo(page, "document.activeElement.textContent === '改派'");
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await tabTo(page, "document.activeElement.type === 'radio'", 8);
  await page.keyboard.press('Space');
  await tabTo(page, "document.activeElement.textContent === '改派' && !document.activeElement.disabled", 8);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'hidden' });
  // Five seconds to take it back; they are let pass.
  await page.getByRole('button', { name: '撤回', exact: true }).waitFor();
  const now = await until(
    () => desk.get(`/api/v1/orders/${order.id}`),
    (o) => o.worker && o.worker.id !== order.worker.id,
    'the order is still with the same person',
  );
  assert.ok(now.timeline.some((l) => /reassigned|assigned/.test(l.kind)));
  assert.deepEqual(serious(desk.faults), []);
  await desk.context.close();
});

test('a figure opens to its formula and down to the row behind it', { skip: missing }, async () => {
  const { page, context, faults } = await step('street-director');
  await page.goto(`${town.url}/insight`);
  await page.getByText('需求匹配度').first().waitFor();
  await page.getByRole('button', { name: /%/ }).first().click();
  await page.getByText('类型、时间、空间都对的 ÷ 到期的需求').waitFor();
  await page.getByRole('link', { name: '看明细' }).first().click();
  await page.waitForURL(/\/insight\/demand-match-rate/);
  await page.getByRole('heading', { name: '需求匹配度的明细' }).waitFor();
  const rows = page.getByRole('grid').getByRole('row');
  await rows.nth(1).waitFor();
  await page.getByText('只在分母', { exact: true }).click();
  await page.waitForURL(/part=denominator/);
  await page.getByText('分子', { exact: true }).first().click();
  await page.waitForURL(/part=numerator/);
  await rows.nth(1).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/demands\/dem_/);
  await page.getByRole('heading', { name: '原话' }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test('a register with faults names each cell and its reason, and takes the good rows', {
  skip: missing,
}, async () => {
  const { page, context, faults } = await step('data-steward');
  const csv = [
    '姓名,性别,出生日期,电话,住址,人员类别',
    '柏清和,女,1951-03-02,00000090001,康乐路1号1单元101室,空巢',
    ',男,1960-01-01,00000090002,康乐路1号1单元102室,',
    '柏清远,男,1948-13-40,00000090003,康乐路1号1单元103室,',
    '柏清明,男,1955-06-06,12ab,康乐路1号1单元104室,会飞',
  ].join('\r\n');
  await page.goto(`${town.url}/residents/import`);
  await page.locator('input[type=file]').setInputFiles({
    name: '康乐名册.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(csv),
  });
  await page
    .getByText(/康乐名册\.csv/)
    .first()
    .waitFor();
  const place = page.locator('#import-place');
  await place.click();
  await page
    .getByTitle(/^康乐社区/)
    .last()
    .click();
  await button(page, '导入').click();
  const faultsGrid = page.getByRole('grid', { name: '要改的格子' });
  await faultsGrid.waitFor();
  for (const [cell, reason] of [
    ['A3', /没有姓名.*整行没导入/],
    ['C4', /出生|日期/],
    ['F5', /认不出的人员类别.*只空着这一格/],
  ]) {
    const row = faultsGrid.getByRole('row').filter({ has: page.getByText(cell, { exact: true }) });
    await row.filter({ hasText: reason }).first().waitFor();
  }
  await page.goto(`${town.url}/residents?q=${encodeURIComponent('柏清和')}`);
  await page.getByRole('row').nth(1).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});
