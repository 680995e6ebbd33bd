import { expect, test } from 'vitest';
import { vanityUrl } from './vanity-host.ts';

const urlOf = (host: string | undefined, url = '/box/hello?a=1') =>
  vanityUrl({ host, url }, 'faas.example.org');

test("a namespace's own host shows its web actions", () => {
  expect(urlOf('guest.faas.example.org')).toBe('/api/v1/web/guest/box/hello?a=1');
  expect(urlOf('guest.FaaS.example.org:3233')).toBe('/api/v1/web/guest/box/hello?a=1');
  expect(urlOf('guest.faas.example.org', '/api/v1/namespaces')).toBe('/api/v1/web/guest/api/v1/namespaces');
});

test('its front page is the action of that name', () => {
  expect(urlOf('guest.faas.example.org', '/')).toBe('/api/v1/web/guest/public/index.html');
  expect(urlOf('guest.faas.example.org', '/?a=1')).toBe('/api/v1/web/guest/public/index.html?a=1');
});

test.each([
  undefined,
  '',
  'faas.example.org',
  '.faas.example.org',
  'a.b.faas.example.org',
  'guest.faas.example.org.evil.org',
  'guest.example.org',
  '../x.faas.example.org',
  'a/b.faas.example.org',
  'guest.faas.example.org:x',
  '-.faas.example.org',
  `${'a'.repeat(20_000)}.faas.example.org`,
  '[::1]:3233',
])('%j is no host of a namespace', (host) => {
  expect(urlOf(host)).toBeUndefined();
});

test('a request that is no path is left alone', () => {
  expect(urlOf('guest.faas.example.org', '*')).toBeUndefined();
  expect(urlOf('guest.faas.example.org', 'http://x/')).toBeUndefined();
});
