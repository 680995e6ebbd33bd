import { readFileSync } from 'node:fs';
import { ownPort } from '@vibrissa/testkit';
import { afterAll, describe, expect, it } from 'vitest';

import { makeCertificate } from './make-certificate.ts';
import { ask, cleanUp, runVibrissa, startPlatform, temporaryDirectory } from './platform-process.ts';

afterAll(cleanUp);

describe('TLS', () => {
  it('serves the API over HTTPS, and nothing without it', async () => {
    const { cert, key } = makeCertificate(temporaryDirectory());
    const platform = await startPlatform({ args: ['--tls-cert', cert, '--tls-key', key] });
    expect(platform.stdout).toContain(`--apihost 'https://127.0.0.1:${platform.port}'`);
    const ca = readFileSync(cert, 'utf8');
    expect(await ask({ port: platform.port, ca }, 'GET /ping')).toMatchObject({ status: 200, text: 'pong' });
    await expect(ask({ port: platform.port }, 'GET /ping')).rejects.toThrow(/socket hang up|ECONNRESET/);
  });

  it('sends who comes without it to the same address with it, where a port is set for that', async () => {
    const { cert, key } = makeCertificate(temporaryDirectory());
    const redirectPort = await ownPort();
    const platform = await startPlatform({
      args: ['--tls-cert', cert, '--tls-key', key, '--set', `http.redirectPort=${redirectPort}`],
    });
    const sent = await fetch(`http://127.0.0.1:${redirectPort}/ping?a=b`, { redirect: 'manual' });
    expect(sent.status).toBe(308);
    expect(sent.headers.get('location')).toBe(`https://127.0.0.1:${platform.port}/ping?a=b`);
    expect((await platform.stop()).code).toBe(0);
    await expect(fetch(`http://127.0.0.1:${redirectPort}/`)).rejects.toThrow('fetch failed');
  });

  it('is asked for by a port that leads to it', async () => {
    const exit = await runVibrissa(['start', '--port', '0', '--set', 'http.redirectPort=8080']);
    expect(exit.code).toBe(2);
    expect(exit.stderr).toContain('http.redirectPort leads to an API with TLS, and there is none.');
  });

  it("refuses a key that doesn't belong to the certificate", async () => {
    const [one, other] = [makeCertificate(temporaryDirectory()), makeCertificate(temporaryDirectory())];
    const files = ['--tls-cert', one.cert, '--tls-key', other.key];
    const exit = await runVibrissa(['start', '--port', '0', '--data-dir', temporaryDirectory(), ...files]);
    expect(exit.code).toBe(1);
    expect(exit.stderr).toContain("doesn't belong to the certificate");
  });

  it('says which file is missing', async () => {
    const { key } = makeCertificate(temporaryDirectory());
    const files = ['--tls-cert', '/nonexistent.pem', '--tls-key', key];
    const exit = await runVibrissa(['start', '--port', '0', '--data-dir', temporaryDirectory(), ...files]);
    expect(exit.code).toBe(1);
    expect(exit.stderr).toContain('/nonexistent.pem, does not exist');
  });
});
