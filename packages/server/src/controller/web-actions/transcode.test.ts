import type { Json } from '@vibrissa/protocol';
import { describe, expect, test } from 'vitest';
import { transcode } from './transcode.ts';
import type { Extension } from './web-address.ts';

const as = (extension: Extension, result: Json) => transcode(extension, result, JSON.stringify(result));

const answer = (body: string | Buffer, contentType: string, status = 200) => ({
  is: 'answer',
  status,
  headers: [],
  body,
  contentType,
});
const refused = (message: string, status = 400) => ({ is: 'refused', status, message });
const invalid = (type: string) => refused(`Response is not valid '${type}'.`);
const missing = refused('Response does not include requested property.', 404);
const mismatch = refused('Response type in header did not match generated content type.');

const HTML = 'text/html; charset=UTF-8';
const TEXT = 'text/plain; charset=UTF-8';
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a result as its extension has it', () => {
  test.each<[Extension, Json, object]>([
    ['json', { a: 1 }, answer('{\n  "a": 1\n}', 'application/json')],
    ['json', [1, 2], answer('[1, 2]', 'application/json')],
    ['json', 'text', invalid('application/json')],
    ['json', null, invalid('application/json')],
    ['html', { body: '<b>', html: 'x' }, answer('<b>', HTML)],
    ['html', { html: '<b>' }, answer('<b>', HTML)],
    ['html', '<b>', answer('<b>', HTML)],
    ['html', { text: 'x' }, invalid('text/html')],
    ['html', { body: { a: 1 } }, invalid('text/html')],
    ['svg', { svg: '<svg/>' }, answer('<svg/>', 'image/svg+xml')],
    ['svg', { html: '<svg/>' }, invalid('image/svg+xml')],
    ['text', { text: 'hi' }, answer('hi', TEXT)],
    ['text', { body: 'first', text: 'second' }, answer('first', TEXT)],
    ['text', { text: { a: 1 } }, answer('{\n  "a": 1\n}', TEXT)],
    ['text', { text: [1, 2] }, answer('[1, 2]', TEXT)],
    ['text', { text: true }, answer('true', TEXT)],
    ['text', { text: 1.5 }, answer('1.5', TEXT)],
    ['text', { text: null }, answer('null', TEXT)],
    ['text', {}, missing],
  ])('.%s of %j', (extension, result, expected) => {
    expect(as(extension, result)).toEqual(expected);
  });
});

describe('an action that answers as HTTP', () => {
  test.each<[string, Json, object]>([
    ['nothing is 204', {}, answer('', '', 204)],
    ['no body is 204', { body: null }, answer('', '', 204)],
    ['an empty body is 204', { body: '' }, answer('', '', 204)],
    ['a status alone has no body', { statusCode: 404 }, answer('', '', 404)],
    ['a content type without a body goes', { headers: { 'Content-Type': 'x/y' } }, answer('', '', 204)],
    ['a text is HTML', { body: 'hi' }, answer('hi', HTML)],
    ['a status may be a text', { body: 'hi', statusCode: '444' }, answer('hi', HTML, 444)],
    ['an object is JSON', { body: { a: 1 } }, answer('{\n  "a": 1\n}', 'application/json')],
    ['false is JSON', { body: false }, answer('false', 'application/json')],
    [
      'a kind of JSON stays that',
      { body: [1], headers: { 'content-type': 'application/vnd.x+json' } },
      answer('[1]', 'application/vnd.x+json'),
    ],
    [
      'a picture is base64',
      { body: base64('png'), headers: { 'CONTENT-TYPE': 'image/png' } },
      answer(Buffer.from('png'), 'image/png'),
    ],
    [
      'base64 needs no padding',
      { body: base64('p').replace('==', ''), headers: { 'content-type': 'image/png' } },
      answer(Buffer.from('p'), 'image/png'),
    ],
    ['no base64 is no picture', { body: '!', headers: { 'content-type': 'image/png' } }, mismatch],
    ['half a digit is no picture', { body: 'AAAAA', headers: { 'content-type': 'image/png' } }, mismatch],
    [
      'a picture that is text may be text',
      { body: '<svg/>', headers: { 'content-type': 'image/svg+xml' } },
      answer('<svg/>', 'image/svg+xml'),
    ],
    [
      'JSON in base64 is decoded',
      { body: base64('{"a":1}'), headers: { 'content-type': 'application/json' } },
      answer(Buffer.from('{"a":1}'), 'application/json'),
    ],
    [
      'a text that is no JSON is sent as it is',
      { body: '{oops', headers: { 'content-type': 'application/json' } },
      answer('{oops', 'application/json'),
    ],
    ['an object is no text', { body: { a: 1 }, headers: { 'content-type': 'text/html' } }, mismatch],
    [
      'an unreadable content type is said to be so',
      { body: 'x', headers: { 'content-type': 'xyzbar' } },
      refused('Response did not specify a known content-type.'),
    ],
    ['the right length is taken', { body: 'äb', headers: { 'content-length': 3 } }, answer('äb', HTML)],
  ])('%s', (_title, result, expected) => {
    expect(as('http', result)).toEqual(expected);
  });

  test('numbers that a double cannot hold reach the client as the action wrote them', () => {
    const json = '{"headers":{}, "body" : { "n": 12345678901234567890, "e":1e400 } }';
    const of = (extension: Extension) => transcode(extension, JSON.parse(json) as Json, json);
    const body = '{\n  "n": 12345678901234567890,\n  "e": 1e400\n}';
    expect(of('http')).toEqual(answer(body, 'application/json'));
    expect(of('text')).toEqual(answer(body, 'text/plain; charset=UTF-8'));
    expect(transcode('text', 1e20, ' 1e400 ')).toMatchObject({ body: '1e400' });
  });

  test.each<[Json]>([
    ['text'],
    [[]],
    [null],
    [{ statusCode: 1.5 }],
    [{ statusCode: null }],
    [{ statusCode: 'x' }],
    [{ statusCode: 100 }],
    [{ statusCode: 101 }],
    [{ statusCode: 199 }],
    [{ statusCode: 600 }],
    [{ statusCode: -200 }],
    [{ statusCode: 1e300 }],
    [{ headers: null }],
    [{ headers: [] }],
    [{ headers: 'a: b' }],
    [{ body: 'x', headers: { 'content-length': 5 } }],
  ])('%j is no HTTP', (result) => {
    expect(as('http', result)).toEqual(invalid('message/http'));
  });

  test('headers are texts, numbers, booleans, and lists of them', () => {
    const headers = { a: 'x', b: 1, c: true, 'Set-Cookie': ['a=1', 'b=2'], 'x-request-id': 'mine' };
    expect(as('http', { headers })).toMatchObject({
      headers: [
        ['a', 'x'],
        ['b', '1'],
        ['c', 'true'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
    });
  });

  test.each([
    ['a line end', { a: 'x\r\nSet-Cookie: b=1' }],
    ['a bare line feed', { a: 'x\ny' }],
    ['a bare carriage return', { a: 'x\ry' }],
    ['a NUL', { a: 'x\0' }],
    ['a line end in a list', { a: ['x', 'y\r\n'] }],
    ['a line end in a name', { 'a\r\nb': 'x' }],
    ['a space in a name', { 'a b': 'x' }],
    ['a colon in a name', { 'a:': 'x' }],
    ['no name', { '': 'x' }],
    ['an object as value', { a: { b: 1 } }],
    ['null as value', { a: null }],
    ['a list in a list', { a: [['x']] }],
    ['Transfer-Encoding', { 'Transfer-Encoding': 'chunked' }],
    ['Connection', { connection: 'close' }],
    ['Keep-Alive', { 'keep-alive': 'timeout=1' }],
    ['Upgrade', { Upgrade: 'h2c' }],
    ['Trailer', { trailer: 'x' }],
    ['TE', { TE: 'trailers' }],
    ['too many', { a: Array.from({ length: 129 }, () => 'x') }],
    ['too long', { a: 'x'.repeat(16 * 1024) }],
  ])('refuses headers with %s', (_what, headers) => {
    expect(as('http', { body: 'x', headers })).toEqual(invalid('message/http'));
  });
});
