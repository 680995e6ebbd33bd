import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cleanUp } from '../platform/platform-process.ts';
import { openWskOnPlatform, type WskOnPlatform } from './wsk-on-platform.ts';

/** Answers with what it was given. */
const echo = 'function main(args) { return { statusCode: 200, body: args }; }';

let on: WskOnPlatform;

beforeAll(async () => {
  on = await openWskOnPlatform();
  await on.wsk('action', 'create', 'echo', on.file('echo.js', echo), '--web', 'true');
}, 60_000);
afterAll(cleanUp);

/** What `wsk api create` has printed below its first line. */
function urlIn(stdout: string): string {
  return stdout.trim().split('\n').at(-1) ?? '';
}

async function create(...words: string[]): Promise<string> {
  const { exitCode, stderr, stdout } = await on.wsk('api', 'create', ...words);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return urlIn(stdout);
}

/** A whole API with one endpoint, and what else its document shall say. */
function document(basePath: string, more: object): string {
  const target = `${on.url}/api/v1/web/guest/default/echo.http`;
  return JSON.stringify({
    swagger: '2.0',
    info: { title: basePath, version: '1.0.0' },
    basePath,
    paths: { '/who': { get: { operationId: 'who', responses: {}, 'x-openwhisk': { url: target } } } },
    'x-ibm-configuration': {
      cors: { enabled: true },
      assembly: {
        execute: [
          {
            'operation-switch': {
              case: [{ operations: ['who'], execute: [{ invoke: { 'target-url': target, verb: 'keep' } }] }],
            },
          },
        ],
      },
    },
    ...more,
  });
}

function importApi(basePath: string, more: object) {
  return on.wsk('api', 'create', '-c', on.file(`${basePath.slice(1)}.json`, document(basePath, more)));
}

describe('an API on a real platform', () => {
  it('is created by wsk, and its URL calls the web action', async () => {
    const { stdout } = await on.wsk(
      'api',
      'create',
      '/club',
      '/books',
      'get',
      'echo',
      '--response-type',
      'http',
    );
    expect(stdout).toBe(
      `ok: created API /club/books GET for action /_/echo\n${on.url}/api/guest/club/books\n`,
    );
    const reply = await fetch(`${on.url}/api/guest/club/books?author=Ada&x-forwarded=1`);
    expect(reply.status).toBe(200);
    const body = (await reply.json()) as { [name: string]: unknown };
    expect(body).toMatchObject({ author: 'Ada', __ow_method: 'get', __ow_path: '/club/books' });
    expect(body['__ow_headers']).toMatchObject({
      'x-forwarded-url': `${on.url}/api/guest/club/books?author=Ada&x-forwarded=1`,
    });
  });

  it('gives the action the path with its parameters, escapes and all', async () => {
    const url = await create('/club', '/books/{id}/pages/{page}', 'get', 'echo', '--response-type', 'http');
    expect(url).toBe(`${on.url}/api/guest/club/books/{id}/pages/{page}`);
    const reply = await fetch(`${on.url}/api/guest/club/books/a%2Fb%20c/pages/7`);
    expect(await reply.json()).toMatchObject({ __ow_path: '/club/books/a%2Fb%20c/pages/7' });
  });

  it('says 404 for paths, base paths and namespaces that nobody has defined, and 405 for other methods', async () => {
    for (const path of ['guest/club/nothing', 'guest/none', 'nobody/club/books', 'guest', 'no%20body/x']) {
      const reply = await fetch(`${on.url}/api/${path}`);
      expect({ path, status: reply.status }).toEqual({ path, status: 404 });
      expect(await reply.json()).toMatchObject({ error: 'Not found.' });
    }
    const wrong = await fetch(`${on.url}/api/guest/club/books`, { method: 'PUT' });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('GET, OPTIONS');
    expect((await fetch(`${on.url}/api/guest/club/%zz`)).status).toBe(400);
  });

  it('answers a preflight of a browser without running the action, and lets its answers be read', async () => {
    const preflight = await fetch(`${on.url}/api/guest/club/books`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://page.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'x-api-key, content-type',
      },
    });
    expect(preflight.status).toBe(200);
    expect(preflight.headers.get('x-openwhisk-activation-id')).toBeNull();
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET, OPTIONS');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('x-api-key, content-type');
    const reply = await fetch(`${on.url}/api/guest/club/books`, {
      headers: { origin: 'https://page.example' },
    });
    expect(reply.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('lets nobody read its answers from other origins when CORS is switched off', async () => {
    const file = document('/quiet', {}).replace('{"enabled":true}', '{"enabled":false}');
    expect((await on.wsk('api', 'create', '-c', on.file('quiet.json', file))).exitCode).toBe(0);
    const reply = await fetch(`${on.url}/api/guest/quiet/who`);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('access-control-allow-origin')).toBeNull();
    expect((await fetch(`${on.url}/api/guest/quiet/who`, { method: 'OPTIONS' })).status).toBe(405);
  });

  it('sends the secret of a secured web action, which its callers never see', async () => {
    await on.wsk('action', 'create', 'secured', 'echo.js', '--web', 'true', '--web-secure', 's3cret');
    expect((await fetch(`${on.url}/api/v1/web/guest/default/secured`)).status).toBe(401);
    const url = await create('/safe', '/', 'get', 'secured', '--response-type', 'http');
    expect(url).toBe(`${on.url}/api/guest/safe/`);
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(`${on.url}/api/guest/safe`)).status).toBe(200);
  });

  it('refuses bodies that are too large or broken, and lets other origins read why they are broken', async () => {
    await create('/large', '/', 'post', 'echo', '--response-type', 'http');
    const reply = await fetch(`${on.url}/api/guest/large`, { method: 'POST', body: 'x'.repeat(1_100_000) });
    expect(reply.status).toBe(413);
    const wrong = await fetch(`${on.url}/api/guest/large`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(wrong.status).toBe(400);
    expect(wrong.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('forwards bodies of all methods', async () => {
    await create('/all', '/thing', 'post', 'echo', '--response-type', 'http');
    await create('/all', '/thing', 'patch', 'echo', '--response-type', 'http');
    for (const method of ['POST', 'PATCH']) {
      const reply = await fetch(`${on.url}/api/guest/all/thing`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: '{"sum":12}',
      });
      expect(await reply.json()).toMatchObject({ sum: 12, __ow_method: method.toLowerCase() });
    }
  });
});

describe('an API with keys', () => {
  const definitions = {
    securityDefinitions: { apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' } },
  };
  const ask = (path: string, headers: { [name: string]: string } = {}) =>
    fetch(`${on.url}/api/guest/${path}`, { headers });

  it('opens for a key until that is revoked, and for no other', async () => {
    expect((await importApi('/locked', definitions)).stderr).toBe('');
    expect((await importApi('/other', definitions)).stderr).toBe('');
    expect((await ask('locked/who')).status).toBe(401);
    const made = await on.wsk('api', 'key', 'create', '/locked', 'Ada');
    expect(made.stdout).toMatch(
      /^ok: created API key [0-9a-f]{32} of Ada for \/locked\n[0-9a-f]{32}\.\w{64}\n$/,
    );
    const key = urlIn(made.stdout);
    const opened = await ask('locked/who', { 'x-api-key': key });
    expect(opened.status).toBe(200);
    expect(await opened.text()).not.toContain(key.slice(33));
    expect((await ask('other/who', { 'x-api-key': key })).status).toBe(401);
    expect((await ask('locked/who', { 'x-api-key': `${key}x` })).status).toBe(401);
    const id = key.slice(0, 32);
    const listed = await on.wsk('api', 'key', 'list', '/locked');
    expect(listed.stdout).toMatch(new RegExp(`^API keys\n${id} [-0-9]{10} [:0-9]{8} /locked +Ada\n$`));
    expect((await on.wsk('api', 'key', 'delete', id)).stdout).toBe(`ok: deleted API key ${id}\n`);
    expect((await ask('locked/who', { 'x-api-key': key })).status).toBe(401);
  });

  it('takes id and secret in two headers where the document says so', async () => {
    const pair = {
      securityDefinitions: {
        client_id: { type: 'apiKey', in: 'header', name: 'X-Client-ID' },
        client_secret: { type: 'apiKey', in: 'header', name: 'X-Client-Secret' },
      },
      security: [{ client_id: [], client_secret: [] }],
    };
    expect((await importApi('/pair', pair)).stderr).toBe('');
    const [id = '', secret = ''] = urlIn((await on.wsk('api', 'key', 'create', '/pair', 'Bob')).stdout).split(
      '.',
    );
    expect((await ask('pair/who', { 'x-client-id': id, 'x-client-secret': secret })).status).toBe(200);
    expect((await ask('pair/who', { 'x-client-id': id })).status).toBe(401);
  });

  it('revokes the keys of an API that is deleted', async () => {
    await importApi('/gone', definitions);
    const key = urlIn((await on.wsk('api', 'key', 'create', '/gone', 'Ada')).stdout);
    expect((await ask('gone/who', { 'x-api-key': key })).status).toBe(200);
    expect((await on.wsk('api', 'delete', '/gone')).stdout).toBe('ok: deleted API /gone\n');
    expect((await ask('gone/who', { 'x-api-key': key })).status).toBe(404);
    await importApi('/gone', definitions);
    expect((await ask('gone/who', { 'x-api-key': key })).status).toBe(401);
  });

  it('limits how often each key may ask, and says when the next request may come', async () => {
    const limit = { 'x-gateway-rate-limit': [{ unit: 'hour', units: 1, rate: 2 }] };
    await importApi('/rare', { ...definitions, ...limit });
    const keys = await Promise.all(['Ada', 'Bob'].map((who) => on.wsk('api', 'key', 'create', '/rare', who)));
    const [ada = '', bob = ''] = keys.map(({ stdout }) => urlIn(stdout));
    const statuses: number[] = [];
    for (const key of [ada, ada, ada, bob])
      statuses.push((await ask('rare/who', { 'x-api-key': key })).status);
    expect(statuses).toEqual([200, 200, 429, 200]);
    const refused = await ask('rare/who', { 'x-api-key': ada });
    expect(await refused.json()).toMatchObject({ error: 'Rate limit exceeded' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1);
  });
});
