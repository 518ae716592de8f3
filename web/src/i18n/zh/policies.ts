import type { Words } from '..';
import type en from '../en/policies';

const zh: Words<typeof en> = {
  'policy.default': '租户间公平，租户内长短兼顾，为宽作业预留节点，可抢占，按价值装箱',
  'policy.fair': '同 default，但租户内先到先得',
  'policy.fifo': '全体按先后排成一队，放不下的作业不被超越，不抢占，选最紧凑的节点',
  'policy.sjf': '全体租户排成一队，预计最短者优先',
  'policy.bestfit': 'default 换一种装箱：剩余的核与卡最少',
  'policy.fgd': 'default 换一种装箱：碎片增长最少',
  'policy.own': '自定义策略，按所给文本',
};

export default zh;
