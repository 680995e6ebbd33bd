import type { JsonObject } from '@vibrissa/protocol';
import { showStatus } from '../status.ts';
import { settleUncertain, type Alarm } from './alarm.ts';
import type { AlarmSchedule } from './schedule.ts';

function showSchedule(schedule: AlarmSchedule): JsonObject {
  switch (schedule.sort) {
    case 'cron': {
      const { delaySeconds: _ours, sort: _sort, ...shown } = schedule;
      return shown;
    }
    case 'interval': {
      const { sort: _sort, ...shown } = schedule;
      return shown;
    }
    case 'once': {
      const { sort: _sort, ...shown } = schedule;
      return shown;
    }
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** What READ answers: `config` and `status` as OpenWhisk's alarms have them, and what has become of the ticks. */
export function showAlarm(stored: Alarm): JsonObject {
  const alarm = settleUncertain(stored);
  const { counts, lastFired, lastMissed, namespace, next, payload, schedule, status, trigger } = alarm;
  return {
    config: { name: trigger, namespace, payload, ...showSchedule(schedule) },
    status: showStatus(status),
    fires: {
      fired: counts.fired,
      missed: counts.missed,
      ...(counts.isMissedAtLeast && { missedIsAtLeast: true }),
      uncertain: counts.uncertain,
      next: next === null ? null : iso(next),
      ...(lastFired !== undefined && { last: iso(lastFired) }),
      ...(lastMissed && { lastMissed: { tick: iso(lastMissed.tick), why: lastMissed.why } }),
    },
  };
}
