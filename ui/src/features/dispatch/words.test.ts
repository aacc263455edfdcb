import { beforeAll, describe, expect, it } from 'vitest';
import { setLang } from '@/i18n';
import type { Refused } from './api';
import { useText } from './text';
import {
  gateWords,
  goMinutes,
  groupRefused,
  nobodyLine,
  priceLine,
  reasonLines,
  tellingLines,
} from './words';

const { zh, en } = useText.both;
const names = {
  worker: (id: string) => ({ wkr_li: '李秀英', wkr_sun: '孙建华' })[id] ?? id,
  skill: (code: string) => ({ bathing: '助浴' })[code] ?? code,
};
const says = (lines: { text: string; against?: boolean }[]) =>
  lines.map((l) => (l.against ? `− ${l.text}` : l.text));

beforeAll(() => setLang('zh'));

describe('the grounds of a choice', () => {
  it('are sentences with figures, the strongest first', () => {
    const lines = reasonLines(
      [
        { code: 'rank', value: 1 },
        { code: 'feasible', value: 12 },
        { code: 'asked', value: 65 },
        { code: 'travel', value: 6.4 },
        { code: 'same-carer', value: 8 },
        { code: 'rating', value: 1.2 },
        { code: 'load', value: 4.2 },
        { code: 'runner-up', value: 3.2, ref: 'wkr_li' },
      ],
      names,
      zh,
    );
    expect(says(lines)).toEqual([
      '以前服务过这位居民',
      '多走 6.4 分',
      '问了 65 人，12 人能去，这样最省',
      '换李秀英要多花 3.2 分',
      '评价 4.7 星',
      '当天已排 42%',
    ]);
  });

  it('say when the way is only estimated', () => {
    const way = { code: 'travel', value: 6.4, approx: true };
    expect(says(reasonLines([way], names, zh))).toEqual(['多走约 6.4 分']);
  });

  it('say so when a person overruled the first choice', () => {
    const lines = reasonLines(
      [
        { code: 'rank', value: 3 },
        { code: 'feasible', value: 4 },
        { code: 'asked', value: 20 },
        { code: 'travel' },
        { code: 'later-than-hoped', value: 25 },
        { code: 'runner-up', value: -12.5, ref: 'wkr_sun' },
      ],
      names,
      zh,
    );
    expect(says(lines)).toEqual([
      '顺路，不用多走',
      '− 问了 20 人，4 人能去，这位排第 3',
      '− 孙建华能少花 13 分',
      '− 比希望的晚 25 分',
    ]);
  });

  it('leave out of a candidate what its price says already', () => {
    const reasons = [
      { code: 'rank', value: 2 },
      { code: 'feasible', value: 3 },
      { code: 'travel', value: 4 },
      { code: 'preferred' },
    ];
    expect(says(tellingLines(reasons, names, zh))).toEqual(['居民点名要的']);
  });

  it('name the only one without counting', () => {
    const lines = reasonLines(
      [{ code: 'rank', value: 1 }, { code: 'feasible', value: 1 }, { code: 'only-one' }],
      names,
      en,
    );
    expect(says(lines)).toEqual(['The only one who can go']);
  });
});

it('walks residents to a slot and does not travel them', () => {
  const reasons = [
    { code: 'travel', value: 6.2 },
    { code: 'wait', value: 3 },
    { code: 'free-seats', value: 1, ref: 'bkg_1' },
  ];
  expect(says(reasonLines(reasons, names, zh))).toEqual([
    '那段时间有空位',
    '步行约 6.2 分',
    '− 比希望的晚 30 分',
  ]);
  expect(says(reasonLines([{ code: 'worker-off', ref: 'wkr_li' }], names, zh))).toEqual([
    '− 原来派的李秀英不能来了',
  ]);
});

describe('why nobody goes', () => {
  it('puts what can still change before what cannot', () => {
    const reasons = [
      { code: 'gate-skill', value: 41 },
      { code: 'gate-time', value: 9 },
      { code: 'no-room', value: 2 },
    ];
    expect(nobodyLine(reasons, zh)).toBe('9 人那时不在班，2 人的班次里排不下，41 人没有这项技能');
    expect(nobodyLine(reasons, en)).toBe('9 off duty then, 2 with no room in the shift, 41 lack the skill');
  });
  it('words a full facility and an untried order', () => {
    expect(nobodyLine([{ code: 'no-slot', ref: 'every slot is full' }], zh)).toBe('时段都满了');
    expect(nobodyLine([], zh)).toBe('还没试派');
  });
});

describe('the first failed gate of one person', () => {
  const of = (gate: string, detail = '') => gateWords({ gate, detail }, names, zh);
  it('is a human sentence with its figure', () => {
    expect(of('skill', 'bathing')).toBe('没有助浴技能');
    expect(of('certificate', 'bathing 2020-11-20')).toBe('助浴证书 2020-11-20到期');
    expect(of('time', 'shift')).toBe('那时不在班');
    expect(of('time', 'inactive')).toBe('已停岗');
    expect(of('space', 'no-way')).toBe('45 分内没有路可到');
    expect(of('space', '1h2m0s')).toBe('路上要 62 分，超过 45 分');
    expect(of('capacity', '7h30m0s')).toBe('当天已排 7 小时 30 分，再加就满了');
    expect(of('no-room')).toBe('班次里排不下，会误已约好的服务');
  });
  it('has words in both languages for every gate', () => {
    for (const gate of [
      'skill',
      'certificate',
      'excluded',
      'consent',
      'time',
      'space',
      'capacity',
      'no-room',
    ]) {
      expect(of(gate)).toMatch(/[一-鿿]/);
      expect(gateWords({ gate, detail: '' }, names, en)).toMatch(/ /);
    }
  });
  it('groups people, the rarest reason first', () => {
    const r = (name: string, gate: string): Refused => ({ worker: name, name, gate });
    const groups = groupRefused([r('甲', 'consent'), r('乙', 'excluded'), r('丙', 'consent')], names, zh);
    expect(groups.map((g) => [g.because, g.who.length])).toEqual([
      ['居民不要这位，或本人已退单', 1],
      ['居民还没同意这项服务', 2],
    ]);
  });
});

it('reads durations as Go prints them', () => {
  expect(['52m0s', '1h0m0s', '30s', '', 'soon'].map(goMinutes)).toEqual([52, 60, 1, undefined, undefined]);
});

it('prices a way in one line', () => {
  const now = Date.parse('2026-11-23T08:00:00Z');
  const o = {
    promise: { from: '2026-11-23T16:20:00+08:00', to: '2026-11-23T16:40:00+08:00' },
    travel_min: 6.3,
    late_min: 0,
    broken: 1,
  };
  expect(priceLine(o, zh, now)).toBe('今天 16:20–16:40 到 · 多走 6.3 分 · 不迟 · 会误 1 个已约好的服务');
});
