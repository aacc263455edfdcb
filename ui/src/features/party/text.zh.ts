/** Words about workers that the console and the phone share. */
export const zh = {
  and: '、',
  absence: { sick: '病假', leave: '事假', training: '培训', other: '其他' } as Record<string, string>,
  dayOff: '休息',
  allDay: '全天',
  away: '请假',
  level: (n: number) => `${n} 级`,
  never: '长期有效',
  until: (d: string) => `${d} 到期`,
  left: (n: number) => (n > 0 ? `还有 ${n} 天` : n === 0 ? '今天到期' : `已过期 ${-n} 天`),
  revoked: '已作废',
  days: ['周一', '周二', '周三', '周四', '周五', '周六', '周日'],
  hours: (n: string) => `${n} 小时`,
};
