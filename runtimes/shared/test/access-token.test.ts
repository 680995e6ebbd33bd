/** What holds for every runtime whose container others can connect to. */
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownPort } from '@vibrissa/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { startRuntime, type RunningRuntime, type StartOptions } from './start-runtime.ts';

const TOKEN = 'q3H0-fresh_token-of-this-task-0123456789abcd';
const shown = { 'X-Vibrissa-Token': TOKEN };
const refusal = { error: 'The access token of this container is missing or wrong.' };

const nonce = 'N0nce-of_a_platform-that_asks-0123456789abcdefgh'.slice(0, 43);
const proof = {
  proof: createHmac('sha256', TOKEN).update(`vibrissa-prove:${nonce}`).digest('base64url'),
};

/** Code that puts its own in the place of what a proof is made with. */
const forging = {
  nodejs: `const crypto = require('crypto');
    const { Hmac } = crypto;
    crypto.createHmac = () => { throw new Error('mine'); };
    Hmac.prototype.update = Hmac.prototype.digest = () => 'mine';
    Function.prototype.call = Function.prototype.bind = () => 'mine';
    function main() { return {}; }`,
  python: `import _hashlib, binascii, hmac
_hashlib.hmac_digest = hmac.digest = binascii.b2a_base64 = lambda *args, **more: b'mine'
def main(args):
  return {}
`,
  actionloop: `#!/bin/sh\necho '{}'\n`,
} as const;

const names = {
  nodejs: 'function main() { return { names: Object.keys(process.env) }; }',
  python: 'import os\ndef main(args):\n  return {"names": list(os.environ)}',
  actionloop:
    '#!/bin/bash\nnames=$(compgen -e | sed \'s/.*/"&"/\' | paste -sd,)\necho "{\\"names\\":[$names]}"\n',
} as const;

/** Ends when the file is there. */
const waitFor = {
  nodejs: (file: string) => `const { existsSync } = require('fs');
    exports.main = () => new Promise((done) => {
      const look = () => existsSync('${file}') ? done({ waited: true }) : setTimeout(look, 2);
      look();
    });`,
  python: (file: string) =>
    `import os, time\ndef main(args):\n  while not os.path.exists('${file}'): time.sleep(0.002)\n  return {"waited": True}`,
  actionloop: (file: string) =>
    `#!/bin/sh\nwhile [ ! -e '${file}' ]; do sleep 0.01; done\necho '{"waited":true}'\n`,
} as const;

/** Code that its initialisation refuses. */
const broken = { nodejs: 'nonsense(', python: 'nonsense(', actionloop: '#!/nowhere\n# >&3\n' } as const;
/** An action after whose call the container is of no use. */
const breaking = {
  nodejs: 'function main() { throw new Error("over"); }',
  actionloop: '#!/bin/sh\nread -r line\necho >&3\nexit 1\n',
} as const;

let runtime: RunningRuntime | undefined;
afterEach(() => runtime?.stop());

for (const kind of ['nodejs', 'python', 'actionloop'] as const) {
  const start = async (env: StartOptions['env'] = {}) =>
    (runtime = await startRuntime(kind, { env: { __OW_TOKEN: TOKEN, ...env } }));
  const init = (code: string) =>
    runtime!.post('/init', { value: { name: 'test', main: 'main', binary: false, code } }, shown);
  const status = async () => {
    const { status: code, json } = await runtime!.post('/status', 'of no interest', shown);
    return code === 200 ? json : code;
  };

  describe(`${kind}: a runtime with an access token`, () => {
    it('answers requests that show it', async () => {
      await start();
      expect((await init(names[kind])).status).toBe(200);
      expect((await runtime!.post('/run', { value: {} }, shown)).status).toBe(200);
      expect(await status()).toEqual({ initialised: true, running: 0 });
    });

    it.each(['/init', '/run', '/status', '/elsewhere'])(
      'refuses %s without it, or with another',
      async (path) => {
        await start();
        const body = { value: { name: 'test', main: 'main', binary: false, code: names[kind] } };
        const wrong = [undefined, '', TOKEN.slice(0, -1), `${TOKEN}x`, `x${TOKEN.slice(1)}`, 'x'.repeat(256)];
        for (const token of wrong) {
          const headers: { [name: string]: string } =
            token === undefined ? {} : { 'X-Vibrissa-Token': token };
          expect(await runtime!.post(path, body, headers)).toMatchObject({ status: 403, json: refusal });
        }
        expect(await status()).toEqual({ initialised: false, running: 0 });
      },
    );

    it('proves that it knows it to who does not show it, before and after it has code', async () => {
      await start();
      const prove = async () => {
        const { status: code, json } = await runtime!.post('/prove', '', { 'X-Vibrissa-Nonce': nonce });
        return { code, json };
      };
      expect(await prove()).toEqual({ code: 200, json: proof });
      expect((await init(forging[kind])).status).toBe(200);
      expect((await runtime!.post('/run', { value: {} }, shown)).status).toBe(200);
      expect(await prove()).toEqual({ code: 200, json: proof });
    });

    it('wants to be shown it on the connection on which it has proven that it knows it', async () => {
      await start();
      const answers = await runtime!.raw(
        `POST /prove HTTP/1.1\r\nX-Vibrissa-Nonce: ${nonce}\r\n\r\nPOST /status HTTP/1.1\r\n\r\n`,
      );
      expect(answers).toContain(JSON.stringify(proof));
      expect(answers).toContain(JSON.stringify(refusal));
    });

    it.each([
      ['without a nonce', ''],
      ['with a short one', 'X-Vibrissa-Nonce: short\r\n'],
      ['with two', `X-Vibrissa-Nonce: ${nonce}\r\nX-Vibrissa-Nonce: ${nonce}\r\n`],
      ['with a body', `X-Vibrissa-Nonce: ${nonce}\r\nContent-Length: 40000000\r\n`],
    ])('proves nothing to a request %s, and ends the connection', async (_, headers) => {
      await start();
      const answer = await runtime!.raw(`POST /prove HTTP/1.1\r\n${headers}\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 500 [^]*\r\nConnection: close\r\n/);
      expect(answer).not.toContain('proof');
    });

    it('writes nothing for what it refuses, not even a sentinel', async () => {
      await start();
      for (const path of ['/init', '/run'])
        await runtime!.post(path, { value: {} }, { 'X-Vibrissa-Sentinel': 'forged' });
      await init(names[kind]);
      await runtime!.post('/run', { value: {} }, { ...shown, 'X-Vibrissa-Sentinel': 'real' });
      await runtime!.logsContain('real');
      expect(runtime!.stdout + runtime!.stderr).not.toContain('forged');
    });

    it('refuses a request when its head is there, and ends the connection', async () => {
      await start();
      const answer = await runtime!.raw('POST /run HTTP/1.1\r\nContent-Length: 40000000\r\n\r\n{"va');
      expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[^]*Connection: close\r\n/);
      expect(answer).toContain(JSON.stringify(refusal));
    });

    it('refuses a request that shows it twice', async () => {
      await start();
      const answer = await runtime!.raw(
        `POST /status HTTP/1.1\r\nX-Vibrissa-Token: ${TOKEN}\r\nX-Vibrissa-Token: ${TOKEN}\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 500 /);
    });

    it('takes requests from clients that came while others kept quiet', async () => {
      await start();
      const quiet = runtime!.raw('');
      const slow = runtime!.raw('POST /sta');
      expect((await init(names[kind])).status).toBe(200);
      expect((await runtime!.post('/run', { value: {} }, shown)).status).toBe(200);
      await runtime!.stop();
      expect(await Promise.allSettled([quiet, slow])).toHaveLength(2);
    });

    it('lets go who asks for proofs and reads none of them', async () => {
      await start();
      await runtime!.flood(`POST /prove HTTP/1.1\r\nX-Vibrissa-Nonce: ${nonce}\r\n\r\n`);
      expect(await status()).toEqual({ initialised: false, running: 0 });
    });

    it('counts no request for what it does not know', async () => {
      await start();
      expect((await runtime!.post('/elsewhere', {}, shown)).status).toBe(500);
      expect(await status()).toEqual({ initialised: false, running: 0 });
    });

    it('shows the action neither the token nor how it logs', async () => {
      await start({ __OW_LOG_STAMPS: '1', __OW_SHOWN: 'yes' });
      await init(names[kind]);
      const { json } = await runtime!.post('/run', { value: {} }, shown);
      const seen = (json as { names: string[] }).names;
      expect(seen).toContain('__OW_SHOWN');
      expect(seen).not.toContain('__OW_TOKEN');
      expect(seen).not.toContain('__OW_LOG_STAMPS');
    });
  });

  describe(`${kind}: the status of a runtime`, () => {
    it('is not to be had without an access token', async () => {
      runtime = await startRuntime(kind);
      expect((await runtime.post('/status', {})).status).toBe(500);
      expect((await runtime.post('/prove', '', { 'X-Vibrissa-Nonce': nonce })).status).toBe(500);
    });

    it.each(['false', 'true'])(
      'counts what is in flight (several runs at a time: %s)',
      async (concurrent) => {
        await start({ __OW_ALLOW_CONCURRENT: concurrent });
        const file = join(runtime!.directory, 'go');
        expect(await status()).toEqual({ initialised: false, running: 0 });
        await init(waitFor[kind](file));
        expect(await status()).toEqual({ initialised: true, running: 0 });
        const answer = runtime!.post('/run', { value: {} }, shown);
        await expect.poll(status).toEqual({ initialised: true, running: 1 });
        writeFileSync(file, '');
        expect((await answer).json).toEqual({ waited: true });
        await expect.poll(status).toEqual({ initialised: true, running: 0 });
      },
    );

    it('is refused when the initialisation failed: nothing can run there', async () => {
      await start();
      expect((await init(broken[kind])).status).toBe(502);
      expect(await status()).toBe(403);
    });

    // a Python action can't end alone
    if (kind === 'python') return;

    it('is refused when the action has ended', async () => {
      await start();
      await init(breaking[kind]);
      expect((await runtime!.post('/run', { value: {} }, shown)).status).toBe(502);
      await expect.poll(status).toBe(403);
    });
  });

  describe(`${kind}: a runtime in the network of its agent`, () => {
    it('listens on the first port of its task', async () => {
      const port = await ownPort();
      runtime = await startRuntime(kind, { via: 'task port', port, env: { PORT0: String(port) } });
      expect((await runtime.init(names[kind])).status).toBe(200);
    });
  });
}
