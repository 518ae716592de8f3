// What the hub says of a job in sentences. They are English; the ones that are known are said in Chinese too, the others stay.

import { language } from '../i18n';
import { format } from '../ui';

const SPAN_S: Record<string, number> = { d: 86_400, h: 3600, m: 60, s: 1, ms: 0.001 };
/** "4s24ms" as people read it. */
function span(text: string): string {
  const parts = [...text.matchAll(/(\d+)(ms|[dhms])/g)];
  if (parts.map(([all]) => all).join('') !== text || parts.length === 0) return text;
  return format.span(parts.reduce((sum, [, count, unit]) => sum + Number(count) * (SPAN_S[unit ?? 's'] ?? 0), 0));
}
const moment = (text: string): string => (Number.isNaN(Date.parse(text)) ? text : format.moment(Date.parse(text)));
const money = (text: string): string => text.replace(/ CNY$/, ' 元');

const WHO: Record<string, string> = { tenant: '租户', provider: '提供方', operator: '运营方' };

/** How a job ended, and all else that happened to it. Within a sentence `end` is one of these again. */
const CHINESE: [RegExp, (...found: string[]) => string][] = [
  [/^exited with code (-?\d+)$/, (code) => `以退出码 ${code} 结束`],
  [/^was ended by signal (\d+)$/, (signal) => `被信号 ${signal} 终止`],
  [/^ran longer than its time limit$/, () => '运行超过时限'],
  [/^used more memory than it asked for$/, () => '内存用量超过申请'],
  [/^was cancelled$/, () => '已取消'],
  [/^was cancelled: (job-\d+), which had to end well before it, did not$/, (job) => `已取消：它所依赖的 ${job} 未正常结束`],
  [/^could not be started: (.+)$/s, (problem) => `无法启动：${problem}`],
  [/^ended well, and its output could not be delivered: (.+)$/s, (problem) => `正常结束，但输出无法送达：${problem}`],
  [/^was lost: (.+)$/s, (reason) => `已失联：${chinese(reason)}`],
  [/^its keeper was killed while starting it; it may or may not have run$/, () => '看护进程在启动它时被终止，是否运行过不得而知'],
  [/^its keeper was killed; it ended later and its exit code was not seen$/, () => '看护进程被终止；作业随后结束，退出码不得而知'],
  [/^its machine restarted, or another agent took its pool over$/, () => '所在机器重启，或其资源池由另一代理接管'],
  [/^a node it ran on failed$/, () => '所在节点故障'],
  [/^the cluster manager, or somebody at the cluster, ended it$/, () => '被集群管理系统或集群人员终止'],
  [/^its place was taken by others, or failed, before it could start there$/, () => '启动前所分配的位置已被占用或发生故障'],
  [/^the cluster manager knows nothing of it any more, and it left no record of its end$/, () => '集群管理系统已无其记录，也未留下结束记录'],
  [/^its cluster failed while starting it; it may or may not have run$/, () => '集群在启动它时发生故障，是否运行过不得而知'],
  [/^its pool's agent was silent for longer than this hub waits; it may or may not have run$/, () => '其资源池的代理失联过久，是否运行过不得而知'],

  [/^was submitted by (.+)$/, (tenant) => `由 ${tenant} 提交`],
  [/^is expected to run (\S+)$/, (length) => `预计运行 ${span(length)}`],
  [/^has (.+) kept for it, expected to be free at (\S+)$/, (nodes, at) => `已为它预留 ${more(nodes)}，预计 ${moment(at)} 空出`],
  [/^has no nodes kept for it any more$/, () => '不再为它预留节点'],
  [
    /^is given ([\d.]+) (devices?|cores) on (.+?)(?:, its alternative (\d+) of (\d+))?, (?:at no charge|at (.+) a device-hour and (.+) a core-hour)$/,
    (count, what, nodes, one, all, device, core) =>
      `分得 ${more(nodes)} 上的 ${count} ${what.startsWith('device') ? '个设备' : '核'}${one ? `（第 ${one} 种方案，共 ${all} 种）` : ''}，${device ? `每设备小时 ${money(device)}，每核小时 ${money(core)}` : '不收费'}`,
  ],
  [/^waits by choice, for hours that are cheaper or cleaner, until (\S+) or sooner$/, (at) => `主动等待更便宜或更清洁的时段，至 ${moment(at)} 或更早`],
  [/^waits by choice no more$/, () => '不再主动等待'],
  [/^is suspended: cheaper or cleaner hours are ahead, it goes on at (\S+) or sooner$/, (at) => `已挂起：之后有更便宜或更清洁的时段，将于 ${moment(at)} 或更早继续`],
  [/^runs$/, () => '开始运行'],
  [/^one of its parts (.+)$/s, (end) => `其中一部分${chinese(end)}`],
  [/^is stopped on request$/, () => '按请求停止'],
  [/^gives way to (job-\d+), whose priority is higher$/, (job) => `让位于优先级更高的 ${job}`],
  [/^gives way to (job-\d+), whose tenant takes back what it lent$/, (job) => `让位于 ${job}，其租户收回借出的资源`],
  [/^is stopped because its node, pool or site closes$/, () => '因节点、资源池或站点关闭而停止'],
  [/^is stopped because another part of it ended badly$/, () => '因另一部分异常结束而停止'],
  [/^(.+), and waits for another attempt(?:, not before (\S+))?$/s, (end, until) => `${chinese(end)}，等待再次尝试${until ? `，不早于 ${moment(until)}` : ''}`],
  [/^is billed (.+) for (\S+) of running$/, (price, length) => `运行 ${span(length)}，计费 ${money(price)}`],
  [/^is billed (.+?) instead of (.+?): (.+)$/s, (price, was, why) => `计费由 ${money(was)} 更正为 ${money(price)}：${chinese(why)}`],
  [/^a reading of (\S+), told by the (\w+)(?: (.+))?$/, (at, role, name) => `${role === name || !name ? WHO[role] ?? role : `${WHO[role] ?? role} ${name}`}报来的 ${moment(at)} 的读数`],
  [/^dispute (\d+): (.+)$/s, (number, finding) => `异议 ${number} 的裁定：${finding}`],
  [/^its bill is contested by the (\w+) (.+?): (.+)$/s, (role, name, reason) => `账单受到${WHO[role] ?? role} ${name} 的异议：${reason}`],
];

const more = (nodes: string): string => nodes.replace(/ and (\d+) more$/, ' 等另 $1 个节点');

function chinese(text: string): string {
  for (const [pattern, say] of CHINESE) {
    const found = pattern.exec(text);
    if (found) return say(...(found.slice(1) as string[]));
  }
  return text;
}

/** A sentence of the hub's in the reader's language, and which language it came out as. */
export function said(text: string): { text: string; lang: 'en' | 'zh-Hans' | undefined } {
  if (language.value !== 'zh') return { text: english(text), lang: undefined };
  const told = chinese(text);
  return told === text ? { text, lang: 'en' } : { text: told, lang: undefined };
}

/** Spans and moments as the rest of the page writes them. */
const english = (text: string): string =>
  text
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, moment)
    .replace(/(is expected to run|(?<=is billed .+) for) (\S+)/g, (_, words: string, length: string) => `${words} ${span(length)}`)
    .replace(/ CNY\b/g, ' yuan');

/** "tenant llm-lab" in the reader's language. */
export function who(text: string): string {
  const [role = '', ...name] = text.split(' ');
  return language.value === 'zh' && WHO[role] ? `${WHO[role]} ${name.join(' ')}` : text;
}
