import type { JsonObject } from '@vibrissa/protocol';
import { activeSince, disabledSince, type DisabledReason, type FeedStatus } from '../status.ts';
import { decideDue, ticksOf } from './next-tick.ts';
import type { AlarmSchedule } from './schedule.ts';

/** An alarm as it is stored. Times are epoch milliseconds. */
export interface Alarm {
  readonly namespace: string;
  readonly trigger: string;
  /** Of the namespace that made it: another one of that name is somebody else. */
  readonly namespaceUuid: string;
  readonly payload: JsonObject;
  readonly schedule: AlarmSchedule;
  readonly status: FeedStatus;
  /** The next tick; null when there is none. */
  readonly next: number | null;
  /** A tick that was begun, and of which it is not written yet what became of it. */
  readonly begun: number | null;
  readonly counts: AlarmCounts;
  readonly lastFired?: number;
  readonly lastMissed?: { readonly tick: number; readonly why: string };
}

export interface AlarmCounts {
  readonly fired: number;
  readonly missed: number;
  /** There were more misses than were counted. */
  readonly isMissedAtLeast?: boolean;
  /** The platform died while they fired: their rules may have run or not. They are never fired again. */
  readonly uncertain: number;
}

/** What became of a tick that was fired. */
export type TickEnd =
  | { readonly end: 'fired' }
  /** It cannot fire now, which may pass; `isLimited`: because the namespace has fired too often in this minute. */
  | { readonly end: 'refused'; readonly why: string; readonly isLimited?: boolean }
  /** It cannot fire, and never will. */
  | { readonly end: 'dead'; readonly statusCode: number; readonly why: string };

const MISSED = 'The platform was down, its clock jumped, or the namespace had fired as often as it may.';

/** An alarm of one date that was refused tries again after this. */
const RETRY_MS = 60_000;

/** The clock was wrong, not changed, when it goes back by more than that: ticks are planned anew. */
const CORRECTION_MS = 3 * 3_600_000;

/** An alarm that begins now. */
export function plan(alarm: Omit<Alarm, 'next' | 'begun' | 'status'>, nowMs: number): Alarm {
  const next = ticksOf(alarm.schedule)(nowMs) ?? null;
  return { ...alarm, next, begun: null, status: activeSince(nowMs) };
}

export function disable(alarm: Alarm, nowMs: number, reason: DisabledReason): Alarm {
  return { ...alarm, next: null, status: disabledSince(nowMs, reason) };
}

function exhausted({ counts, schedule }: Alarm): string {
  if (schedule.sort === 'once') return 'Automatically disabled after firing once';
  if (schedule.sort === 'interval') {
    return 'Automatically disabled after firing last scheduled interval trigger';
  }
  return schedule.maxTriggers !== undefined && counts.fired >= schedule.maxTriggers
    ? 'Automatically disabled after reaching max triggers'
    : 'Automatically disabled after firing last scheduled cron trigger';
}

function isSpent({ counts, next, schedule }: Alarm): boolean {
  if (next === null) return true;
  const max = schedule.sort === 'cron' ? schedule.maxTriggers : undefined;
  return max !== undefined && counts.fired >= max;
}

/** Without a next tick there is nothing left to wait for. */
export function retire(alarm: Alarm, nowMs: number): Alarm {
  if (!alarm.status.active || !isSpent(alarm)) return alarm;
  return disable(alarm, nowMs, { kind: 'AUTO', message: exhausted(alarm) });
}

/** A tick of which nobody knows whether it fired, because the platform died meanwhile. */
export function settleUncertain(alarm: Alarm): Alarm {
  if (alarm.begun === null) return alarm;
  const { counts } = alarm;
  return { ...alarm, begun: null, counts: { ...counts, uncertain: counts.uncertain + 1 } };
}

/**
 * The alarm at this moment: with the tick that is to fire as `begun`, if any, and the missed ones counted. It is to be
 * written before the tick fires, so that no tick fires twice.
 */
export function beginTick(before: Alarm, nowMs: number): { readonly alarm: Alarm; readonly missed: number } {
  const alarm = settleUncertain(before);
  if (!alarm.status.active || alarm.next === null) return { alarm, missed: 0 };
  const plannedAt = Math.max(alarm.lastFired ?? 0, alarm.status.dateChanged);
  if (Math.min(alarm.next, plannedAt) > nowMs + CORRECTION_MS) {
    return { alarm: { ...alarm, next: ticksOf(alarm.schedule)(nowMs) ?? null }, missed: 0 };
  }
  const { fire, isMissedAtLeast, missed, next } = decideDue(alarm.schedule, alarm.next, nowMs);
  const counts = { ...alarm.counts, missed: alarm.counts.missed + missed };
  return {
    missed,
    alarm: {
      ...alarm,
      next: next ?? null,
      begun: fire ?? null,
      counts: isMissedAtLeast ? { ...counts, isMissedAtLeast } : counts,
      ...(missed > 0 && {
        lastMissed: { tick: alarm.next, why: MISSED },
      }),
    },
  };
}

/** The alarm when its tick has ended. */
export function endTick(alarm: Alarm, end: TickEnd, nowMs: number): Alarm {
  const { begun, counts, schedule } = alarm;
  const after = { ...alarm, begun: null };
  if (begun === null) return alarm;
  switch (end.end) {
    case 'fired':
      return { ...after, counts: { ...counts, fired: counts.fired + 1 }, lastFired: begun };
    case 'refused': {
      const lastMissed = { tick: begun, why: end.why };
      if (schedule.sort === 'once') return { ...after, next: nowMs + RETRY_MS, lastMissed };
      return { ...after, lastMissed, counts: { ...counts, missed: counts.missed + 1 } };
    }
    case 'dead': {
      const message = `Automatically disabled after receiving a ${end.statusCode} status code when firing the trigger: ${end.why}`;
      const missed = { ...counts, missed: counts.missed + 1 };
      return disable({ ...after, counts: missed, lastMissed: { tick: begun, why: end.why } }, nowMs, {
        kind: 'AUTO',
        statusCode: end.statusCode,
        message,
      });
    }
  }
}
