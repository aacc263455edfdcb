import { expect, it } from 'vitest';
import { useBase } from './base';

const catalogs = import.meta.glob<{ useText?: { both: Record<'zh' | 'en', object> } }>('../**/text.ts', {
  eager: true,
});

/** Leaves of a catalog: path → kind and, of functions, the number of parameters. */
function leaves(o: object, at = ''): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(o).map(([k, v]) =>
      typeof v === 'object' && v !== null
        ? leaves(v, `${at}${k}.`)
        : { [`${at}${k}`]: typeof v === 'function' ? `function/${v.length}` : typeof v },
    ),
  );
}
function strings(o: object): string[] {
  return Object.values(o).flatMap((v) =>
    typeof v === 'string' ? [v] : typeof v === 'object' && v ? strings(v) : [],
  );
}

const both: (readonly [string, Record<'zh' | 'en', object>])[] = Object.entries(catalogs).flatMap(([f, m]) =>
  m.useText ? [[f, m.useText.both] as const] : [],
);
both.push(['base', useBase.both]);

it.each(both)('%s says the same things in both languages', (_, { zh, en }) => {
  expect(leaves(en)).toEqual(leaves(zh));
});

// A text may name a Chinese heading or sample (姓名, 王女士); it may not be Chinese.
it.each(both)('%s: no English text is left in Chinese', (_, { en }) => {
  // the language's own name; a heading of a Chinese sheet; words written into a record that Chinese clerks read
  const names = ['中文', '联系人电话', '居民按了紧急呼叫，请马上联系。'];
  expect(
    strings(en).filter((s) => /[\u4e00-\u9fff]/.test(s) && !/[A-Za-z]{2}/.test(s) && !names.includes(s)),
  ).toEqual([]);
});

it.each(both)('%s: no word a clerk would not say', (_, { zh }) => {
  const never = /操作成功|系统异常|赋能|闭环|抓手|一键|智慧|温馨提示|亲爱的|！/;
  expect(strings(zh).filter((s) => never.test(s))).toEqual([]);
});

it.each(both)('%s: a space stands between Chinese and figures', (_, { zh }) => {
  expect(strings(zh).filter((s) => /[\u4e00-\u9fff]\d|\d[\u4e00-\u9fff]/.test(s))).toEqual([]);
});
