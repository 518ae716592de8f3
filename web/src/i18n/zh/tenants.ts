import type { Words } from '..';
import type en from '../en/tenants';

const zh: Words<typeof en> = {
  title: '租户',
  lead: '谁在共享枢纽，各自应得多少，用了多少。',
  leadOwn: '本租户及其项目应得多少，用了多少。',
  count: '租户与项目',
  heldOfAll: '占用卡数 / 全枢纽',
  letIn: '接纳租户',

  shares: '份额',
  search: '租户名称',
  keyUse: '用量占比',
  keyDue: '应得份额；满格为应得的两倍',
  tenant: '租户',
  bar: '用量与应得',
  share: '用量占比',
  due: '应得份额',
  against: '超出或不足',
  weight: '权重',
  guaranteed: '保障',
  most: '上限',
  held: '占用卡数',
  used: '已用卡时',
  do: '条款',
  terms: '调整',
  termsOf: '调整 {name} 的条款',
  none: '尚无租户。可用上方按钮接纳，或使用命令：',
  notFound: '没有名称含“{text}”的租户。',
  about:
    '应得份额是各方都有需求时，按租户及其上级的权重分得的部分；项目的用量计入其所属租户。'
    + '低于应得份额者优先；超出者用的是他人暂不需要的算力。用量会淡出：每过一个半衰期只计一半。'
    + '用量按 100 TFLOPS（fp16，稠密）的卡折算为卡时。',
};

export default zh;
