import { seededRandom } from '@vibrissa/testkit';
import { expect, it } from 'vitest';
import { RequestError } from '../../http/request-error.ts';
import { readDelivery } from './read-delivery.ts';

it.each<[string, string, string | undefined, object]>([
  ['nothing', '', undefined, {}],
  ['a JSON object', '{"a":1}', 'application/json', { a: 1 }],
  ['a list', '[1,2]', 'application/vnd.x+json; charset=utf-8', { payload: [1, 2] }],
  ['a form', 'a=1&b=2&a=3', 'application/x-www-form-urlencoded', { a: ['1', '3'], b: '2' }],
  ['text', 'hällo', 'text/plain', { payload: 'hällo' }],
  ['XML', '<a/>', 'application/soap+xml', { payload: '<a/>' }],
  [
    'what says no type',
    'abc',
    undefined,
    { payload: 'YWJj', encoding: 'base64', contentType: 'application/octet-stream' },
  ],
])("%s becomes the trigger's payload", (_what, body, type, payload) => {
  expect(readDelivery(Buffer.from(body), type).value).toEqual(payload);
});

it('names of the language are members like any other', () => {
  const json = readDelivery(Buffer.from('{"__proto__":{"x":1}}'), 'application/json');
  expect(Object.keys(json.value)).toEqual(['__proto__']);
  const form = readDelivery(Buffer.from('__proto__=1&constructor=2'), 'application/x-www-form-urlencoded');
  expect(form.json).toBe('{"__proto__":"1","constructor":"2"}');
});

it('whatever is sent is read or refused as malformed', () => {
  const types = [
    'application/json',
    'application/x-www-form-urlencoded',
    'text/plain',
    'image/png',
    ';;',
    '',
  ];
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '&',
    '=',
    '%',
    '%zz',
    'a',
    '\u0000',
    'ÿ',
    '__proto__',
    '1e999',
  ];
  const seed = 99;
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  for (let round = 0; round < 5000; round++) {
    const text = Array.from({ length: Math.floor(random() * 12) }, () => pick(pieces)).join('');
    const body = Buffer.from(text, random() < 0.5 ? 'utf8' : 'latin1');
    try {
      const { json, value } = readDelivery(body, pick(types));
      expect(JSON.stringify(JSON.parse(json)), `seed ${seed}: ${text}`).toBe(JSON.stringify(value));
    } catch (error) {
      expect(error, `seed ${seed}: ${text}`).toBeInstanceOf(RequestError);
    }
  }
  expect(() => readDelivery(Buffer.from('['.repeat(1_000_000)), 'application/json')).toThrow(RequestError);
});
