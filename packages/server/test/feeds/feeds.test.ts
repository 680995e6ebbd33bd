import { createHmac } from 'node:crypto';

import openwhisk, { type Client } from 'openwhisk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { samplesPackage } from '../../src/catalogue/samples-package.ts';
import { utilsPackage } from '../../src/catalogue/utils-package.ts';
import {
  cleanUp,
  startPlatform,
  temporaryDirectory,
  type PlatformProcess,
} from '../platform/platform-process.ts';

const dataDir = temporaryDirectory();
const code = 'function main(params) { return params; }';

let platform: PlatformProcess;
let ow: Client;

async function start(): Promise<void> {
  const args = [
    '--set',
    'limits.actions.invokes.perMinute=1000',
    '--set',
    'limits.triggers.fires.perMinute=1000',
  ];
  platform = await startPlatform({ dataDir, args });
  ow = openwhisk({ apihost: `http://127.0.0.1:${platform.port}`, api_key: platform.key });
}

interface Reading {
  readonly config: { readonly [name: string]: unknown };
  readonly fires: { readonly fired: number; readonly missed: number; readonly uncertain: number };
}

async function read(triggerName: string): Promise<Reading> {
  const reading = await ow.actions.invoke({
    name: '/whisk.system/alarms/alarm',
    blocking: true,
    result: true,
    params: { lifecycleEvent: 'READ', triggerName, authKey: platform.key },
  });
  return reading as unknown as Reading;
}

/** The payloads that the action was given so far. */
async function given(action: string): Promise<{ readonly x?: number; readonly error?: string }[]> {
  const list = await ow.activations.list({ name: action, limit: 200, docs: true } as never);
  return list.map(
    (activation) =>
      (activation as unknown as { response: { result?: { x?: number } } }).response.result ?? {},
  );
}

/** A kill may come between the start of an action and its end: its record says so. */
function wasKilled({ error }: { readonly error?: string }): boolean {
  return error?.startsWith('The platform stopped before this activation finished.') === true;
}

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 100));
}

/** A trigger of a feed that runs an action; what the feed gets is asked for at last. */
async function connect(name: string, feed: string, params: () => object): Promise<unknown> {
  await ow.actions.update({ name: `${name}-action`, action: code, kind: 'nodejs:20' } as never);
  await ow.triggers.create({ name });
  await ow.rules.create({ name: `${name}-rule`, trigger: name, action: `${name}-action` });
  return ow.feeds.create({ name: feed, trigger: name, params: params() } as never);
}

beforeAll(start);
afterAll(cleanUp);

describe('an alarm of every second, by the npm client', () => {
  it('fires, goes on after kill -9, and accounts for each second', async () => {
    const begun = Date.now();
    const everySecond = { cron: '* * * * * *', trigger_payload: { x: 7 } };
    await connect('tick', '/whisk.system/alarms/alarm', () => everySecond);
    await eventually(async () => (await given('tick-action')).length >= 2);
    const ended = (await given('tick-action')).length;
    await platform.kill();
    await start();
    const { fired, uncertain } = (await read('tick')).fires;
    await eventually(async () => (await read('tick')).fires.fired >= fired + 2);
    const { config, fires } = await read('tick');
    expect(config).toMatchObject({ name: 'tick', cron: '* * * * * *', payload: { x: 7 } });
    const seconds = (Date.now() - begun) / 1000;
    const all = fires.fired + fires.missed + fires.uncertain;
    expect(all).toBeGreaterThan(3);
    expect(all).toBeLessThanOrEqual(seconds + 1);
    await ow.feeds.delete({ name: '/whisk.system/alarms/alarm', trigger: 'tick' } as never);
    const results = await given('tick-action');
    expect(results.filter((one) => !wasKilled(one)).every(({ x }) => x === 7)).toBe(true);
    // Those that had begun by then and had not ended, however many a busy machine was behind.
    expect(results.filter(wasKilled).length).toBeLessThanOrEqual(fired + uncertain - ended);
  });

  it('cannot be made with a wrong expression, nor for a trigger of somebody else', async () => {
    await ow.triggers.create({ name: 'lonely' });
    const create = (params: object): Promise<unknown> =>
      ow.feeds.create({ name: '/whisk.system/alarms/alarm', trigger: 'lonely', ...params } as never);
    await expect(create({ params: { cron: '61 * * * *' } })).rejects.toThrow(
      "field 1 (minute) is '61': Invalid value for minute: 61.",
    );
    const foreign = { cron: '* * * * *', triggerName: '/whisk.system/lonely' };
    const invocation = ow.actions.invoke({
      name: '/whisk.system/alarms/alarm',
      blocking: true,
      params: { ...foreign, lifecycleEvent: 'CREATE', authKey: platform.key },
    });
    await expect(invocation).rejects.toThrow('Trigger authentication request failed.');
  });
});

it('an alarm of one date with its rules leaves nothing behind', async () => {
  await connect('single', '/whisk.system/alarms/once', () => ({
    // The future still when the platform reads it, also on a busy machine.
    date: new Date(Date.now() + 4000).toISOString(),
    deleteAfterFire: 'rules',
  }));
  await eventually(async () => (await given('single-action')).length === 1);
  await eventually(async () => (await ow.triggers.list()).every(({ name }) => name !== 'single'));
  expect((await ow.rules.list()).map(({ name }) => name)).not.toContain('single-rule');
});

it('a webhook gets an address, takes what is signed, and survives kill -9', async () => {
  const secret = 'a well-kept secret';
  const made = (await connect('hook', '/whisk.system/webhooks/webhook', () => ({ secret }))) as {
    response: { result: { url: string } };
  };
  const { pathname } = new URL(made.response.result.url);
  const send = (body: string, key: string): Promise<Response> => {
    const signature = createHmac('sha256', key).update(body).digest('hex');
    return fetch(`http://127.0.0.1:${platform.port}${pathname}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
    });
  };
  expect((await send('{"x":1}', secret)).status).toBe(202);
  expect((await send('{"x":2}', 'a wrong secret')).status).toBe(401);
  await platform.kill();
  await start();
  expect((await send('{"x":3}', secret)).status).toBe(202);
  await eventually(async () => (await given('hook-action')).length === 2);
  const results = await given('hook-action');
  expect(results.filter(({ x }) => x === 3)).toHaveLength(1);
  expect(results.filter((one) => one.x === 1 || wasKilled(one))).toHaveLength(1);
});

describe.each([utilsPackage, samplesPackage])('/whisk.system/$name', ({ name: packageName, actions }) => {
  const runnable = actions.filter(
    ({ name, sampleOutput }) => sampleOutput && !['curl', 'hosturl'].includes(name),
  );
  it.each(runnable)('$name runs for a user', async ({ name, sampleInput, sampleOutput }) => {
    const params = { ...sampleInput };
    const result = await ow.actions.invoke({
      name: `/whisk.system/${packageName}/${name}`,
      blocking: true,
      result: true,
      params,
    });
    if (name === 'date') expect(Date.parse((result as { date: string }).date)).toBeGreaterThan(0);
    else expect(result).toEqual(sampleOutput);
  });
});

it('the catalogue is readable by everybody, writable by nobody, and documented', async () => {
  const alarms = (await ow.packages.get('/whisk.system/alarms')) as unknown as {
    publish: boolean;
    feeds: { name: string }[];
  };
  expect(alarms.publish).toBe(true);
  expect(alarms.feeds.map(({ name }) => name).toSorted()).toEqual(['alarm', 'interval', 'once']);
  await expect(
    ow.actions.create({ name: '/whisk.system/utils/mine', action: code } as never),
  ).rejects.toThrow('403');
});
