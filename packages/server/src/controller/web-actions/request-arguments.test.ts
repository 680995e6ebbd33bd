import type { JsonObject } from '@vibrissa/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requestArguments, type WebRequest } from './request-arguments.ts';

const open = { isRaw: false, final: new Set<string>() };
const raw = { isRaw: true, final: new Set(['key']) };

function request(over: Partial<WebRequest> & { readonly type?: string; readonly text?: string } = {}) {
  const { type, text, ...rest } = over;
  return {
    method: 'POST',
    headers: type === undefined ? {} : { 'content-type': type },
    path: '',
    query: '',
    caller: undefined,
    body: text === undefined ? undefined : Buffer.from(text),
    ...rest,
  } satisfies WebRequest;
}

/** The arguments without what the platform says of every request. */
function given(over: Parameters<typeof request>[0], options = open): unknown {
  const { json, value } = requestArguments(request(over), options);
  expect(JSON.parse(json)).toEqual(value);
  const { __ow_method, __ow_headers, __ow_path, ...rest } = value as JsonObject;
  return rest;
}

const problem = (over: Parameters<typeof request>[0], options = open) => {
  try {
    requestArguments(request(over), options);
    return undefined;
  } catch (error) {
    const { status, message } = error as { status?: number; message: string };
    return `${status} ${message}`;
  }
};

test('method, headers, path and caller are always told', () => {
  const headers = { host: 'x', 'content-length': '3', authorization: 'Basic x', 'x-ow-extra-logging': 'on' };
  const { value } = requestArguments(request({ method: 'PATCH', headers, path: '/a', caller: 'me' }), open);
  expect(value).toEqual({
    __ow_method: 'patch',
    __ow_headers: { host: 'x', authorization: 'Basic x' },
    __ow_path: '/a',
    __ow_user: 'me',
  });
});

test('a body without a type is bytes, and the headers say so', () => {
  const { value } = requestArguments(request({ text: 'hi' }), open);
  expect(value).toMatchObject({
    __ow_headers: { 'content-type': 'application/octet-stream' },
    __ow_body: 'aGk=',
  });
});

describe('query and body become arguments', () => {
  test.each([
    ['a query', { query: 'a=1&b=x%20y+z' }, { a: '1', b: 'x y z' }],
    ['a query that names one twice', { query: 'a=1&a=2' }, { a: '2' }],
    ['a query that is no good', { query: 'a=%zz&=&b' }, { a: '%zz', '': '', b: '' }],
    [
      'an object over the query',
      { query: 'a=1&b=2', type: 'application/json', text: '{"a":[3]}' },
      { a: [3], b: '2' },
    ],
    ['an empty object', { query: 'a=1', type: 'application/json', text: ' {} ' }, { a: '1' }],
    ['a kind of JSON', { type: 'application/x+json; v=1', text: '{"a":1}' }, { a: 1 }],
    ['another JSON value', { type: 'application/json', text: '[1]' }, { __ow_body: [1] }],
    ['a form', { type: 'application/x-www-form-urlencoded', text: 'a=1&b=%C3%A4' }, { a: '1', b: 'ä' }],
    ['a text', { type: 'text/plain; charset=UTF-8', text: 'hä' }, { __ow_body: 'hä' }],
    ['a picture', { type: 'image/png', text: 'png' }, { __ow_body: 'cG5n' }],
    ['nothing of a type', { type: 'application/json' }, {}],
  ])('%s', (_title, over, expected) => {
    expect(given(over)).toEqual(expected);
  });

  test('numbers of a JSON body stay what they are', () => {
    const over = { query: 'a=1', type: 'application/json', text: '{"n":12345678901234567890}' };
    expect(requestArguments(request(over), open).json).toContain('"n":12345678901234567890');
    const value = { type: 'application/json', text: '12345678901234567890' };
    expect(requestArguments(request(value), open).json).toContain('"__ow_body":12345678901234567890');
  });

  test('__proto__ is an argument like any other', () => {
    const { json, value } = requestArguments(
      request({ query: '__proto__=1', type: 'application/json', text: '{"constructor":2}' }),
      open,
    );
    expect(Object.keys(value)).toEqual(expect.arrayContaining(['__proto__', 'constructor']));
    expect(json).toContain('"__proto__":"1"');
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});

describe('a raw web action reads the request itself', () => {
  test.each([
    ['nothing', {}, { __ow_query: '', __ow_body: '' }],
    ['a query', { query: 'a=1&key=%20' }, { __ow_query: 'a=1&key=%20', __ow_body: '' }],
    ['JSON, in base64', { type: 'application/json', text: '{}' }, { __ow_query: '', __ow_body: 'e30=' }],
    [
      'a form',
      { type: 'application/x-www-form-urlencoded', text: 'a=1' },
      { __ow_query: '', __ow_body: 'a=1' },
    ],
    ['bytes', { type: 'image/png', text: 'png' }, { __ow_query: '', __ow_body: 'cG5n' }],
  ])('%s', (_title, over, expected) => {
    expect(given(over, raw)).toEqual(expected);
  });
});

const notAllowed = '400 Request defines parameters that are not allowed (e.g., reserved properties).';

test.each(['__ow_method', '__ow_headers', '__ow_path', '__ow_user', '__ow_query', '__ow_body'])(
  'neither query nor body may define %s',
  (name) => {
    expect(problem({ query: `${name}=1` })).toBe(notAllowed);
    expect(problem({ type: 'application/json', text: `{"${name}":1}` })).toBe(notAllowed);
    expect(problem({ type: 'application/x-www-form-urlencoded', text: `${name}=1` })).toBe(notAllowed);
  },
);

test('neither may define what the action keeps for itself', () => {
  const final = { isRaw: false, final: new Set(['key']) };
  expect(problem({ query: 'key=1' }, final)).toBe(notAllowed);
  expect(problem({ query: 'other=1' }, final)).toBeUndefined();
});

test.each(['{', '{"a":}', '', '\u0000', '['.repeat(5000), '{"a":1}x'])('%j is no JSON', (text) => {
  const found = problem({ type: 'application/json', text });
  if (text === '') expect(found).toBeUndefined();
  else expect(found).toMatch(/^400 The request content was malformed:\n/);
});

test('a type that is none is refused by its name', () => {
  expect(problem({ type: 'what', text: 'x' })).toBe("400 Content type 'what' is not supported.");
});

test('whatever comes is an object whose text and value agree', () => {
  fc.assert(
    fc.property(fc.string(), fc.json(), (query, text) => {
      try {
        given({ query, type: 'application/json', text });
      } catch (error) {
        expect((error as Error).name).toBe('RequestError');
      }
    }),
  );
});
