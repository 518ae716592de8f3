import type { Words } from '..';
import type en from '../en/jobs';

const zh: Words<typeof en> = {
  title: '作业',
  submit: '提交作业',
  lead: '最新的在前。',
  leadTenant: '您的作业，最新的在前。',
  leadProvider: '在您的资源池中的作业，最新的在前。',

  saved: '常用筛选',
  'saved.all': '全部',
  'saved.own': '我的',
  'saved.waiting': '正在等待',
  'saved.running': '正在运行',
  'saved.failed': '今日失败',
  'saved.mine': '运营方自有',

  filters: '筛选',
  search: '名称的一部分，或作业号如 job-12',
  states: '状态',
  tenant: '租户',
  pool: '资源池',
  site: '站点',
  any: '全部',
  from: '提交时间自',
  until: '至',
  clear: '清除筛选',

  state: '状态',
  job: '作业',
  name: '名称',
  submitted: '提交时间',
  wait: '等待',
  run: '运行',
  exit: '退出码',
  energy: '能耗',
  carbon: '碳排',
  cost: '费用',

  newer: '{n} 个更新的作业 – 显示',
  newerMany: '超过 {n} 个更新的作业 – 显示',
  held: '本页保持读取时的内容，仅更新其中作业的状态。',
  toFirst: '回到最新的作业',
  modelled: '模型估算，非计量',

  none: '还没有提交过作业。可这样提交：',
  noneFound: '没有符合筛选条件的作业。',
  openIt: '打开 {job}',

  keys: '快捷键',
  'keys.search': '搜索',
  'keys.down': '下一个作业',
  'keys.up': '上一个作业',
  'keys.open': '打开；在搜索框中：打开唯一的结果',
  'keys.leave': '离开搜索框',
};

export default zh;
