import { expect, test } from 'vitest';
import { vanityUrl } from './vanity-host.ts';

const urlOf = (host: string | undefined, url = '/box/hello?a=1') =>
  vanityUrl({ host, url }, 'faas.example.org');

test("a namespace's own host shows its web actions", () => {
  expect(urlOf('guest.faas.example.org')).toBe('/api/v1/web/guest/box/hello?a=1');
  expect(urlOf('guest.FaaS.example.org:3233')).toBe('/api/v1/web/guest/box/hello?a=1');
  expect(urlOf('GUEST.faas.example.org')).toBe('/api/v1/web/guest/box/hello?a=1');
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
  'guest.faas.example.org.evil.org',
  'guest.example.org',
  'xfaas.example.org',
  'guest.faas.example.org:x',
  '[::1]:3233',
])('%j is no host of a namespace', (host) => {
  expect(urlOf(host)).toBeUndefined();
});

test.each([
  '.faas.example.org',
  'a.b.faas.example.org',
  'evil.guest.faas.example.org:3233',
  '../x.faas.example.org',
  'a/b.faas.example.org',
  '-.faas.example.org',
  `${'a'.repeat(20_000)}.faas.example.org`,
])('%j would share cookies with hosts of namespaces, and shows nothing', (host) => {
  for (const url of ['/', '/api/v1/web/guest/default/x', '/api/v1/namespaces']) {
    expect(urlOf(host, url)).toBe('/api/v1/web/');
  }
});

test('a dot at the end of the host leads nowhere else', () => {
  expect(urlOf('guest.faas.example.org.')).toBe('/api/v1/web/guest/box/hello?a=1');
  expect(urlOf('guest.faas.example.org.:3233')).toBe('/api/v1/web/guest/box/hello?a=1');
});

test('a whole URL in place of a path is no way around the host, and an asterisk is left alone', () => {
  expect(urlOf('guest.faas.example.org', 'http://x/api/v1')).toBe('/api/v1/web/');
  expect(urlOf('guest.faas.example.org', '*')).toBeUndefined();
});
