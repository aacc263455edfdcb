import type { zh } from './text.zh';

export const en = {
  title: 'Heat map of needs',
  item: 'Item',
  allItems: 'all items',
  window: 'Window',
  windows: { '1h': 'last hour', '24h': 'last 24 h', '7d': 'last 7 days', '30d': 'last 30 days' } as Record<
    string,
    string
  >,
  grain: 'Cells',
  grains: { '10': '130 m', '9': '350 m', '8': '900 m' } as Record<string, string>,
  view: 'View',
  map: 'Map',
  list: 'List',
  label: 'Heat map of needs: the darker, the more',
  hottest: (where: string, n: string) => `Most needs ${where}: ${n}`,
  scattered: 'No cell has 10 people, so no count is shown',
  nothing: 'No needs in this window.',
  legend: (item: string, window: string) => `Needs · ${window} · ${item}`,
  few: (n: string) => `Too few people to show (${n} cells)`,
  fewShort: 'Too few people',
  floor: (n: string) => `Cells with fewer than ${n} people are not counted out, to protect residents.`,
  total: (n: string, cells: string) => `${n} needs · ${cells} cells`,
  around: (name: string) => `around ${name}`,
  where: 'Place',
  count: 'Needs',
  share: 'Share',
  rank: 'Rank',
  cell: 'This cell',
  rankOf: (n: string, of: string) => `No. ${n} of ${of} cells`,
  noPlace: '—',
} satisfies typeof zh;
