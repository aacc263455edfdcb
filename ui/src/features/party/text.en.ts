import type { zh } from './text.zh';

export const en = {
  and: ', ',
  absence: { sick: 'Sick', leave: 'Leave', training: 'Training', other: 'Other' } as Record<string, string>,
  dayOff: 'Off',
  allDay: 'All day',
  away: 'Absent',
  level: (n: number) => `level ${n}`,
  never: 'does not expire',
  until: (d: string) => `until ${d}`,
  left: (n: number) => (n > 0 ? `${n} days left` : n === 0 ? 'ends today' : `ended ${-n} days ago`),
  revoked: 'revoked',
  days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
  hours: (n: string) => `${n} h`,
} satisfies typeof zh;
