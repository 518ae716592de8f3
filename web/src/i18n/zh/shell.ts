import type { Words } from '..';
import type en from '../en/shell';

const zh: Words<typeof en> = {
  skip: '跳到正文',
  navigation: '页面',
  'nav.hub': '枢纽',
  'nav.sites': '数据中心',
  'nav.jobs': '作业',
  'nav.submit': '提交',
  'nav.tenants': '租户',
  'nav.statements': '账单',
  'nav.plan': '规划',
  'nav.replay': '回放',
  'nav.report': '年报',
  'nav.wall': '大屏',

  'link.connecting': '连接中',
  'link.live': '实时',
  'link.again': '重连中',
  'link.polling': '每 5 s',
  'link.away': '无法连接',
  'link.closed': '未登录',

  away: '无法连接枢纽。',
  awaySince: '所示为 {time} 的数据。',
  awayNothing: '尚未读到数据。',
  awayDo: '正在自动重试。',
  tryNow: '立即重试',

  menu: '用户与外观',
  language: '语言',
  otherLanguage: 'English',
  theme: '外观',
  'theme.system': '跟随系统',
  'theme.light': '浅色',
  'theme.dark': '深色',
  signOut: '退出登录',
  signedInAs: '当前身份',
  api: 'API',
  crumbs: '页面位置',

  missing: '没有此页面',
  missingDo: '此地址上没有控制台页面。',
  toHub: '回到枢纽',
  building: '此页面尚未建成。',
};

export default zh;
