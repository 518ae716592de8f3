const en = {
  plainDecimal: 'Write a plain decimal number, such as 1250 or 12.5.',
  wholeNumber: 'Write a whole number.',
  leftOut: 'This may not be left out.',
} as const;

export default en;
