/** Words of demands that the console and the phones share. */
export const zh = {
  state: {
    new: '刚收到',
    queued: '待分拣',
    hint: '待确认',
    ready: '正在开单',
    ordered: '已开单',
    referred: '已转办',
    merged: '已并入',
    withdrawn: '已撤回',
    closed: '已办结',
  },
  outcome: {
    served: '已服务',
    canceled: '服务单已取消',
    failed: '没有办成',
    answered: '已答复',
    unlawful: '依法不予办理',
    expired: '过期未确认',
  } as Record<string, string>,
  source: {
    resident: '居民手机',
    counter: '窗口登记',
    ticket: '12345 工单',
    survey: '问卷',
    data: '数据发现',
    observation: '走访',
    forecast: '预测',
    series: '定期服务',
  },
  urgency: ['不急', '一般', '较急', '危急'],
};
