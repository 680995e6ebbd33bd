import { effectiveLimits, type JsonObject, type SystemLimits } from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import type { BuiltInAction } from '../../controller/invocation/built-in-action.ts';
import { feedAction, type FeedHandlers } from '../feed-action.ts';
import type { FeedCall, FeedCallDeps } from '../feed-call.ts';
import { FeedError } from '../feed-error.ts';
import { triggerKey } from '../trigger-key.ts';
import { disable, plan, settleUncertain, type Alarm } from './alarm.ts';
import type { Alarms } from './alarms.ts';
import { readCronSchedule, readIntervalSchedule, readOnceSchedule, readPayload } from './read-alarm.ts';
import type { AlarmSchedule } from './schedule.ts';
import { showAlarm } from './show-alarm.ts';

export interface AlarmFeedDeps extends FeedCallDeps {
  readonly alarms: Pick<Alarms, 'read' | 'create' | 'change' | 'delete'>;
  readonly clock: Clock;
  readonly limits: SystemLimits;
}

type Sort = AlarmSchedule['sort'];

const success: JsonObject = { status: 'success' };

/** What each feed lets its owner change. */
const updatable: { readonly [S in Sort]: readonly string[] } = {
  cron: ['trigger_payload', 'cron', 'timezone', 'startDate', 'stopDate', 'maxTriggers', 'strict'],
  interval: ['trigger_payload', 'minutes', 'startDate', 'stopDate'],
  once: ['trigger_payload', 'date', 'deleteAfterFire'],
};

function readSchedule(
  sort: Sort,
  call: FeedCall,
  given: { nowMs: number; base?: AlarmSchedule },
): AlarmSchedule {
  const reading = { params: call.params, trigger: call.trigger.name, nowMs: given.nowMs };
  const { base } = given;
  switch (sort) {
    case 'cron':
      return readCronSchedule(reading, base?.sort === sort ? base : undefined);
    case 'interval':
      return readIntervalSchedule(reading, base?.sort === sort ? base : undefined);
    case 'once':
      return readOnceSchedule(reading, base?.sort === sort ? base : undefined);
  }
}

function notFound({ trigger }: FeedCall): FeedError {
  return new FeedError(`could not find trigger /${trigger.namespace}/${trigger.name} in the database`);
}

/** One that this feed keeps for this owner; a namespace of the same name may have been somebody else's. */
function owned(call: FeedCall, sort: Sort, alarm: Alarm | undefined): Alarm {
  const isOurs = alarm !== undefined && call.ownerUuids.includes(alarm.namespaceUuid);
  if (isOurs && alarm.schedule.sort === sort) return alarm;
  throw notFound(call);
}

function create(sort: Sort, call: FeedCall, nowMs: number): Alarm {
  const { owner, params, trigger } = call;
  const alarm = {
    namespace: trigger.namespace,
    trigger: trigger.name,
    namespaceUuid: owner.namespace.uuid,
    payload: readPayload(params) ?? {},
    schedule: readSchedule(sort, call, { nowMs }),
    counts: { fired: 0, missed: 0, uncertain: 0 },
  };
  return plan(alarm, nowMs);
}

function update(sort: Sort, call: FeedCall, { alarm, nowMs }: { alarm: Alarm; nowMs: number }): Alarm {
  const { params } = call;
  if (!updatable[sort].some((name) => Object.hasOwn(params, name))) {
    throw new FeedError('no updatable parameters were specified');
  }
  const schedule = readSchedule(sort, call, { nowMs, base: alarm.schedule });
  const payload = readPayload(params) ?? alarm.payload;
  return plan({ ...settleUncertain(alarm), schedule, payload }, nowMs);
}

function handlersOf(sort: Sort, { alarms, clock, limits }: AlarmFeedDeps): FeedHandlers {
  const change = async (call: FeedCall, change: (alarm: Alarm, nowMs: number) => Alarm) => {
    await alarms.change(triggerKey(call.trigger), (old) => change(owned(call, sort, old), clock.now()));
    return success;
  };
  return {
    CREATE: async (call) => {
      const { maxAlarms: max } = effectiveLimits(limits, call.owner.limits);
      const room = { max, noun: 'alarms', flag: '--maxAlarms' } as const;
      await alarms.create(triggerKey(call.trigger), room, () => create(sort, call, clock.now()));
      return success;
    },
    READ: async (call) => showAlarm(owned(call, sort, await alarms.read(triggerKey(call.trigger)))),
    UPDATE: (call) => change(call, (alarm, nowMs) => update(sort, call, { alarm, nowMs })),
    DELETE: async (call) => {
      owned(call, sort, await alarms.read(triggerKey(call.trigger)));
      await alarms.delete(triggerKey(call.trigger));
      return success;
    },
    PAUSE: (call) =>
      change(call, (alarm, nowMs) =>
        disable(settleUncertain(alarm), nowMs, { kind: 'USER', message: 'Paused by its owner' }),
      ),
    UNPAUSE: (call) => change(call, (alarm, nowMs) => plan(settleUncertain(alarm), nowMs)),
  };
}

/** The feeds of `/whisk.system/alarms`. */
export function alarmFeeds(deps: AlarmFeedDeps): readonly BuiltInAction[] {
  const names = { alarm: 'cron', interval: 'interval', once: 'once' } as const;
  return Object.entries(names).map(([name, sort]) =>
    feedAction(`whisk.system/alarms/${name}`, deps, handlersOf(sort, deps)),
  );
}
