/** Words about people that the console and the phone share. */
export const zh = {
  and: '、',
  years: (n: number) => `${n} 岁`,
  state: { living: '在住', moved: '已搬走', died: '已故' } as Record<string, string>,
  gone: '已遗忘',
  purpose: {
    service: '社区服务',
    health: '健康信息',
    child: '孩子信息',
    sensing: '居家感应',
    'family-share': '告诉家人',
  } as Record<string, string>,
  care: {
    id_no: '身份证号',
    birth: '出生日期',
    health: '健康情况',
    disability: '残疾',
    aid: '救助',
    ability: '自理能力',
    groups: '特殊人群',
  },
  grade: (n: number) => `${['', '一', '二', '三', '四'][n] ?? n}级`,
  score: (n: number) => `${n} 分`,
  first: '先打',
  ended: (t: string) => `${t} 取消`,
  since: (t: string) => `${t} 起`,
};
