import type { Words } from '..';
import type en from '../en/money';

const zh: Words<typeof en> = {
  plainDecimal: '请填写普通小数，例如 1250 或 12.5。',
  wholeNumber: '请填写整数。',
  leftOut: '此项不能为空。',
};

export default zh;
