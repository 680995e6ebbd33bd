import { describe, expect, test } from 'vitest';
import { parseWebAddress } from './web-address.ts';

const parse = (rest: string) => parseWebAddress(`/api/v1/web/${rest}`);

describe('the address of a web action', () => {
  test.each([
    ['guest/default/hello', { namespace: 'guest', name: 'hello' }, 'http', ''],
    ['guest/box/hello.json', { namespace: 'guest', package: 'box', name: 'hello' }, 'json', ''],
    ['guest/box/hello.http/', { namespace: 'guest', package: 'box', name: 'hello' }, 'http', '/'],
    ['guest/box/hello.svg/a/b', { namespace: 'guest', package: 'box', name: 'hello' }, 'svg', '/a/b'],
    ['guest/box/a.b.text', { namespace: 'guest', package: 'box', name: 'a.b' }, 'text', ''],
    ['guest/box/hello.xyz', { namespace: 'guest', package: 'box', name: 'hello.xyz' }, 'http', ''],
    ['guest/box/a%20b.html/c%2Fd', { namespace: 'guest', package: 'box', name: 'a b' }, 'html', '/c%2Fd'],
  ])('%s names an action, what its answer is, and the rest of the path', (rest, action, extension, path) => {
    expect(parse(rest)).toEqual({ action, extension, path, query: '' });
  });

  test('keeps its query as it came', () => {
    expect(parse('guest/default/hello?a=1&b=%20?c')?.query).toBe('a=1&b=%20?c');
    expect(parse('guest/default/hello/x?')).toMatchObject({ path: '/x', query: '' });
  });

  test.each([
    '',
    'guest',
    'guest/default',
    'guest/default/',
    'guest//hello',
    'guest/default/%',
    'guest/default/%ff',
    'guest/default/a%2Fb',
    'guest/default/%00',
    'guest/../hello',
    'guest/default/-a',
    `guest/default/${'a'.repeat(257)}`,
    'guest/default?x/y',
  ])('%j is none', (rest) => {
    expect(parse(rest)).toBeUndefined();
  });
});
