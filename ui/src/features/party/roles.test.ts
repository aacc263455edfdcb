import { expect, it } from 'vitest';
import { inBrackets, rolesOf } from './roles';

const modules = [
  {
    code: 'm1',
    zh: '需求采集',
    en: 'collection',
    acts: [
      { part: 'R' as const, who: 'resident', zh: '居民', en: 'residents' },
      { part: 'A' as const, who: 'street-office', zh: '街道（应急）', en: 'the street office' },
    ],
  },
  {
    code: 'm2',
    zh: '预警',
    en: 'warning',
    acts: [{ part: 'I' as const, who: 'family', zh: '家人', en: 'the family' }],
  },
];

it('every actor is one row, the accountable first, with remarks kept', () => {
  const rows = rolesOf(modules, [{ code: 'street-office', zh: '街道办事处', en: 'street office' }], 'zh');
  expect(rows.map((r) => r.name)).toEqual(['街道办事处', '居民', '家人']);
  expect(rows[0]?.cells).toEqual([[{ part: 'A', note: '应急' }], []]);
  expect(rows[2]?.cells).toEqual([[], [{ part: 'I', note: '' }]]);
});

it('a remark is what stands in brackets at the end', () => {
  expect(inBrackets('各方（看各自得分）')).toBe('看各自得分');
  expect(inBrackets('居民')).toBe('');
});
