import { defaultSystemLimits, type JsonObject } from '@vibrissa/protocol';
import { anIdentity, ManualClock, SeededIds } from '@vibrissa/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { noMetrics } from '../../base/metrics.ts';
import { MemoryArtifactStore } from '../../store/memory/memory-artifact-store.ts';
import { MemoryAuthStore } from '../../store/memory/memory-auth-store.ts';
import { alarmFeeds } from './alarm-feeds.ts';
import { Alarms } from './alarms.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const guest = { name: 'guest', uuid: '23bc46b1-71f6-4ed5-8c54-816aa4f8c502', key: 'g'.repeat(64) };
const stranger = { name: 'stranger', uuid: '789c46b1-71f6-4ed5-8c54-816aa4f8c502', key: 's'.repeat(64) };
const partner = { name: 'guest', uuid: '11111111-71f6-4ed5-8c54-816aa4f8c502', key: 'p'.repeat(64) };
const authKey = `${guest.uuid}:${guest.key}`;

let run: (feed: string, params: JsonObject) => Promise<JsonObject>;

beforeEach(async () => {
  const artifacts = new MemoryArtifactStore();
  const auth = new MemoryAuthStore();
  const clock = new ManualClock(START);
  for (const namespace of [guest, stranger]) {
    await auth.putSubject({ subject: namespace.name, blocked: false, namespaces: [namespace] });
    const common = {
      version: '0.0.1',
      publish: false,
      updated: 0,
      parameters: [],
      annotations: [],
      rules: {},
    };
    await artifacts.put(
      { entityType: 'trigger', namespace: namespace.name, name: 'tick', ...common },
      undefined,
    );
  }
  await auth.putSubject({ subject: 'partner', blocked: false, namespaces: [partner] });
  const writes = { delete: () => Promise.reject(new Error('Nothing is to be deleted.')) };
  const alarms = Alarms.open({
    artifacts,
    auth,
    clock,
    fires: { fire: () => Promise.reject(new Error('Nothing is to fire.')) },
    triggers: writes,
    rules: writes,
    ids: new SeededIds(),
    logger: silentLogger,
    metrics: noMetrics,
  });
  const feeds = alarmFeeds({ artifacts, auth, alarms, clock, limits: defaultSystemLimits });
  run = (feed, params) => {
    const action = feeds.find(({ name }) => name === `whisk.system/alarms/${feed}`);
    if (!action) throw new Error(`There is no feed ${feed}.`);
    return action.run({
      identity: anIdentity(),
      params: { triggerName: '/_/tick', authKey, lifecycleEvent: 'CREATE', ...params },
    });
  };
});

const success = { status: 'success' };

describe('who may', () => {
  const failed = 'Trigger authentication request failed.';
  it.each<[string, JsonObject, string]>([
    ['no key', { authKey: '' }, 'no authKey parameter was provided'],
    ['a wrong key', { authKey: `${guest.uuid}:${stranger.key}` }, `${failed} The authKey is not valid.`],
    ['a key that is no text', { authKey: { a: 1 } }, `${failed} The authKey is not valid.`],
    ['no trigger', { triggerName: '' }, 'no trigger name parameter was provided'],
    ['a trigger that is missing', { triggerName: '/_/nope' }, `${failed} There is no trigger /guest/nope.`],
    [
      "somebody else's trigger",
      { triggerName: '/stranger/tick' },
      `${failed} The authKey is of namespace guest, and the trigger is not.`,
    ],
    [
      'a name that is none',
      { triggerName: '/_/\u0000' },
      'triggerName is not the name of a trigger: The name of the entity contains illegal characters.',
    ],
    [
      'a name in a package',
      { triggerName: '/_/box/tick' },
      'triggerName is not the name of a trigger: triggers are in no package.',
    ],
    [
      'an unknown event',
      { lifecycleEvent: 'EXPLODE' },
      'unsupported lifecycleEvent: it must be one of CREATE, READ, UPDATE, DELETE, PAUSE, UNPAUSE.',
    ],
  ])('%s is refused', async (_case, params, error) => {
    expect(await run('alarm', { cron: '* * * * *', ...params })).toEqual({ error });
  });
});

it('who shares a namespace with others shares its alarms', async () => {
  await run('alarm', { cron: '0 * * * *' });
  const shown = await run('alarm', { lifecycleEvent: 'READ', authKey: `${partner.uuid}:${partner.key}` });
  expect(shown).toMatchObject({ config: { name: 'tick' } });
});

describe('an alarm through its life', () => {
  it('is created, read, updated, paused, resumed and deleted', async () => {
    expect(await run('alarm', { cron: '0 * * * *', trigger_payload: 'hello' })).toEqual(success);
    expect(await run('alarm', { lifecycleEvent: 'READ' })).toEqual({
      config: { name: 'tick', namespace: 'guest', payload: { payload: 'hello' }, cron: '0 * * * *' },
      status: { active: true, dateChanged: START, dateChangedISO: '2026-01-01T00:00:00.000Z' },
      fires: { fired: 0, missed: 0, uncertain: 0, next: '2026-01-01T01:00:00.000Z' },
    });
    expect(await run('alarm', { lifecycleEvent: 'UPDATE', cron: '0 12 * * *' })).toEqual(success);
    expect(await run('alarm', { lifecycleEvent: 'PAUSE' })).toEqual(success);
    expect(await run('alarm', { lifecycleEvent: 'READ' })).toMatchObject({
      config: { payload: { payload: 'hello' }, cron: '0 12 * * *' },
      status: { active: false, reason: { kind: 'USER', message: 'Paused by its owner' } },
      fires: { next: null },
    });
    expect(await run('alarm', { lifecycleEvent: 'UNPAUSE' })).toEqual(success);
    expect(await run('alarm', { lifecycleEvent: 'READ' })).toMatchObject({
      status: { active: true },
      fires: { next: '2026-01-01T12:00:00.000Z' },
    });
    expect(await run('alarm', { lifecycleEvent: 'DELETE' })).toEqual(success);
    const error = 'could not find trigger /guest/tick in the database';
    expect(await run('alarm', { lifecycleEvent: 'READ' })).toEqual({ error });
  });

  it('is not there for another feed, nor for who has nothing to update', async () => {
    await run('interval', { minutes: 5 });
    const error = 'could not find trigger /guest/tick in the database';
    expect(await run('once', { lifecycleEvent: 'READ' })).toEqual({ error });
    expect(await run('interval', { lifecycleEvent: 'UPDATE' })).toEqual({
      error: 'no updatable parameters were specified',
    });
  });

  it('made again for the same trigger replaces the former one', async () => {
    await run('alarm', { cron: '0 * * * *' });
    expect(await run('interval', { minutes: '7' })).toEqual(success);
    expect(await run('interval', { lifecycleEvent: 'READ' })).toMatchObject({
      config: { minutes: 7 },
      fires: { next: '2026-01-01T00:00:30.000Z' },
    });
  });
});

it.each<[string, JsonObject, string]>([
  ['alarm', {}, 'alarms trigger feed is missing the cron parameter'],
  ['alarm', { cron: 5 }, "cron pattern '5' is not valid: it must be a text."],
  ['alarm', { cron: '0 0 30 2 *' }, "cron pattern '0 0 30 2 *' is not valid: there is no such date."],
  [
    'alarm',
    { cron: '0 0 1 1 *', stopDate: '2026-06-01' },
    'the first scheduled trigger fire is not until after the stop date',
  ],
  [
    'alarm',
    { cron: '* * * * *', stopDate: '2026-06-01', maxTriggers: 5 },
    'maxTriggers is not allowed when the stopDate parameter is specified',
  ],
  [
    'alarm',
    { cron: '* * * * *', maxTriggers: 'many' },
    'the maxTriggers parameter must be an integer greater than zero',
  ],
  ['alarm', { cron: '* * * * *', strict: 'maybe' }, 'the strict parameter must be true or false'],
  [
    'alarm',
    { cron: '* * * * *', startDate: '2026-06-02', stopDate: '2026-06-01' },
    "stopDate parameter '2026-06-01' must be greater than the startDate parameter '2026-06-02'",
  ],
  ['interval', {}, 'interval trigger feed is missing the minutes parameter'],
  ['interval', { minutes: 1.5 }, 'the minutes parameter must be an integer'],
  ['interval', { minutes: -1 }, 'the minutes parameter must be an integer greater than zero'],
  ['interval', { minutes: 1e12 }, 'the minutes parameter must be an integer up to 5270400'],
  ['interval', { minutes: 1, maxTriggers: 2 }, 'maxTriggers is not supported for the interval trigger feed'],
  ['once', {}, 'alarms once trigger feed is missing the date parameter'],
  ['once', { date: '2020-01-01' }, "date parameter '2020-01-01' must be in the future"],
  [
    'once',
    { date: 'soon' },
    "date parameter 'soon' is not a valid Date: give milliseconds or a text such as 2030-01-31T23:59:00.000Z",
  ],
  [
    'once',
    { date: '2030-01-01', deleteAfterFire: 'maybe' },
    'deleteAfterFire parameter must be one of [false, true, rules].',
  ],
])('%s %j is refused and says why', async (feed, params, error) => {
  expect(await run(feed, params)).toEqual({ error });
});
