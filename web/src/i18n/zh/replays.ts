import type { Words } from '..';
import type en from '../en/replays';

const zh: Words<typeof en> = {
  title: '回放',
  lead: '把本枢纽自己的历史在虚拟时间里按其他策略重新走一遍，用的是同一个引擎。枢纽本身不作任何改动。',
  all: '全部回放',
  newReplay: '新建回放',
  none: '尚无回放。',
  noneDo: '开始第一项回放',

  newTitle: '新建回放',
  newLead: '换一种策略会更好吗？请选两种以上，各策略面对相同时刻到来的相同作业。',
  policies: '策略',
  policiesHint: '选中的第一种作为比较基准，可在结果页更换。',
  fewPolicies: '请至少选两种，或选一种并给出自定义策略',
  ownCheck: '自定义策略',
  ownHint: 'TOML 格式，只写与基础策略不同之处；结果中称为 “own”。',
  own: '自定义策略文本',
  name: '名称',
  nameHint: '列表中显示的名称；留空则用策略名。',
  run: '开始回放',
  checking: '枢纽正在读取……',
  and: '{all} 与 {last}',

  what: '会发生什么',
  what1: '本枢纽已结束的每个作业，都在虚拟时间里按原来的时限、优先级和规模重新提交，并运行同样长的时间。',
  what2: '资源池就是本枢纽的资源池。当时租户的应得份额、限额和停用不参与回放。',
  what3: '不启动任何作业，不计费，也不改变任何策略。在枢纽之外以最低优先级运行，通常几秒即可完成。',
  what4: '十来个作业说明不了什么；几百个作业、几个租户才值得比较。',
  follow: '若某种策略更好，可用它启动枢纽：',

  example: `# 只写与基础策略不同之处。
base = "default"
patience = "72h"

[weights]
price = 30
carbon = 10
`,
};

export default zh;
