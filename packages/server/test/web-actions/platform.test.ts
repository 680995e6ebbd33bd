import { request } from 'node:http';

import openwhisk, { type Client } from 'openwhisk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp, runVibrissa } from '../platform/platform-process.ts';
import { openFaultPlatform, type FaultPlatform } from '../faults/fault-platform.ts';

const web = { 'web-export': true };

let platform: FaultPlatform;
let ow: Client;

interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: Buffer;
}

/** One request as it stands: `fetch` would neither send a foreign `Host` nor show several cookies. */
function send(
  path: string,
  options: { method?: string; headers?: { [name: string]: string }; body?: Buffer } = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const { port } = platform.process;
    const sent = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const at = (name: string) => `/api/v1/web/guest/default/${name}`;

const create = (name: string, action: string, annotations: object = {}) =>
  ow.actions.create({ name, action, annotations: { ...web, ...annotations } } as never);

beforeAll(async () => {
  platform = await openFaultPlatform({ args: ['--set', 'http.vanityDomain=faas.example.org'] });
  const { port, key } = platform.process;
  ow = openwhisk({ apihost: `http://127.0.0.1:${port}`, api_key: key });
});
afterAll(cleanUp);

describe('web actions of a real platform, created with the openwhisk npm client', () => {
  it('take any bytes and give them back', async () => {
    await create(
      'mirror',
      `function main(args) {
        return { headers: { 'content-type': args.__ow_headers['content-type'] }, body: args.__ow_body };
      }`,
    );
    const bytes = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7919) & 0xff));
    const headers = { 'content-type': 'image/png' };
    const answer = await send(at('mirror'), { method: 'PUT', headers, body: bytes });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('image/png');
    expect(answer.body.equals(bytes)).toBe(true);
  });

  it('give JSON of many kinds, several cookies and a status of their own', async () => {
    await create(
      'teapot',
      `function main() {
        const headers = { 'Content-Type': 'application/problem+json', 'Set-Cookie': ['a=1', 'b=2'] };
        return { statusCode: 418, headers, body: { title: 'tea' } };
      }`,
    );
    const answer = await send(at('teapot'));
    expect(answer.status).toBe(418);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'set-cookie': ['a=1', 'b=2'],
    });
    expect(JSON.parse(answer.body.toString())).toEqual({ title: 'tea' });
    const head = await send(at('teapot'), { method: 'HEAD' });
    expect(head).toMatchObject({ status: 418, body: Buffer.alloc(0) });
  });

  it('fail with the error that they return, or with 400 where they broke; the record says more', async () => {
    await create('refuse', `function main() { return { error: { statusCode: 403, body: 'no' } }; }`);
    expect(await send(at('refuse'))).toMatchObject({ status: 403, body: Buffer.from('no') });
    await create('broken', 'this is no JavaScript');
    const broken = await send(at('broken'));
    expect(broken.status).toBe(400);
    expect(JSON.parse(broken.body.toString())).toMatchObject({
      error: 'There was an error processing your request.',
    });
    const record = await platform.record(String(broken.headers['x-openwhisk-activation-id']));
    expect(record).toMatchObject({ name: 'broken', response: { success: false } });
  });

  it('may be sequences, whose own annotation counts', async () => {
    await ow.actions.create({
      name: 'first',
      action: 'function main({ n }) { return { n: Number(n) + 1 }; }',
    });
    await ow.actions.create({ name: 'second', action: 'function main({ n }) { return { body: { n } }; }' });
    await ow.actions.create({
      name: 'both',
      sequence: ['/_/first', '/_/second'],
      annotations: web,
    } as never);
    const answer = await send(`${at('both')}?n=1`);
    expect(JSON.parse(answer.body.toString())).toEqual({ n: 2 });
    expect((await send(at('first'))).status).toBe(404);
  });

  it('in a package take its parameters, in a binding those of the binding', async () => {
    await ow.packages.update({ name: 'box', package: { parameters: [{ key: 'a', value: 'box' }] } } as never);
    await create('box/tell', 'function main({ a, b }) { return { body: { a, b } }; }');
    await ow.packages.update({
      name: 'bound',
      package: {
        binding: { namespace: 'guest', name: 'box' },
        parameters: [{ key: 'b', value: 'bound' }],
      },
    } as never);
    const answer = await send('/api/v1/web/guest/bound/tell?b=query');
    expect(JSON.parse(answer.body.toString())).toEqual({ a: 'box', b: 'query' });
  });

  it("have a host for their namespace's own, if the operator wants it", async () => {
    await ow.packages.update({ name: 'public', package: {} } as never);
    await create('public/index', `function main({ __ow_path }) { return { html: 'front' + __ow_path }; }`);
    const headers = { host: 'guest.faas.example.org' };
    expect((await send('/', { headers })).body.toString()).toBe('front');
    expect((await send('/public/index.html/a', { headers })).body.toString()).toBe('front/a');
    expect((await send('/api/v1/namespaces/_/actions', { headers })).status).toBe(404);
  });

  it('are gone with the change that takes them away, and with their owner’s right to run them', async () => {
    await create('changing', `function main() { return { body: 'here' }; }`);
    expect((await send(at('changing'))).status).toBe(200);
    await ow.actions.update({
      name: 'changing',
      action: `function main() { return {}; }`,
      annotations: { 'web-export': false },
    } as never);
    expect((await send(at('changing'))).status).toBe(404);
    const dataDir = ['--data-dir', platform.process.dataDir];
    const admin = async (...words: string[]) => {
      const { code, stderr } = await runVibrissa(['admin', 'user', ...words, ...dataDir]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    };
    await admin('block', 'guest');
    expect((await send(at('teapot'))).status).toBe(404);
    await admin('unblock', 'guest');
    expect((await send(at('teapot'))).status).toBe(418);
  });
});
