import type { zh } from './text.zh';

export const en = {
  and: ', ',
  years: (n: number) => `${n} years`,
  state: { living: 'Lives here', moved: 'Moved away', died: 'Deceased' } as Record<string, string>,
  gone: 'Forgotten',
  purpose: {
    service: 'Community services',
    health: 'Health data',
    child: 'Data of a child',
    sensing: 'Sensors at home',
    vitals: 'Vital signs',
    location: 'Position when help is needed',
    'family-share': 'Telling the family',
  } as Record<string, string>,
  care: {
    id_no: 'Identity number',
    birth: 'Birth date',
    health: 'Health',
    disability: 'Disability',
    aid: 'Income aid',
    ability: 'Ability',
    groups: 'Special groups',
  },
  grade: (n: number) => `grade ${n}`,
  score: (n: number) => `score ${n}`,
  first: 'Call first',
  ended: (t: string) => `ended ${t}`,
  since: (t: string) => `since ${t}`,
} satisfies typeof zh;
