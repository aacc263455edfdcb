import type { zh } from './text.zh';

export const en = {
  rows: (n: string) => `${n} rows`,
  more: 'Show more',
  openFull: 'Open page',
  clear: 'Clear filters',
  table: 'Table',
  chart: 'Chart',
  csv: 'Download CSV',
  map: 'Map',
  list: 'List',
  nowLine: 'Now',
  off: 'Off shift',
  travel: 'Travel',
  unitMinutes: 'min',
  sortAsc: 'Ascending',
  sortDesc: 'Descending',
  place: 'Place',
  street: (n: string) => `Whole street (${n} communities)`,
  placeFind: 'Name of a community, estate or building',
  firstOf: (n: string, all: string) => `first ${n} of ${all}`,
  work: { left: 'Time left', where: 'Door', what: 'Matter', who: 'Resident', state: 'State' },
} satisfies typeof zh;
