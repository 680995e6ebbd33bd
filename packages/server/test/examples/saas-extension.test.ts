import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, runStory } from './run-story.ts';

const doctor = spawnSync(
  process.execPath,
  [`${root}packages/server/bin/vibrissa.js`, 'doctor', '--port', '0'],
  {
    encoding: 'utf8',
  },
);
const hasAddress = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ family, internal }) => family === 'IPv4' && !internal),
);
const canReachTheShop =
  /NO ISOLATION/.test(doctor.stdout) || (hasAddress && /OK.*internet for actions/.test(doctor.stdout));

describe('a service that its customers extend', () => {
  it.skipIf(!canReachTheShop)(
    'runs whole by one command, and leaves nothing (needs slirp4netns, nftables and an address beside loopback)',
    { timeout: 180_000 },
    async () => {
      const { code, text } = await runStory('saas-extension');
      expect(code, text).toBe(0);
      for (const shown of [
        'order 1 is worth 36: Grace gets a bookmark',
        'is not the HMAC-SHA256 of id, time stamp and body',
        'The action exceeded its time limits of 3000 milliseconds.',
        'looking for a van for order',
        'ok: updated action extension/note',
        'not authorized to access',
        'Every step held.',
      ])
        expect(text).toContain(shown);
      const [directory = ''] = /\/\S*vibrissa-saas-[^/\s]+/.exec(text) ?? [];
      expect(directory).not.toBe('');
      expect(existsSync(directory)).toBe(false);
    },
  );

  it('says what it knows when it is started with something else', async () => {
    const { code, text } = await runStory('saas-extension', ['--kepe']);
    expect(code).toBe(2);
    expect(text).toContain("'--kepe' is not known");
    expect(text).toContain('npm run example:saas -- --keep');
  });
});

describe('the shop of that example', () => {
  let shop: ChildProcess;
  let url = '';

  beforeAll(async () => {
    shop = spawn(process.execPath, [`${root}examples/saas-extension/shop/main.js`], {
      env: { ...process.env, HOST: '127.0.0.1', PORT: '0', MERCHANTS: '{"ada":"token-a","bob":"token-b"}' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve) =>
      shop.stdout?.once('data', (bytes: Buffer) => resolve(bytes.toString())),
    );
    url = /http:\S+/.exec(line)?.[0] ?? '';
  });

  afterAll(() => void shop.kill());

  const ask = async (line: string, body?: string, token?: string) => {
    const [method = '', path = ''] = line.split(' ');
    const response = await fetch(`${url}${path}`, {
      method,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, text: await response.text() };
  };
  const order = '{"buyer":"Grace","items":[{"name":"Book","price":3}]}';

  it('takes an order, which only its merchant sees and changes', async () => {
    const bought = await ask('POST /merchants/ada/orders', order);
    expect(bought.status).toBe(201);
    const { id } = JSON.parse(bought.text) as { id: string };
    expect((await ask(`GET /orders/${id}`)).status).toBe(401);
    expect((await ask(`GET /orders/${id}`, undefined, 'token-b')).status).toBe(404);
    expect((await ask(`PATCH /orders/${id}`, '{"gift":"x"}', 'token-b')).status).toBe(404);
    expect((await ask(`PATCH /orders/${id}`, '{"gift":"x"}', 'token-a')).status).toBe(200);
    expect((await ask(`GET /orders/${id}`, undefined, 'token-a')).text).toContain('"gift":"x"');
  });

  it.each([
    ['POST /merchants/nobody/orders', order, undefined, 404],
    ['POST /merchants/__proto__/orders', order, undefined, 404],
    ['POST /merchants/ada/orders', '{', undefined, 400],
    ['POST /merchants/ada/orders', '[]', undefined, 400],
    ['POST /merchants/ada/orders', 'null', undefined, 400],
    ['POST /merchants/ada/orders', '{"buyer":"x","items":[]}', undefined, 400],
    ['POST /merchants/ada/orders', '{"buyer":"x","items":[null]}', undefined, 400],
    ['POST /merchants/ada/orders', '{"buyer":"x","items":[{"name":"y","price":-1}]}', undefined, 400],
    ['POST /merchants/ada/orders', `{"buyer":"${'x'.repeat(70_000)}"}`, undefined, 413],
    ['PATCH /orders/1', '{"total":0}', 'token-a', 400],
    ['PATCH /orders/1', '{"__proto__":1}', 'token-a', 400],
    ['PATCH /orders/1', '{"gift":""}', 'token-a', 400],
    ['PATCH /orders/constructor', '{"gift":"x"}', 'token-a', 404],
    ['PUT /hook', '{"url":"file:///etc/passwd","secret":"s"}', 'token-a', 400],
    ['PUT /hook', '{"url":"http://127.0.0.1:1/"}', 'token-a', 400],
    ['PUT /hook', '{"url":7,"secret":"s"}', 'token-a', 400],
    ['PUT /hook', '{"url":"http://127.0.0.1:1/","secret":"s"}', 'wrong', 401],
    ['GET /', undefined, undefined, 404],
  ])('answers %s with %s by %s with %i', async (line, body, token, status) => {
    await ask('POST /merchants/ada/orders', order);
    const answer = await ask(line, body, token);
    expect(answer.status, answer.text).toBe(status);
    expect(JSON.parse(answer.text)).toHaveProperty('error');
  });
});
