import type { Words } from '..';
import type en from '../en/tenancy';

const zh: Words<typeof en> = {
  noUse: '尚无用量',
  near: '与应得持平',
  over: '超出 {n} 个百分点',
  under: '不足 {n} 个百分点',

  termsTitle: '{name} 的配额条款',
  termsNote: '以下四项将整体替换原有条款。新条款只约束此后启动的作业，运行中的作业不受影响。',
  changedMeanwhile: '打开此表单后，条款已被他人修改。',
  beginAnew: '按当前条款重新填写',
  arrange: '保存条款',
  parent: '所属租户',
  noParent: '无（独立机构）',
  parentHint: '项目分享其所属租户的份额，最多四级。',
  weight: '权重',
  weightHint: '权重 3 的应得份额是同级权重 1 的三倍。',
  weightMissing: '权重须为不小于 1 的整数。',
  guaranteed: '保障',
  guaranteedHint: '需要时可随时从借用方收回的卡数。',
  most: '上限',
  mostHint: '本租户及其项目占用的卡数不超过此数。',
  nothing: '无',
  noLimit: '不限',

  letInTitle: '接纳租户',
  letIn: '接纳',
  name: '名称',
  nameHint: '小写字母、数字、连字符和点，之后不可更改。',
  nameMissing: '请填写租户名称。',
  exists: '租户 {name} 已存在，请在其页面上调整条款。',
  tokenToo: '同时生成首个令牌',
  tokenTooHint: '租户凭令牌提交作业、查看自己的账单。令牌仅显示一次。',

  tokenTitle: '为 {name} 生成令牌？',
  tokenWhat: '持有者即以 {name} 的身份行事：提交作业、查看并支付账单。令牌在吊销前一直有效，且仅显示一次；此前的令牌不受影响。',
  makeToken: '生成令牌',
  madeTitle: '{name} 的令牌',
  madeOnce: '离开本页前请保存：枢纽只留存其哈希，无法再次显示。',
  token: '令牌',
  shell: '命令行',
  python: 'Python',
  browser: '本控制台',
  fingerprint: '若枢纽使用自签证书，命令行还需设置 SHUGU_FINGERPRINT；“shugu up” 启动时会打印该值。',
  kept: '我已保存',
};

export default zh;
