import openwhisk, { type Client } from 'openwhisk';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { cleanUp, startPlatform } from '../platform/platform-process.ts';

/** Its type declarations lag behind what the client takes. */
type Call = (options?: unknown) => Promise<unknown>;

/** Every call that the client offers. */
const operations = {
  actions: ['list', 'get', 'invoke', 'create', 'update', 'delete'],
  activations: ['list', 'get', 'logs', 'result'],
  namespaces: ['list', 'get'],
  packages: ['list', 'get', 'create', 'update', 'delete'],
  rules: ['list', 'get', 'create', 'update', 'delete', 'enable', 'disable'],
  triggers: ['list', 'get', 'invoke', 'create', 'update', 'delete'],
  feeds: ['create', 'get', 'update', 'delete'],
  routes: ['create', 'get', 'list', 'delete'],
} as const;

const code = 'function main(args) { console.log("ran"); return args; }';

let ow: Client;
const called = new Set<string>();

/** Calls the unmodified client, and remembers what was called. */
function call(resource: keyof typeof operations, operation: string, options?: unknown): Promise<unknown> {
  called.add(`${resource}.${operation}`);
  const target = ow[resource] as unknown as { readonly [name: string]: Call };
  return (target[operation] as Call).call(target, options);
}

beforeAll(async () => {
  const args = ['--set', 'containers.factory=process', '--set', 'limits.actions.invokes.perMinute=1000'];
  const platform = await startPlatform({ args });
  ow = openwhisk({ apihost: `http://127.0.0.1:${platform.port}`, api_key: platform.key });
});
afterAll(cleanUp);

it('actions: of text, bytes and other actions, one by one and several at once', async () => {
  await call('actions', 'create', { name: 'text', action: code, annotations: { 'web-export': true } });
  await call('actions', 'create', { name: 'bytes', action: Buffer.from('PK no zip'), kind: 'nodejs:20' });
  await call('actions', 'create', { name: 'chain', sequence: ['/_/text', '/guest/text'] });
  const whole = { exec: { kind: 'nodejs:default', code }, limits: { memory: 128 } };
  await call('actions', 'create', { name: 'whole', action: whole });
  expect(await call('actions', 'get', ['text', 'bytes', '/guest/chain'])).toMatchObject([
    { exec: { kind: 'nodejs:20', code, binary: false } },
    { exec: { binary: true, code: Buffer.from('PK no zip').toString('base64') } },
    { exec: { kind: 'sequence', components: ['/guest/text', '/guest/text'] } },
  ]);
  expect(await call('actions', 'update', { name: 'whole', params: { a: 1 } })).toMatchObject({
    version: '0.0.2',
    limits: { memory: 128 },
    parameters: [{ key: 'a', value: 1 }],
  });
  expect(await call('actions', 'list', { limit: 2, skip: 1 })).toHaveLength(2);
  expect(await call('actions', 'list', { count: true })).toEqual({ actions: 4 });
  const run = { name: 'chain', blocking: true, result: true, params: { a: 1 } };
  expect(await call('actions', 'invoke', run)).toEqual({ a: 1 });
  expect(await call('actions', 'delete', ['bytes', { actionName: 'whole' }])).toHaveLength(2);
});

it('activations: by every name that the client has for their id', async () => {
  const made = await call('actions', 'invoke', { name: 'text', blocking: true, params: { b: 2 } });
  const { activationId } = made as { activationId: string };
  expect(await call('activations', 'get', activationId)).toMatchObject({
    name: 'text',
    logs: expect.any(Array),
  });
  expect(await call('activations', 'result', { activation: activationId })).toMatchObject({
    success: true,
    result: { b: 2 },
  });
  const { logs } = (await call('activations', 'logs', { activationId })) as { logs: string[] };
  expect(logs).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{18}Z stdout: ran$/)]);
  const listed = await call('activations', 'list', {
    name: 'text',
    limit: 1,
    since: 1,
    upto: Date.now() + 1000,
  });
  expect(listed).toMatchObject([{ activationId, statusCode: 0 }]);
});

it('packages: also bound, public, and with what they hold', async () => {
  await call('packages', 'create', { name: 'box', package: { publish: true } });
  await call('actions', 'create', { name: 'box/inside', action: code });
  await call('packages', 'create', { name: 'tied', package: { binding: { namespace: '_', name: 'box' } } });
  await call('packages', 'update', { name: 'box', package: { parameters: [{ key: 'c', value: 3 }] } });
  expect(await call('packages', 'get', 'tied')).toMatchObject({
    binding: { namespace: 'guest', name: 'box' },
    actions: [{ name: 'inside' }],
    parameters: [{ key: 'c', value: 3 }],
  });
  expect(await call('packages', 'list', { public: true })).toHaveLength(2);
  await call('packages', 'delete', { packageName: 'tied' });
});

it('triggers and rules: made, turned off and on, fired', async () => {
  await call('triggers', 'create', { name: 'event', trigger: { parameters: [{ key: 'd', value: 4 }] } });
  expect(await call('triggers', 'update', { triggerName: 'event' })).toMatchObject({
    version: '0.0.2',
    parameters: [{ key: 'd', value: 4 }],
  });
  await call('rules', 'create', { name: 'link', action: 'text', trigger: 'event' });
  await call('rules', 'update', { ruleName: 'link', action: 'box/inside', trigger: '/_/event' });
  for (const [operation, status] of [
    ['disable', 'inactive'],
    ['enable', 'active'],
  ] as const) {
    await call('rules', operation, { name: 'link' });
    expect(await call('rules', 'get', 'link')).toMatchObject({
      status,
      action: { path: 'guest/box', name: 'inside' },
    });
  }
  expect(await call('triggers', 'invoke', { name: 'event', params: {} })).toHaveProperty('activationId');
  expect(await call('triggers', 'get', 'event')).toHaveProperty(['rules', 'guest/link', 'status'], 'active');
  expect(await call('rules', 'list', { count: true })).toEqual({ rules: 1 });
  expect(await call('triggers', 'list', { limit: 1 })).toMatchObject([{ name: 'event' }]);
  await call('rules', 'delete', 'link');
  await call('triggers', 'delete', 'event');
});

it('feeds: an action of one’s own is told all that becomes of a trigger', async () => {
  await call('actions', 'create', { name: 'source', action: code, annotations: { feed: true } });
  for (const [operation, event] of [
    ['create', 'CREATE'],
    ['get', 'READ'],
    ['update', 'UPDATE'],
    ['delete', 'DELETE'],
  ] as const) {
    const told = await call('feeds', operation, { name: 'source', trigger: 'event', params: { e: 5 } });
    expect(told).toMatchObject({
      response: {
        result: { lifecycleEvent: event, triggerName: '/_/event', authKey: expect.any(String), e: 5 },
      },
    });
  }
});

it('routes: made, shown, listed and deleted', async () => {
  const route = { basepath: '/every', relpath: '/call', operation: 'GET', action: 'text' };
  expect(await call('routes', 'create', route)).toHaveProperty('gwApiUrl');
  expect(await call('routes', 'get', { basepath: '/every' })).toHaveProperty('apis.0.value.apidoc');
  expect(await call('routes', 'list')).toHaveProperty('apis.length', 1);
  expect(await call('routes', 'delete', { basepath: '/every' })).toEqual({});
});

it('namespaces: the one of the key, with all that is in it', async () => {
  expect(await call('namespaces', 'list')).toEqual(['guest']);
  const found = (await call('namespaces', 'get', '_')) as { readonly [kind: string]: { name: string }[] };
  expect(Object.keys(found).toSorted()).toEqual(['actions', 'packages', 'rules', 'triggers']);
  expect(found['packages']?.map(({ name }) => name)).toEqual(['box']);
});

it('that is every call the client has', () => {
  const all = Object.entries(operations).flatMap(([resource, names]) =>
    names.map((name) => `${resource}.${name}`),
  );
  expect([...called].toSorted()).toEqual(all.toSorted());
  expect(Object.keys(ow).toSorted()).toEqual(Object.keys(operations).toSorted());
});
