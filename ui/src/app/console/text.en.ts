import type { zh } from './text.zh';

export const en = {
  skip: 'Skip to content',
  groups: { duty: 'Duty', space: 'Space', people: 'People', govern: 'Governance', config: 'Settings' },
  home: 'Overview',
  searchHint: 'Find people, orders, addresses, pages',
  palette: {
    title: 'Search',
    placeholder: 'Name, door, number or page',
    pages: 'Pages',
    nothing: (w: string) => `Nothing found for “${w}”`,
    keys: '↑↓ choose · Enter open · Esc close',
  },
  signOut: 'Sign out',
  langOther: '\u4e2d\u6587',
  scopeAll: 'Whole area',
  streamOff: 'Not connected',
  notFound: 'No such page',
  notFoundAct: 'Home',
  crash: 'This page failed. The others are not affected.',
  noPages: 'This account has no pages yet. Ask the security administrator of the street office for rights.',
  overview: {
    work: 'To do',
    nothing: 'Nothing to do right now.',
    title: 'Overview',
  },
} satisfies typeof zh;
