import type { Identity, TriggerEntity } from '@vibrissa/protocol';
import { anIdentity, ManualClock, seededRandom, SeededIds } from '@vibrissa/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { noMetrics } from '../../base/metrics.ts';
import type { FireOutcome, FireRequest } from '../../controller/invocation/firing.ts';
import { RuleWrites } from '../../controller/rules/rule-writes.ts';
import { TriggerWrites } from '../../controller/triggers/trigger-writes.ts';
import { MemoryArtifactStore } from '../../store/memory/memory-artifact-store.ts';
import { plan, type Alarm } from './alarm.ts';
import { Alarms } from './alarms.ts';
import type { AlarmSchedule } from './schedule.ts';

const START = Date.parse('2026-01-01T00:00:00.500Z');
const everySecond: AlarmSchedule = { sort: 'cron', cron: '* * * * * *', delaySeconds: 0 };
const hourly: AlarmSchedule = { sort: 'cron', cron: '0 * * * *', delaySeconds: 0 };
const fired: FireOutcome = { outcome: 'fired', activationId: 'a'.repeat(32) };

let artifacts: MemoryArtifactStore;
let clock: ManualClock;
let owner: Identity | undefined;
let fires: { readonly at: number; readonly request: FireRequest }[];
let answer: () => FireOutcome | Promise<FireOutcome>;
let alarms: Alarms;

/** A platform that starts with what the store holds. */
async function restart(): Promise<void> {
  const triggers = TriggerWrites.open({ artifacts, clock });
  const actions = { get: async () => undefined } as never;
  alarms = Alarms.open({
    artifacts,
    clock,
    triggers,
    rules: RuleWrites.open({ artifacts, triggers, clock, actions }),
    auth: { identityOf: async () => owner, subjectsOf: async () => [], findIdentity: async () => undefined },
    fires: {
      fire: async (_ctx, request) => {
        fires.push({ at: clock.now(), request });
        return answer();
      },
    },
    ids: new SeededIds(),
    logger: silentLogger,
    metrics: noMetrics,
  });
  await alarms.start();
}

function aTrigger(over: Partial<TriggerEntity> = {}): TriggerEntity {
  return {
    entityType: 'trigger',
    namespace: 'guest',
    name: 'tick',
    version: '0.0.1',
    publish: false,
    updated: START,
    parameters: [],
    annotations: [],
    rules: {},
    ...over,
  };
}

async function set(schedule: AlarmSchedule, trigger = 'tick'): Promise<void> {
  const counts = { fired: 0, missed: 0, uncertain: 0 };
  const namespaceUuid = anIdentity().namespace.uuid;
  const alarm = { namespace: 'guest', trigger, namespaceUuid, payload: { x: 1 }, schedule, counts };
  await alarms.change(`guest/${trigger}`, () => plan(alarm, clock.now()));
}

async function read(): Promise<Alarm> {
  const alarm = await alarms.read('guest/tick');
  if (!alarm) throw new Error('There is no alarm.');
  return alarm;
}

beforeEach(async () => {
  artifacts = new MemoryArtifactStore();
  clock = new ManualClock(START);
  owner = anIdentity();
  fires = [];
  answer = () => fired;
  await restart();
});

afterEach(() => alarms.close());

it('thousands of alarms of one namespace take no turns from another’s, and each has its own turn', async () => {
  const count = 60;
  const perMinute = 30;
  const mine = { namespace: 'other', trigger: 'mine', namespaceUuid: anIdentity().namespace.uuid };
  let minute = 0;
  let spent = 0;
  const won = new Set<string>();
  answer = () => {
    const last = fires.at(-1);
    if (last?.request.trigger.namespace === 'other') return fired;
    const now = Math.floor(clock.now() / 60_000);
    if (now !== minute) [minute, spent] = [now, 0];
    if (++spent > perMinute) return { outcome: 'refused', status: 429, message: 'Too many' };
    won.add(last?.request.trigger.name ?? '');
    return fired;
  };
  for (let at = 0; at < count; at++) await set(everySecond, `greedy${at}`);
  const counts = { fired: 0, missed: 0, uncertain: 0 };
  await alarms.change('other/mine', () =>
    plan({ ...mine, payload: {}, schedule: everySecond, counts }, clock.now()),
  );
  // What was under way when a limit was reached goes behind the others.
  const minutes = count / perMinute + 2;
  for (let second = 0; second < 60 * minutes; second++) await clock.advance(1000);
  expect((await alarms.read('other/mine'))?.counts).toEqual({ fired: 60 * minutes, missed: 0, uncertain: 0 });
  const asked = fires.filter(({ request }) => request.trigger.namespace === 'guest').length;
  // What was under way when the first was refused, and no more.
  expect(asked).toBeLessThanOrEqual((minutes + 1) * (perMinute + 32));
  expect(won.size).toBe(count);
});

describe('an alarm', () => {
  it('fires its trigger as its owner, with its payload, each time on time', async () => {
    await set(everySecond);
    await clock.advance(5000);
    expect(fires.map(({ at }) => at)).toEqual([1, 2, 3, 4, 5].map((second) => START - 500 + second * 1000));
    expect(fires[0]?.request).toMatchObject({
      identity: { subject: 'guest' },
      trigger: { namespace: 'guest', name: 'tick' },
      payload: { json: '{"x":1}' },
    });
    expect((await read()).counts).toEqual({ fired: 5, missed: 0, uncertain: 0 });
  });

  it('follows its new schedule as soon as it is changed, and stops when it is deleted', async () => {
    await set(everySecond);
    await clock.advance(2000);
    await set(hourly);
    await clock.advance(3_600_000);
    expect(fires.length).toBe(3);
    expect(await alarms.delete('guest/tick')).toBe(true);
    await clock.advance(7_200_000);
    expect(fires.length).toBe(3);
    expect(await alarms.delete('guest/tick')).toBe(false);
  });

  it('goes on after a restart, fires the latest tick once and counts the others as missed', async () => {
    await set(everySecond);
    await clock.advance(3000);
    await alarms.close();
    await clock.advance(20_000);
    expect(fires.length).toBe(3);
    await restart();
    await clock.advance(2000);
    const { counts, lastMissed } = await read();
    expect(counts).toEqual({ fired: 6, missed: 19, uncertain: 0 });
    expect(lastMissed?.why).toMatch(/^The platform was down/);
    expect(fires.length).toBe(6);
  });

  it('is not fired again after the platform died while it fired', async () => {
    await set(hourly);
    answer = () => new Promise(() => {});
    await clock.advance(3_600_000);
    expect(fires.length).toBe(1);
    // Nothing more is heard of that platform.
    answer = () => fired;
    const before = clock.now();
    await restart();
    await clock.advance(3_600_000);
    expect(fires.filter(({ at }) => at > before).length).toBe(1);
    expect((await read()).counts).toEqual({ fired: 1, missed: 0, uncertain: 1 });
    alarms = { close: async () => {} } as Alarms;
  });

  it('counts as missed what a throttle refused, and says why', async () => {
    await set(everySecond);
    answer = () => ({ outcome: 'refused', status: 429, message: 'Too many requests' }) as FireOutcome;
    await clock.advance(60_000);
    const { counts, lastMissed, status } = await read();
    expect(counts).toEqual({ fired: 0, missed: 60, uncertain: 0 });
    expect(lastMissed?.why).toBe('Too many requests');
    expect(status.active).toBe(true);
  });

  it('is disabled when its trigger is gone, and says so', async () => {
    await set(everySecond);
    answer = () => ({ outcome: 'missing' });
    await clock.advance(10_000);
    expect(fires.length).toBe(1);
    expect((await read()).status).toMatchObject({
      active: false,
      reason: {
        kind: 'AUTO',
        statusCode: 404,
        message:
          'Automatically disabled after receiving a 404 status code when firing the trigger: The trigger does not exist any more.',
      },
    });
  });

  it.each([
    ['the key of its owner is gone', () => undefined],
    [
      'somebody else has the namespace now',
      () => anIdentity({ namespace: { name: 'guest', uuid: 'other' } }),
    ],
  ])('is disabled when %s', async (_case, found) => {
    await set(everySecond);
    owner = found();
    await clock.advance(5000);
    expect(fires.length).toBe(0);
    expect((await read()).status.reason).toMatchObject({ statusCode: 401 });
  });

  it('ends after so many fires as it was made for', async () => {
    await set({ ...everySecond, maxTriggers: 3 } as AlarmSchedule);
    await clock.advance(10_000);
    expect(fires.length).toBe(3);
    expect((await read()).status.reason?.message).toBe('Automatically disabled after reaching max triggers');
  });

  it('ends with the last tick before its stop date', async () => {
    await set({ ...everySecond, stopDate: START + 3500 } as AlarmSchedule);
    await clock.advance(10_000);
    expect(fires.length).toBe(3);
    const message = 'Automatically disabled after firing last scheduled cron trigger';
    expect((await read()).status.reason?.message).toBe(message);
  });

  it('is forgotten a month after its trigger was, and not before', async () => {
    await set(everySecond);
    answer = () => ({ outcome: 'missing' });
    await clock.advance(2000);
    await alarms.close();
    await clock.advance(29 * 86_400_000);
    await restart();
    expect(await alarms.read('guest/tick')).toBeDefined();
    await alarms.close();
    await clock.advance(2 * 86_400_000);
    await restart();
    expect(await alarms.read('guest/tick')).toBeUndefined();
  });
});

describe('an alarm of one date', () => {
  const once = (deleteAfterFire: 'false' | 'true' | 'rules'): AlarmSchedule => ({
    sort: 'once',
    date: START + 60_000,
    deleteAfterFire,
  });

  it('fires once and is done', async () => {
    await set(once('false'));
    await clock.advance(600_000);
    expect(fires.length).toBe(1);
    expect((await read()).status.reason?.message).toBe('Automatically disabled after firing once');
  });

  it('fires late when the platform was down at its time', async () => {
    await set(once('false'));
    await alarms.close();
    await clock.advance(600_000);
    await restart();
    await clock.advance(1);
    expect(fires.length).toBe(1);
  });

  it('tries again a minute later when a throttle refuses it', async () => {
    await set(once('false'));
    answer = () => ({ outcome: 'refused', status: 429, message: 'Too many requests' }) as FireOutcome;
    await clock.advance(60_000);
    answer = () => fired;
    await clock.advance(61_000);
    expect(fires.length).toBe(2);
    expect((await read()).counts).toEqual({ fired: 1, missed: 0, uncertain: 0 });
  });

  it.each(['true', 'rules'] as const)('deletes afterwards what it was told to: %s', async (what) => {
    const action = { namespace: 'guest', name: 'hello' };
    const link = { action, status: 'active' } as const;
    await artifacts.put(aTrigger({ rules: { 'guest/r': link } }), undefined);
    const rule = { namespace: 'guest', version: '0.0.1', publish: false, updated: START, annotations: [] };
    const trigger = { namespace: 'guest', name: 'tick' };
    await artifacts.put({ entityType: 'rule', ...rule, name: 'r', trigger, action }, undefined);
    await set(once(what));
    await clock.advance(60_000);
    expect(await artifacts.get('trigger', 'guest', 'tick')).toBeUndefined();
    expect((await artifacts.get('rule', 'guest', 'r')) === undefined).toBe(what === 'rules');
    expect(await alarms.read('guest/tick')).toBeUndefined();
  });
});

describe('when the clock of the machine is set', () => {
  it('forward, the ticks in between are missed and not fired in a burst', async () => {
    await set(hourly);
    clock.jumpTo(START + 10 * 3_600_000 + 1_000_000);
    await clock.advance(20_000);
    expect(fires.length).toBe(0);
    expect((await read()).counts.missed).toBe(10);
  });

  it('back by an hour, ticks that fired are not fired again', async () => {
    await set(everySecond);
    await clock.advance(10_000);
    clock.jumpTo(clock.now() - 3_600_000);
    await clock.advance(3_600_000 - 1000);
    expect(fires.length).toBe(10);
    await clock.advance(12_000);
    expect(fires.length).toBeGreaterThan(15);
    expect((await read()).counts.missed).toBe(0);
  });

  it('back by years, because it was wrong, alarms go on in the new time', async () => {
    await set(everySecond);
    await clock.advance(10_000);
    clock.jumpTo(clock.now() - 5 * 366 * 86_400_000);
    await clock.advance(15_000);
    expect(fires.length).toBeGreaterThan(12);
  });
});

it('two thousand alarms of one minute all fire once', async () => {
  const minutely: AlarmSchedule = { sort: 'cron', cron: '* * * * *', delaySeconds: 0 };
  for (let at = 0; at < 2000; at++) await set(minutely, `t${at}`);
  await clock.advance(60_000);
  for (let wait = 0; wait < 1000 && fires.length < 2000; wait++) await clock.advance(1);
  expect(new Set(fires.map(({ request }) => request.trigger.name)).size).toBe(2000);
  expect(fires.length).toBe(2000);
});

it('no tick fires twice, and none is lost, however often the platform stops and dies', async () => {
  const seed = 4711;
  const random = seededRandom(seed);
  await set({ sort: 'cron', cron: '*/5 * * * * *', delaySeconds: 0 });
  let deaths = 0;
  for (let round = 0; round < 40; round++) {
    if (random() < 0.3) {
      // It dies in the middle of its next tick.
      answer = () => new Promise(() => {});
      await clock.advance(5000);
      answer = () => fired;
      deaths += 1;
    } else {
      await clock.advance(Math.floor(random() * 20_000));
      await alarms.close();
    }
    await clock.advance(Math.floor(random() * 30_000));
    await restart();
    await clock.advance(1);
  }
  const { counts, next } = await read();
  const all = ((next ?? 0) - (START - 500)) / 5000 - 1;
  expect(counts.fired + counts.missed + counts.uncertain, `seed ${seed}`).toBe(all);
  expect(counts.uncertain).toBe(deaths);
  expect(fires.length, `seed ${seed}`).toBe(counts.fired + deaths);
});
