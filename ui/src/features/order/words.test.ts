import { beforeEach, describe, expect, it } from 'vitest';
import { setLang } from '@/i18n';
import type { Line } from './api';
import { detail, order } from './sample.test-env';
import { useText } from './text';
import { lineWord, ownerWord, primaryOf, reasonsIn, reasonsOf, reasonWord } from './words';

const t = useText.both.zh;
beforeEach(() => setLang('zh'));

describe('grounds of a decision', () => {
  it('become sentences, continuity first, what speaks against marked', () => {
    const said = reasonsIn(t, [
      { code: 'rank', value: 1 },
      { code: 'feasible', value: 8 },
      { code: 'asked', value: 49 },
      { code: 'travel', value: 6.5, unit: 'min' },
      { code: 'same-carer', value: 12, unit: 'min' },
      { code: 'load', value: 3, unit: 'min' },
      { code: 'runner-up', value: 4.2, unit: 'min' },
    ]);
    expect(said.map((r) => r.text)).toEqual([
      '以前服务过，居民熟悉',
      '问了 49 人，8 人能接，排第 1',
      '路程增加 6.5 分',
      '今天活较多',
      '比第二位省 4.2 分',
    ]);
    expect(said.filter((r) => r.against).map((r) => r.text)).toEqual(['今天活较多']);
  });
  it('say why nobody can go, and pass over codes nobody knows', () => {
    const said = reasonsIn(t, [
      { code: 'gate-skill', value: 33 },
      { code: 'gate-time', value: 4 },
      { code: 'no-room', value: 2 },
      { code: 'moon-phase', value: 1 },
    ]);
    expect(said).toEqual([
      { text: '33 人没有所需技能', against: true },
      { text: '4 人不在班', against: true },
      { text: '2 人的时间放不下', against: true },
    ]);
  });
});

describe('the first act', () => {
  it('is what the state asks for, and only what the asker may do', () => {
    expect(primaryOf(order({ state: 'rated', may: ['close', 'reopen'] }))).toBe('close');
    expect(primaryOf(order({ state: 'finished', may: ['confirm', 'dispute'] }))).toBe('confirm');
    expect(primaryOf(order({ state: 'finished', may: ['note'] }))).toBeUndefined();
    expect(primaryOf(order({ state: 'waiting', may: ['cancel'] }))).toBeUndefined();
  });
});

it('a breach names who answers: the worker by name, else the role', () => {
  const at = { seq: 1, at: '', stored_at: '', round: 1, state: 'accepted', user: 'system' } as const;
  const breach = (owner: Line['owner']): Line => ({ ...at, kind: 'order.breached', clock: 'start', owner });
  expect(lineWord(t, breach({ role: 'worker', worker: 'wkr_1' }), detail())).toBe('上门超时，责任：魏子涵');
  expect(lineWord(t, breach({ role: 'dispatcher' }), detail())).toBe('上门超时，责任：调度员');
  expect(
    lineWord(t, { ...at, kind: 'order.escalated', clock: 'accept', to_role: 'street-director' }, detail()),
  ).toBe('接单超时，报街道主任');
  expect(ownerWord(t, { role: 'worker', worker: 'wkr_9' })).toBe('服务人员');
});

it('a recorded step is called by its name', () => {
  const steps = [{ no: 5, zh: '维修', en: 'Repair', owner: 'repairer', required: false }];
  const line: Line = {
    seq: 1,
    at: '',
    stored_at: '',
    round: 1,
    state: 'arrived',
    user: 'u',
    kind: 'order.step_done',
    step: 5,
  };
  expect(lineWord(t, line, { steps })).toBe('完成：维修');
  expect(lineWord(t, { ...line, step: 7 }, { steps })).toBe('记步骤');
});

it('every reason an act may give has words in both languages', () => {
  for (const lang of ['zh', 'en'] as const) {
    const words = useText.both[lang];
    const bare = Object.values(reasonsOf).flatMap((rs) =>
      (rs ?? []).filter((r) => reasonWord(words, r) === r),
    );
    expect(bare).toEqual([]);
  }
});
