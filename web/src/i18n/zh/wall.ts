import type { Words } from '..';
import type en from '../en/wall';

const zh: Words<typeof en> = {
  title: '大屏',
  running: '运行作业',
  waiting: '等待作业',
  devices: '设备占用',
  cores: '核占用',
  power: '功率',
  powerRead: '实读',
  powerModelled: '估算',
  powerBoth: '部分估算',
  powerLacking: '{n} 个资源池未知',
  carbon: '碳排',
  carbonNote: '按本时段电网因子',
  none: '无接入',
  use: '设备利用率，近 24 小时',
  useSays: '逐小时设备占用比例：{told}',
  useHour: '{hour} {share}',
  useMean: '均值 {share}',
  useNow: '本小时 {share}',
  useNone: '无接入设备。',
  sites: '数据中心',
  ladder: '算力（FLOPS）',
  ladderNote: '稠密；各类之间不相加',
  target: '目标',
  noTarget: '没有未到期的目标。',
  toGo: '尚差{distance}',
  silent: '{n} 个资源池失联',
  closed: '{n} 个数据中心关闭',
  away: '无法连接枢纽。所示为 {time} 的数据。',
  full: '全屏',
  notFull: '退出全屏',
};

export default zh;
