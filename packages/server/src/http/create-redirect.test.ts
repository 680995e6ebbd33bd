import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createRedirect, secureAddress } from './create-redirect.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

describe('a request without TLS is sent to the same place with it', () => {
  it.each([
    ['whisk.example', '/api/v1?a=b', 443, 'https://whisk.example/api/v1?a=b'],
    ['whisk.example:80', '/', 3233, 'https://whisk.example:3233/'],
    ['[::1]:8080', '/x', 443, 'https://[::1]/x'],
    ['guest.functions.example', '//evil.example/x', 443, 'https://guest.functions.example//evil.example/x'],
  ])('%s %s', (host, url, port, address) => {
    expect(secureAddress(host, url, port)).toBe(address);
  });

  it.each([
    [undefined, '/'],
    ['', '/'],
    ['a b', '/'],
    ['evil.example/x', '/'],
    ['user@evil.example', '/'],
    ['whisk.example', 'http://evil.example/'],
    ['whisk.example', '*'],
    ['whisk.example', undefined],
    ['a'.repeat(300), '/'],
  ])('but not from %s %s, which names no place', (host, url) => {
    expect(secureAddress(host, url, 443)).toBeUndefined();
  });

  it('whatever its method, and its body is not waited for', async () => {
    const app = createRedirect(8443);
    open.push(app);
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'HEAD']) {
      const answer = await new Promise<{ status?: number; location?: string }>((resolve, reject) => {
        const headers = { host: 'whisk.example', 'content-length': method === 'POST' ? 10_000_000 : 0 };
        const asked = request({ host: '127.0.0.1', port, path: '/api/v1/x', method, headers, agent: false });
        asked.on('response', ({ statusCode = 0, headers: { location = '' } }) => {
          resolve({ status: statusCode, location });
          asked.destroy();
        });
        asked.on('error', reject);
        asked.flushHeaders();
        if (method !== 'POST') asked.end();
      });
      expect(answer).toEqual({ status: 308, location: 'https://whisk.example:8443/api/v1/x' });
    }
  });
});
