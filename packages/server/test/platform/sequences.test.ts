import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cleanUp, guestOf, startPlatform, type PlatformProcess } from './platform-process.ts';

interface Composite {
  readonly activationId: string;
  readonly name: string;
  readonly cause?: string;
  readonly duration: number;
  readonly logs: string[];
  readonly annotations: readonly { readonly key: string; readonly value: unknown }[];
  readonly response: { readonly status: string; readonly success: boolean; readonly result: unknown };
}

let platform: PlatformProcess;
let guest: ReturnType<typeof guestOf>;

const add = `function main({ n = 0, step = 1, seen = [] }) { return { n: n + step, seen: [...seen, n] }; }`;
const collection = '/api/v1/namespaces/_';

async function put(path: string, body: unknown): Promise<void> {
  const { status, text } = await guest.call(`PUT ${collection}/${path}?overwrite=true`, body);
  expect(`${status} ${text}`).toMatch(/^200 /);
}

const sequence = (name: string, ...names: string[]) =>
  put(`actions/${name}`, { exec: { kind: 'sequence', components: names.map((one) => `/_/${one}`) } });

const conductor = (name: string, code: string) =>
  guest.create(name, code, { annotations: [{ key: 'conductor', value: true }] });

async function run(name: string, args: object = {}): Promise<Composite> {
  return (await guest.invoke(name, args)).body as Composite;
}

async function recordOf(activationId: string): Promise<Composite> {
  return (await guest.record(activationId)) as unknown as Composite;
}

function annotation({ annotations }: Composite, key: string): unknown {
  return annotations.find((one) => one.key === key)?.value;
}

beforeAll(async () => {
  platform = await startPlatform({ args: ['--set', 'limits.actions.invokes.perMinute=100000'] });
  guest = guestOf(platform);
  await guest.create('add', add);
  await guest.create('add10', add, { parameters: [{ key: 'step', value: 10 }], limits: { memory: 512 } });
  await guest.create('fail', `function main() { return { error: 'no' , more: 1 }; }`);
  await guest.create('crash', `function main() { throw new Error('broken'); }`);
  await guest.create('list', `function main() { return [1, 'two', { three: 3 }]; }`);
  await guest.create(
    'count',
    `function main(args) { return { count: args.length, is: Array.isArray(args) }; }`,
  );
  await guest.create(
    'late',
    `function main({ ms }) { return new Promise((done) => setTimeout(() => done({ ms }), ms)); }`,
  );
});
afterAll(cleanUp);

describe('a sequence', () => {
  it('of five runs each with the result of the one before, and says so in its record', async () => {
    await sequence('five', 'add', 'add10', 'add', 'add', 'add10');
    const { status, body } = await guest.invoke('five', { n: 5 });
    const record = body as Composite;
    expect(status).toBe(200);
    expect(record.response).toMatchObject({
      status: 'success',
      result: { n: 28, seen: [5, 6, 16, 17, 18] },
    });
    expect(record.logs).toHaveLength(0);
    const kept = await recordOf(record.activationId);
    const parts = await Promise.all(kept.logs.map(recordOf));
    expect(parts.map(({ name }) => name)).toEqual(['add', 'add10', 'add', 'add', 'add10']);
    expect(parts.map(({ cause }) => cause)).toEqual(Array(5).fill(record.activationId));
    expect(parts.map((part) => annotation(part, 'causedBy'))).toEqual(Array(5).fill('sequence'));
    expect(kept.duration).toBe(parts.reduce((sum, { duration }) => sum + duration, 0));
    expect(annotation(kept, 'topmost')).toBe(true);
    expect(annotation(kept, 'kind')).toBe('sequence');
    expect(annotation(kept, 'path')).toBe('guest/five');
    expect(annotation(kept, 'limits')).toMatchObject({ memory: 512 });
    expect(annotation(kept, 'waitTime')).toBeGreaterThanOrEqual(0);
    expect(annotation(kept, 'causedBy')).toBeUndefined();
    expect(annotation(kept, 'timeout')).toBeUndefined();
    expect(annotation(kept, 'conductor')).toBeUndefined();
  });

  it('within a sequence has a record of its own, caused by the outer one', async () => {
    await sequence('pair', 'add', 'add10');
    await sequence('nested', 'add', 'pair', 'add');
    const { activationId, response } = await run('nested', { n: 0 });
    expect(response.result).toMatchObject({ n: 13 });
    const { logs } = await recordOf(activationId);
    const inner = await recordOf(logs[1] as string);
    expect(inner).toMatchObject({ name: 'pair', cause: activationId });
    expect(annotation(inner, 'topmost')).toBe(false);
    expect(annotation(inner, 'causedBy')).toBe('sequence');
    expect(inner.logs).toHaveLength(2);
    expect(await recordOf(inner.logs[0] as string)).toMatchObject({ cause: inner.activationId });
  });

  it.each([
    ['fail', 'application error', { error: 'no' }],
    ['crash', 'action developer error', { error: expect.stringContaining('broken') as unknown }],
  ])('ends with the answer of a component that names an error: %s', async (name, status, result) => {
    await sequence('broken', 'add', name, 'add');
    const reply = await guest.invoke('broken');
    const { activationId, response } = reply.body as Composite;
    expect(reply.status).toBe(502);
    expect(response).toMatchObject({ status, success: false, result });
    expect((await recordOf(activationId)).logs).toHaveLength(2);
  });

  it('goes on when its own arguments name an error', async () => {
    await sequence('pair', 'add', 'add10');
    expect((await run('pair', { error: 'not mine', n: 1 })).response.result).toMatchObject({ n: 12 });
  });

  it('hands an array from one component to the next, and answers with one', async () => {
    await sequence('arrays', 'list', 'count');
    expect((await run('arrays')).response.result).toEqual({ count: 3, is: true });
    await sequence('listed', 'add', 'list');
    const { status, body } = await guest.invoke('listed');
    expect([status, body]).toEqual([200, [1, 'two', { three: 3 }]]);
  });

  it('ends where a component was deleted since', async () => {
    await guest.create('passing', add);
    await sequence('holed', 'add', 'passing');
    await guest.call(`DELETE ${collection}/actions/passing`);
    const { response, activationId } = await run('holed');
    expect(response).toMatchObject({
      status: 'application error',
      result: { error: 'Sequence component does not exist.' },
    });
    expect((await recordOf(activationId)).logs).toHaveLength(1);
  });

  it('that nobody waits for is accepted at once and recorded in the end', async () => {
    await sequence('pair', 'add', 'add10');
    const id = await guest.start('pair', { n: 1 });
    expect((await recordOf(id)).response).toMatchObject({ success: true, result: { n: 12 } });
  });

  it('that outlives its client’s wait answers 202 with its own id, and goes on', async () => {
    await sequence('slow', 'late', 'late');
    const path = `${collection}/actions/slow?blocking=true&timeout=1000` as const;
    const reply = await guest.call(`POST ${path}`, { ms: 1000 });
    expect(reply.status).toBe(202);
    const { activationId } = reply.body as Composite;
    const record = await recordOf(activationId);
    expect(record).toMatchObject({ name: 'slow', response: { success: true, result: { ms: 1000 } } });
    expect(record.logs).toHaveLength(2);
  });

  it('takes actions of packages and through bindings, with their parameters', async () => {
    await put('packages/box', { parameters: [{ key: 'step', value: 100 }] });
    await put('actions/box/add', { exec: { kind: 'nodejs:default', code: add } });
    await put('packages/alias', {
      binding: { namespace: '_', name: 'box' },
      parameters: [{ key: 'step', value: 1000 }],
    });
    await sequence('packed', 'box/add', 'alias/add', 'add');
    expect((await run('packed', { n: 0 })).response.result).toMatchObject({ n: 1101 });
    await sequence('box/seq', 'add', 'add');
    const bound = await run('alias/seq');
    expect(annotation(bound, 'binding')).toBe('guest/alias');
    expect(annotation(bound, 'path')).toBe('guest/box/seq');
  });
});

describe('a composition', () => {
  it('runs what its conductor asks for, keeps its state, and ends when nothing is asked', async () => {
    await conductor(
      'loop',
      `function main({ n, rounds = 3 }) {
         return rounds === 0 ? { params: { n } } : { action: 'add10', params: { n }, state: { rounds: rounds - 1 } };
       }`,
    );
    const { activationId, response } = await run('loop', { n: 1 });
    expect(response).toMatchObject({ status: 'success', result: { n: 31 } });
    const record = await recordOf(activationId);
    const parts = await Promise.all(record.logs.map(recordOf));
    expect(parts.map(({ name }) => name)).toEqual([
      'loop',
      'add10',
      'loop',
      'add10',
      'loop',
      'add10',
      'loop',
    ]);
    expect(parts.every(({ cause }) => cause === activationId)).toBe(true);
    expect(annotation(record, 'conductor')).toBe(true);
    expect(annotation(record, 'topmost')).toBe(true);
    expect(annotation(record, 'kind')).toBe('sequence');
    expect(annotation(parts[0] as Composite, 'kind')).toMatch(/^nodejs:/);
    expect(record.duration).toBe(parts.reduce((sum, { duration }) => sum + duration, 0));
  });

  it.each([
    ['none', "Failed to resolve action with name 'guest/none' during composition."],
    ['/_/none', "Failed to resolve action with name 'guest/none' during composition."],
    ['/other/secret', "Failed entitlement check for action with name 'other/secret' during composition."],
    [7, 'Failed to parse action name from json value 7 during composition.'],
    ['a b//c', 'Failed to parse action name from json value "a b//c" during composition.'],
  ])('tells its conductor why %j can’t be run', async (action, error) => {
    await conductor(
      'asker',
      `function main({ action, error }) { return error ? { told: error } : { action }; }`,
    );
    const { response } = await run('asker', { action });
    expect(response.result).toEqual({ told: error });
  });

  it('ends after as many actions as allowed, with those of the compositions in it', async () => {
    await conductor('endless', `function main() { return { action: 'add' }; }`);
    const { response, activationId } = await run('endless');
    expect(response).toMatchObject({
      status: 'application error',
      result: { error: 'Too many actions in the composition.' },
    });
    const parts = await Promise.all((await recordOf(activationId)).logs.map(recordOf));
    expect(parts.filter(({ name }) => name === 'add')).toHaveLength(50);
    expect(parts.filter(({ name }) => name === 'endless')).toHaveLength(101);
  });

  it('may call itself, and ends for that', async () => {
    await conductor('self', `function main({ error }) { return error ? { error } : { action: 'self' }; }`);
    expect((await run('self')).response).toMatchObject({
      status: 'application error',
      result: { error: 'Too many actions in the composition.' },
    });
  });

  it('runs sequences, and is run by them', async () => {
    await sequence('pair', 'add', 'add10');
    await conductor(
      'once',
      `function main({ n, done }) {
      return done ? { n } : { action: 'pair', params: { n }, state: { done: true } };
    }`,
    );
    await sequence('around', 'add', 'once', 'add');
    const { activationId, response } = await run('around', { n: 0 });
    expect(response.result).toMatchObject({ n: 13 });
    const { logs } = await recordOf(activationId);
    const inner = await recordOf(logs[1] as string);
    expect(inner).toMatchObject({ name: 'once', cause: activationId });
    expect(annotation(inner, 'topmost')).toBe(false);
    expect(annotation(inner, 'conductor')).toBe(true);
    expect(inner.logs).toHaveLength(3);
  });
});
