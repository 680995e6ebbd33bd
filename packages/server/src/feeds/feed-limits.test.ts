import { defaultSystemLimits, type JsonObject } from '@vibrissa/protocol';
import { anIdentity, ManualClock, SeededIds } from '@vibrissa/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { noMetrics } from '../base/metrics.ts';
import type { BuiltInAction } from '../controller/invocation/built-in-action.ts';
import type { FireOutcome } from '../controller/invocation/firing.ts';
import { MemoryArtifactStore } from '../store/memory/memory-artifact-store.ts';
import { MemoryAuthStore } from '../store/memory/memory-auth-store.ts';
import { alarmFeeds } from './alarms/alarm-feeds.ts';
import { Alarms } from './alarms/alarms.ts';
import { webhookFeed } from './webhooks/webhook-feed.ts';
import { Webhooks } from './webhooks/webhooks.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const guest = { name: 'guest', uuid: '23bc46b1-71f6-4ed5-8c54-816aa4f8c502', key: 'g'.repeat(64) };
const guests = { name: 'guests', uuid: '789c46b1-71f6-4ed5-8c54-816aa4f8c502', key: 's'.repeat(64) };
const limits = { ...defaultSystemLimits, maxAlarms: 2, maxWebhooks: 2 };

let auth: MemoryAuthStore;
let clock: ManualClock;
let alarms: Alarms;
let actions: Readonly<Record<'alarms' | 'webhooks', BuiltInAction>>;
let answer: FireOutcome;

async function someTriggers(artifacts: MemoryArtifactStore, namespace: string): Promise<void> {
  const common = { version: '0.0.1', publish: false, updated: 0, parameters: [], annotations: [], rules: {} };
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await artifacts.put({ entityType: 'trigger', namespace, name, ...common }, undefined);
  }
}

beforeEach(async () => {
  const artifacts = new MemoryArtifactStore();
  auth = new MemoryAuthStore();
  clock = new ManualClock(START);
  answer = { outcome: 'missing' };
  for (const namespace of [guest, guests]) {
    await auth.putSubject({ subject: namespace.name, blocked: false, namespaces: [namespace] });
    await someTriggers(artifacts, namespace.name);
  }
  const writes = { delete: () => Promise.reject(new Error('Nothing is to be deleted.')) };
  const common = { artifacts, auth, clock, ids: new SeededIds(), logger: silentLogger, metrics: noMetrics };
  alarms = Alarms.open({ ...common, fires: { fire: async () => answer }, triggers: writes, rules: writes });
  await alarms.start();
  const webhooks = Webhooks.open(common);
  const [alarm] = alarmFeeds({ ...common, alarms, limits });
  if (!alarm) throw new Error('There is no feed of alarms.');
  actions = { alarms: alarm, webhooks: webhookFeed({ ...common, webhooks, limits, apiUrl: 'http://here' }) };
});

afterEach(() => alarms.close());

type Sort = keyof typeof actions;

function run(sort: Sort, trigger: string, params: JsonObject = {}, owner = guest): Promise<JsonObject> {
  return actions[sort].run({
    identity: anIdentity(),
    params: {
      triggerName: `/_/${trigger}`,
      authKey: `${owner.uuid}:${owner.key}`,
      cron: '0 * * * *',
      lifecycleEvent: 'CREATE',
      ...params,
    },
  });
}

const made = expect.objectContaining({ status: 'success' }) as JsonObject;

describe.each<{ sort: Sort; flag: 'maxAlarms' | 'maxWebhooks' }>([
  { sort: 'alarms', flag: 'maxAlarms' },
  { sort: 'webhooks', flag: 'maxWebhooks' },
])('a namespace that has all the $sort it may have', ({ sort, flag }) => {
  beforeEach(async () => {
    for (const trigger of ['a', 'b']) await run(sort, trigger);
  });

  it('gets no more, and is told what to do', async () => {
    expect(await run(sort, 'c')).toEqual({
      error: `Namespace guest has no room for more ${sort}: it may have 2, and has 2. Delete a trigger that nobody needs, or have the limit raised: vibrissa admin limits set guest --${flag} 4`,
    });
    expect(await run(sort, 'c', { lifecycleEvent: 'READ' })).toHaveProperty('error');
  });

  it('may change and replace those that it has', async () => {
    expect(await run(sort, 'b')).toEqual(made);
    expect(await run(sort, 'b', { lifecycleEvent: 'PAUSE' })).toEqual(made);
    expect(await run(sort, 'b', { lifecycleEvent: 'UNPAUSE' })).toEqual(made);
  });

  it('may have another in the place of one that it deletes', async () => {
    await run(sort, 'a', { lifecycleEvent: 'DELETE' });
    expect(await run(sort, 'c')).toEqual(made);
    expect(await run(sort, 'd')).toHaveProperty('error');
  });

  it('takes nothing from a namespace whose name begins with its own', async () => {
    for (const trigger of ['a', 'b']) expect(await run(sort, trigger, {}, guests)).toEqual(made);
    expect(await run(sort, 'c', {}, guests)).toHaveProperty('error');
  });

  it('follows the limit that its administrator sets, and keeps what it has', async () => {
    await auth.putLimits('guest', { [flag]: 3 });
    expect(await run(sort, 'c')).toEqual(made);
    await auth.putLimits('guest', { [flag]: 0 });
    expect(await run(sort, 'd')).toEqual({
      error: expect.stringContaining(`no room for more ${sort}: it may have 0, and has 3.`) as string,
    });
    expect(await run(sort, 'c', { lifecycleEvent: 'READ' })).toHaveProperty('config');
  });
});

it.each<Sort>(['alarms', 'webhooks'])(
  'many that come at once find no more room than one: %s',
  async (sort) => {
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((trigger) => run(sort, trigger)));
    expect(answers.filter(({ error }) => error === undefined).length).toBe(2);
  },
);

it('alarms whose triggers are gone are no reason to refuse a new one', async () => {
  await run('alarms', 'a', { cron: '* * * * *' });
  await run('alarms', 'b', { cron: '0 0 1 1 *' });
  await clock.advance(60_000);
  expect((await alarms.read('guest/a'))?.status.reason?.statusCode).toBe(404);
  expect(await run('alarms', 'c')).toEqual(made);
  expect(await alarms.read('guest/a')).toBeUndefined();
  expect(await run('alarms', 'd')).toHaveProperty('error');
});
