import { expect, test } from 'vitest';
import { parseProperties } from './properties-file.ts';

test.each([
  ['A=1\nB=2', { A: '1', B: '2' }],
  ['', {}],
  ['# only a comment\n\n', {}],
  ['A=1 # one\n#B=2', { A: '1' }],
  ['a = 1\r\nB=2\r\n', { A: '1', B: '2' }],
  ['A=1=2\nB\nC=', { C: '' }],
  ['A=#x', { A: '' }],
  ['A=1\nA=2', { A: '2' }],
])('%j holds %j', (text, expected) => {
  expect(Object.fromEntries(parseProperties(text))).toEqual(expected);
});
