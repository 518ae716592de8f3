import type { Words } from '..';
import type en from '../en/plans';

const zh: Words<typeof en> = {
  title: '规划',
  lead: '为达到目标，在何处、何时、建设什么。规划在枢纽之外单独计算，不改动枢纽。',
  all: '全部规划',
  newPlan: '新建规划',
  none: '尚无规划。',
  noneDo: '新建第一项规划',

  newTitle: '新建规划',
  newLead: '情景说明现有什么、可采购和建设什么、要达到什么；枢纽据此求出最省的方案。',
  beginWith: '起始文本',
  asked: '原样：{name}',
  own: '自己的文件',
  outline: '简短示例',
  startOver: '恢复原文',
  changed: '已修改',
  replaceAsk: '替换文本？',
  replaceSays: '所作的修改将丢失。',
  replaceDo: '替换',
  replaceKeep: '保留修改',

  scenario: '情景',
  scenarioHint: 'TOML 格式，可将文件拖到此处。',
  name: '名称',
  nameHint: '列表中显示的名称；留空则用情景的名称。',
  seconds: '搜索时长',
  secondsUnit: 's',
  secondsHint: '每次搜索到时即停，保留已找到的最优方案；1 至 3600。',
  sure: '要求足够把握',
  sureHint: '按越来越晚的到货与完工日期规划，直到各目标的达成概率够高。',
  sureLabel: '达成全部目标的概率',
  sureRange: '应在 1 % 至 99 % 之间',
  trade: '计算更多、更绿、更早各需多少钱',
  tradeHint: '另按其他目标、碳排放上限和日期各规划若干次。',
  tradeLabel: '三条曲线各取几点',
  run: '开始规划',
  checking: '枢纽正在读取……',
  takes: '{n} 次搜索，最长约 {span}。',
  takesNote: '在枢纽之外运行，优先级最低；其他计算须等它结束。',

  reads: '情景概要',
  horizon: '规划期',
  horizonIs: '{start} 至 {end}',
  periods: '{n} 期，每期 {months} 个月',
  target: '目标',
  targetIs: '{by} 前达到 {amount}',
  sites: '数据中心',
  technologies: '技术路线',
  fleets: '已有算力',
  census: '普查数据',
  noTarget: '无目标，只满足需求',

  targetPast: '有目标早于今天（{by}）：枢纽不为已过去的时间规划。',
  startPast: '情景始于 {start}，而今天是 {today}：方案可能要求在已过去的月份下单。',
  move: '所有日期后移 {n} 年',
  moveNote: '价格、周期和供货保持不变。若要按另一日期规划，请用命令行：{command}',
  moved: '已后移 {n} 年，现从 {start} 开始。',

  example: `# 示例数据：一个小型枢纽从 100 PFLOPS 扩至 250 PFLOPS。
# 数值写作 "559 kW"、"1 .. 4 M yuan" 或 "1 .. 2 .. 4 M yuan"：最小、最可能、最大。
name = "扩容示例"
start = "{start}"
periods = 4

[[target]]
id = "more"
by = "{by}"
computing = "250 PFLOPS"

[[fleet]]
id = "today"
computing = "100 PFLOPS"

[[technology]]
id = "server"
devices = 8
computing = "2.5 PFLOPS"
racks = 0.25
power = "5.6 kW"
price = "1 .. 2 .. 4 M yuan"
lead = "3 months"
life = "60 months"
cooling = "air"

[[cooling]]
id = "air"
racks = 20
price = "8 M yuan"
lead = "3 months"
pue = 1.2

[[site]]
id = "east-1"
power = "500 kW"
land = 2
electricity = "0.4 yuan/kWh"
carbon = "0.5 kg/kWh"

[delays]
# 在周期之外再晚几个月。
building = "0 .. 1 .. 6 months"
delivery = "0 .. 1 .. 5 months"
`,
};

export default zh;
