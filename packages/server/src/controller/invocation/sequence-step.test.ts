import { expect, test } from 'vitest';
import { afterComponent, resultPayload } from './sequence-step.ts';

test.each([
  ['{"a":1}', { step: 'next', payload: { json: '{"a":1}', value: { a: 1 } } }],
  ['{}', { step: 'next', payload: { json: '{}', value: {} } }],
  ['[]', { step: 'next', payload: { json: '[]', value: [] } }],
  ['[{"error":1}]', { step: 'next', payload: { json: '[{"error":1}]', value: [{ error: 1 }] } }],
  ['{"a":{"error":1}}', { step: 'next', payload: { json: '{"a":{"error":1}}', value: { a: { error: 1 } } } }],
  ['{"error":"no"}', { step: 'end' }],
  ['{"error":null}', { step: 'end' }],
  ['{"error":false,"a":1}', { step: 'end' }],
])('after a component that answered %s', (resultJson, expected) => {
  expect(afterComponent({ resultJson })).toEqual(expected);
});

test('the next component gets the very text, with numbers that a double can’t hold', () => {
  const resultJson = '{"id":12345678901234567890,"e":1e2}';
  expect(resultPayload({ resultJson }).json).toBe(resultJson);
});

test.each(['null', '7', '"text"', 'true'])('a result %s gives no arguments', (resultJson) => {
  expect(resultPayload({ resultJson })).toEqual({ json: '{}', value: {} });
});

test('an error in the prototype of objects is none', () => {
  expect(afterComponent({ resultJson: '{"__proto__":{"error":1}}' })).toMatchObject({ step: 'next' });
});
