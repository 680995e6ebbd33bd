import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  ask,
  cleanUp,
  guestOf,
  runVibrissa,
  startPlatform,
  type PlatformProcess,
  type Reply,
} from './platform-process.ts';

const code = `function main(args) {
  return { args, env: process.env.GREETING };
}`;

let platform: PlatformProcess;
/** The key of another user. */
let key: string;

beforeAll(async () => {
  platform = await startPlatform();
  const { stdout } = await runVibrissa(['admin', 'user', 'create', 'alice', '--data-dir', platform.dataDir]);
  key = stdout.trim();
  const { call, create } = guestOf(platform);
  await call('PUT /api/v1/namespaces/_/packages/tools', {
    publish: true,
    parameters: [
      { key: 'a', value: 'package' },
      { key: 'b', value: 'package' },
      { key: 'GREETING', value: 'hello from the package', init: true },
    ],
  });
  await create('tools/show', code, { parameters: [{ key: 'c', value: 'action' }] });
});
afterAll(cleanUp);

const asAlice = (line: Parameters<typeof ask>[1], body?: unknown): Promise<Reply> =>
  ask({ port: platform.port, key }, line, body);

interface Found {
  readonly activationId: string;
  readonly namespace: string;
  readonly name: string;
  readonly annotations: readonly { readonly key: string; readonly value: unknown }[];
}

const noted = ({ annotations }: Found, name: string) => annotations.find(({ key }) => key === name)?.value;

describe('an action in a package', () => {
  it('gets the package’s parameters, those for its start in its environment', async () => {
    const { body } = await guestOf(platform).invoke('tools/show', { b: 'payload' });
    expect(body).toMatchObject({
      name: 'show',
      response: {
        result: { args: { a: 'package', b: 'payload', c: 'action' }, env: 'hello from the package' },
      },
    });
    expect(noted(body as Found, 'path')).toBe('guest/tools/show');
    expect(noted(body as Found, 'binding')).toBeUndefined();
  });

  it('runs with new parameters as soon as its package has them', async () => {
    const { call, create, invoke } = guestOf(platform);
    const setTo = (value: number) =>
      call('PUT /api/v1/namespaces/_/packages/changing?overwrite=true', {
        parameters: [{ key: 'n', value }],
      });
    await setTo(1);
    await create('changing/show', code);
    for (const n of [1, 2, 3]) {
      await setTo(n);
      expect((await invoke('changing/show')).body).toMatchObject({ response: { result: { args: { n } } } });
    }
    await call('DELETE /api/v1/namespaces/_/packages/changing?force=true');
    expect((await invoke('changing/show')).status).toBe(404);
  });

  it('starts anew when what its package gives to its environment has changed, and not before', async () => {
    const { call, create, invoke } = guestOf(platform);
    const set = (value: string) =>
      call('PUT /api/v1/namespaces/_/packages/settings?overwrite=true', {
        parameters: [{ key: 'GREETING', value, init: true }],
      });
    const started = async (name: string) => {
      const { body } = await invoke(name);
      const { env } = (body as { response: { result: { env: string } } }).response.result;
      return [env, noted(body as Found, 'initTime') !== undefined];
    };
    await set('one');
    await create('settings/show', code);
    expect(await started('settings/show')).toEqual(['one', true]);
    expect(await started('settings/show')).toEqual(['one', false]);
    await set('two');
    expect(await started('settings/show')).toEqual(['two', true]);
    const binding = { namespace: '_', name: 'settings' };
    for (const value of ['left', 'right']) {
      const parameters = [{ key: 'GREETING', value, init: true }];
      await call(`PUT /api/v1/namespaces/_/packages/${value}`, { binding, parameters });
    }
    for (const value of ['left', 'right']) {
      expect(await started(`${value}/show`)).toEqual([value, true]);
    }
    for (const value of ['left', 'right']) {
      expect(await started(`${value}/show`)).toEqual([value, false]);
    }
  });

  it('is found by the name of both', async () => {
    const { call, start, record } = guestOf(platform);
    const id = await start('tools/show');
    expect(noted((await record(id)) as unknown as Found, 'path')).toBe('guest/tools/show');
    const { body } = await call('GET /api/v1/namespaces/_/activations?name=tools/show&limit=1');
    expect(body).toMatchObject([{ activationId: id }]);
    expect((await call('GET /api/v1/namespaces/_/activations?name=other/show')).body).toEqual([]);
  });
});

describe('another’s public package', () => {
  it('is bound, called, and accounted to who calls: record, filter, parameters of the binding', async () => {
    const bound = await asAlice('PUT /api/v1/namespaces/_/packages/mine', {
      binding: { namespace: 'guest', name: 'tools' },
      parameters: [{ key: 'b', value: 'binding' }],
    });
    expect(bound.status).toBe(200);
    const path = '/api/v1/namespaces/_/actions/mine/show';
    const { body } = await asAlice(`POST ${path}?blocking=true`, { d: 'payload' });
    expect(body).toMatchObject({
      namespace: 'alice',
      response: { result: { args: { a: 'package', b: 'binding', c: 'action', d: 'payload' } } },
    });
    expect(noted(body as Found, 'path')).toBe('guest/tools/show');
    expect(noted(body as Found, 'binding')).toBe('alice/mine');
    const listed = await asAlice('GET /api/v1/namespaces/_/activations?name=mine/show');
    expect(listed.body).toMatchObject([{ activationId: (body as Found).activationId }]);
    const { call } = guestOf(platform);
    const theirs = await call('GET /api/v1/namespaces/alice/activations');
    expect(theirs.status).toBe(403);
  });

  it('is closed to all bindings when its owner withdraws it', async () => {
    const { call } = guestOf(platform);
    await call('PUT /api/v1/namespaces/_/packages/tools?overwrite=true', { publish: false });
    const refused = await asAlice('POST /api/v1/namespaces/_/actions/mine/show?blocking=true', {});
    expect(refused.status).toBe(403);
    await call('PUT /api/v1/namespaces/_/packages/tools?overwrite=true', { publish: true });
  });
});

it('packages, their bindings and what they hold are there after a restart', async () => {
  const { dataDir } = platform;
  await platform.stop();
  platform = await startPlatform({ dataDir });
  const { body } = await asAlice('POST /api/v1/namespaces/_/actions/mine/show?blocking=true&result=true', {});
  expect(body).toMatchObject({ args: { a: 'package', b: 'binding', c: 'action' } });
});
