export const zh = {
  skip: '跳到内容',
  groups: { duty: '值守', space: '空间', people: '主体', govern: '治理', config: '配置' },
  home: '态势',
  searchHint: '找人、服务单、地址、页面',
  palette: {
    title: '搜索',
    placeholder: '姓名、门牌、单号或页面名',
    pages: '页面',
    nothing: (w: string) => `没有找到“${w}”`,
    keys: '↑↓ 选择 · Enter 打开 · Esc 关闭',
  },
  signOut: '退出登录',
  langOther: 'English',
  scopeAll: '全部辖区',
  streamOff: '未连接',
  notFound: '没有这一页',
  notFoundAct: '回首页',
  crash: '这一页出错了，其他页面不受影响。',
  noPages: '这个账号还没有可以办理的页面。请联系街道的安全管理员授权。',
  overview: {
    title: '态势',
  },
};
