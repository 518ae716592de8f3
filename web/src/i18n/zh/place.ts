import type { Words } from '..';
import type en from '../en/place';

const zh: Words<typeof en> = {
  span: '时间范围',
  'span.24': '24 小时',
  'span.168': '7 天',
  'span.720': '30 天',
  devices: '设备占用',
  cores: '核占用',
  deviceHours: '每小时设备时',
  deviceDays: '每日设备时',
  coreHours: '每小时核时',
  coreDays: '每日核时',
  most: '上限',
  loadNote: '含已计费与运行中的各次执行；最后一柱尚未结束。',

  caption: '占用其资源的作业',
  state: '状态',
  job: '作业',
  name: '名称',
  tenant: '租户',
  pool: '资源池',
  devicesOf: '设备',
  coresOf: '核',
  runs: '已运行',
  endsBy: '最迟结束',
  noLimit: '无时限',
  noneRuns: '目前没有作业占用其资源。',
  noneOfYours: '目前没有本租户的作业占用其资源。',
  more: '仅列出最新 {n} 个。',
  toJobs: '在作业列表中查看全部',
  toEarlier: '曾在此运行的全部作业',
};

export default zh;
