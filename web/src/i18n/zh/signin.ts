import type { Words } from '..';
import type en from '../en/signin';

const zh: Words<typeof en> = {
  title: '登录',
  lead: '本枢纽需要确认访问者身份。',
  wrong: '先前使用的令牌已失效。',
  'problem.provider': '身份提供方未完成登录，或无法连接。请重试；若仍不行，请告知枢纽运营方。',
  'problem.no-role': '身份提供方认识您，但您在本枢纽尚无角色，须由运营方授予。',
  'problem.stale': '登录耗时过长，或始于另一浏览器。请重新开始。',
  with: '通过 {name} 登录',
  or: '或使用令牌',
  token: '令牌',
  tokenHint: '枢纽启动时会打印带令牌的地址，运营方令牌存于其目录下的 operator.token 文件；服务商与租户的令牌由运营方发放。',
  kept: '仅保存在当前标签页，关闭即失，且只发送给本枢纽。',
  use: '登录',
  bad: '此令牌在本枢纽无效。',
  signedIn: '您已登录。',
};

export default zh;
