import openwhisk, { type Client } from 'openwhisk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cleanUp, guestOf, startPlatform, type PlatformProcess } from '../platform/platform-process.ts';

let ow: Client;
let platform: PlatformProcess;

const code =
  'function main({ name, place, __ow_headers }) { return { name, place, agent: typeof __ow_headers }; }';

beforeAll(async () => {
  const limits = ['limits.actions.invokes.perMinute=1000', 'limits.actions.invokes.concurrent=1000'];
  const sets = [...limits, 'containers.factory=process'].flatMap((setting) => ['--set', setting]);
  platform = await startPlatform({ args: sets });
  ow = openwhisk({ apihost: `http://127.0.0.1:${platform.port}`, api_key: platform.key });
  await ow.actions.create({ name: 'greet', action: code, limits: { memory: 128 } } as never);
});
afterAll(cleanUp);

interface Line {
  readonly rule: string;
  readonly success: boolean;
  readonly activationId: string;
}

/** The lines of a trigger's record. */
async function linesOf(activationId: string): Promise<Line[]> {
  const { logs } = await guestOf(platform).record(activationId);
  return logs.map((line) => JSON.parse(line) as Line);
}

describe('the openwhisk npm client, unmodified, with triggers and rules', () => {
  it('creates, updates, lists, reads and deletes them', async () => {
    const trigger = await ow.triggers.create({ name: 'first', trigger: {} } as never);
    expect(trigger).toMatchObject({ namespace: 'guest', name: 'first', version: '0.0.1' });
    expect(await ow.triggers.update({ name: 'first', trigger: {} } as never)).toMatchObject({
      version: '0.0.2',
    });
    const rule = await ow.rules.create({ name: 'one', action: 'greet', trigger: 'first' });
    expect(rule).toMatchObject({
      name: 'one',
      status: 'active',
      trigger: { path: 'guest', name: 'first' },
      action: { path: 'guest', name: 'greet' },
    });
    await expect(ow.rules.create({ name: 'one', action: 'greet', trigger: 'first' })).rejects.toMatchObject({
      statusCode: 409,
    });
    expect(
      await ow.rules.update({ name: 'one', action: '/guest/greet', trigger: '/guest/first' }),
    ).toMatchObject({
      version: '0.0.2',
      status: 'active',
    });
    expect(await ow.triggers.get('first')).toMatchObject({ rules: { 'guest/one': { status: 'active' } } });
    expect((await ow.triggers.list()).map(({ name }) => name)).toEqual(['first']);
    expect((await ow.rules.list()).map(({ name }) => name)).toEqual(['one']);
    expect(await ow.rules.get('one')).toMatchObject({ status: 'active' });
    expect(await ow.rules.delete('one')).toMatchObject({ name: 'one', status: 'inactive' });
    expect(await ow.triggers.delete('first')).toMatchObject({ name: 'first' });
    await expect(ow.triggers.get('first')).rejects.toMatchObject({ statusCode: 404 });
  });

  it('fires a trigger, and each rule’s action gets the event', async () => {
    const parameters = [{ key: 'place', value: 'here' }];
    await ow.triggers.create({ name: 'event', trigger: { parameters } } as never);
    for (const name of ['a', 'b', 'c']) await ow.rules.create({ name, action: 'greet', trigger: 'event' });
    await ow.rules.disable({ name: 'b' } as never);
    expect(await ow.rules.get('b')).toMatchObject({ status: 'inactive' });
    const { activationId } = (await ow.triggers.invoke({ name: 'event', params: { name: 'Ada' } })) as {
      activationId: string;
    };
    const lines = await linesOf(activationId);
    expect(lines.map(({ rule, success }) => [rule, success])).toEqual([
      ['guest/a', true],
      ['guest/b', false],
      ['guest/c', true],
    ]);
    for (const { activationId: id, success } of lines) {
      if (!success) continue;
      const { response } = await guestOf(platform).record(id);
      expect(response.result).toEqual({ name: 'Ada', place: 'here', agent: 'object' });
    }
    const listed = await ow.activations.list({ name: 'event' } as never);
    expect(listed).toMatchObject([{ activationId, name: 'event' }]);
    expect(listed[0]).not.toHaveProperty('end');
    expect(await ow.activations.get({ name: activationId })).toMatchObject({
      response: { success: true, result: { name: 'Ada' } },
    });
  });

  it('fires a trigger without an active rule, and nothing comes of it', async () => {
    await ow.triggers.create({ name: 'quiet' });
    await expect(ow.triggers.invoke({ name: 'quiet' })).resolves.not.toHaveProperty('activationId');
    expect(await ow.activations.list({ name: 'quiet' } as never)).toEqual([]);
  });

  it('fires a hundred rules at once', async () => {
    await ow.triggers.create({ name: 'crowded' });
    const names = Array.from({ length: 100 }, (_, at) => `crowd-${at}`);
    await Promise.all(names.map((name) => ow.rules.create({ name, action: 'greet', trigger: 'crowded' })));
    const { activationId } = (await ow.triggers.invoke({ name: 'crowded', params: { name: 'all' } })) as {
      activationId: string;
    };
    const lines = await linesOf(activationId);
    expect(lines.map(({ rule }) => rule).sort()).toEqual(names.map((name) => `guest/${name}`).sort());
    const records = await Promise.all(lines.map((line) => guestOf(platform).record(line.activationId)));
    expect(new Set(records.map(({ response }) => response.result['name']))).toEqual(new Set(['all']));
  }, 120_000);
});
