import { describe, expect, test } from 'vitest';
import { acceptsType } from './accepts-type.ts';
import { contentTypeOf, isBinary, parseMediaType } from './media-type.ts';

describe('a media type', () => {
  test.each([
    ['text/html', false, 'text/html; charset=UTF-8'],
    ['Text/HTML;charset=latin1', false, 'text/html; charset=UTF-8'],
    ['application/json', false, 'application/json'],
    ['application/json; charset=utf-8', false, 'application/json'],
    ['application/problem+json', false, 'application/problem+json'],
    ['application/atom+xml', false, 'application/atom+xml; charset=UTF-8'],
    ['application/javascript', false, 'application/javascript; charset=UTF-8'],
    ['image/png', true, 'image/png'],
    ['image/svg+xml', true, 'image/svg+xml'],
    ['image/svg+xml; charset=utf-8', false, 'image/svg+xml; charset=UTF-8'],
    ['application/octet-stream', true, 'application/octet-stream'],
    ['multipart/form-data; boundary=x', true, 'multipart/form-data; boundary=x'],
    ['text/plain; format=flowed', false, 'text/plain; format=flowed; charset=UTF-8'],
  ])('%s: binary %s, sent as %s', (text, binary, sent) => {
    const type = parseMediaType(text);
    expect(type && isBinary(type)).toBe(binary);
    expect(type && contentTypeOf(type)).toBe(sent);
  });

  test.each(['', 'text', 'text/', '/html', 'text/html/x', 'te xt/html', 'text/html; x', 'text/html; a=b c'])(
    '%j is none',
    (text) => {
      expect(parseMediaType(text)).toBeUndefined();
    },
  );

  test('is none when it is endless, and that is found at once', () => {
    expect(parseMediaType(`text/html${'; a=b'.repeat(10_000)}`)).toBeUndefined();
    expect(parseMediaType(`${'a'.repeat(128)}/b`)).toBeUndefined();
  });
});

describe('what a client accepts', () => {
  test.each([
    [undefined, true],
    ['', true],
    ['garbage', true],
    ['*/*', true],
    ['text/*', true],
    ['TEXT/html', true],
    ['application/json', false],
    ['application/json, */*;q=0.1', true],
    ['text/html;q=0', false],
    ['text/html;q=0, */*', false],
    ['text/*;q=0.0, text/html', true],
    ['application/*', false],
    ['text/html;q=x', true],
  ])('%j takes HTML: %s', (accept, taken) => {
    expect(acceptsType(accept, 'text/html')).toBe(taken);
  });
});
