import { expect, test } from 'vitest';
import { baseUrlText } from './settings.ts';

test.each([
  ['http://127.0.0.1:3233', 'http://127.0.0.1:3233'],
  ['https://example.org/', 'https://example.org'],
  ['example.org', 'https://example.org'],
  ['localhost:8443', 'https://localhost:8443'],
  ['HTTP://Example.org/whisk/', 'http://example.org/whisk'],
])('the host %s means %s', (written, url) => {
  expect(baseUrlText(written)).toBe(url);
});

test.each(['', 'http://', 'ftp://x', 'a b', 'http://x:99999'])('%j is no host', (written) => {
  expect(() => baseUrlText(written)).toThrow('The API host is not valid');
});
