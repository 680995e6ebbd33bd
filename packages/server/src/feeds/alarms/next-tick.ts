import { readCron, type Cron } from './cron.ts';
import { toMs, type AlarmSchedule } from './schedule.ts';

const MINUTE_MS = 60_000;

/** A tick that comes later than this is missed: an event of long ago is no event. */
const LATEST_MS = MINUTE_MS;

/** Missed ticks are counted up to here; a tick of a cron expression takes 50 µs to find. */
const MAX_COUNTED = 1000;

/** The first tick after `afterMs`, both epoch milliseconds; undefined when there is none any more. */
type Ticks = (afterMs: number) => number | undefined;

function cronTicks(cron: Cron, delayMs: number, startMs: number): Ticks {
  return (afterMs) => {
    const from = Math.max(afterMs, startMs - 1) - delayMs;
    // Ticks lie on whole seconds.
    const next = cron.nextRun(new Date(Math.floor(from / 1000) * 1000));
    return next === null ? undefined : next.getTime() + delayMs;
  };
}

function intervalTicks(startMs: number, periodMs: number): Ticks {
  return (afterMs) =>
    afterMs < startMs ? startMs : startMs + (Math.floor((afterMs - startMs) / periodMs) + 1) * periodMs;
}

function unboundedTicks(schedule: AlarmSchedule): Ticks {
  switch (schedule.sort) {
    case 'cron': {
      const reading = readCron(schedule.cron, schedule.timezone);
      const { delaySeconds, startDate } = schedule;
      if (!reading.ok) return () => undefined;
      return cronTicks(reading.cron, delaySeconds * 1000, startDate === undefined ? 0 : toMs(startDate));
    }
    case 'interval':
      return intervalTicks(toMs(schedule.startDate), schedule.minutes * MINUTE_MS);
    case 'once':
      return (afterMs) => (toMs(schedule.date) > afterMs ? toMs(schedule.date) : undefined);
  }
}

/** When a schedule ticks; never at or after its stop date. */
export function ticksOf(schedule: AlarmSchedule): Ticks {
  const ticks = unboundedTicks(schedule);
  if (schedule.sort === 'once' || schedule.stopDate === undefined) return ticks;
  const stopMs = toMs(schedule.stopDate);
  return (afterMs) => {
    const next = ticks(afterMs);
    return next === undefined || next >= stopMs ? undefined : next;
  };
}

/** What is to be done at a moment with an alarm whose next tick was `nextMs`. */
export interface Due {
  /** The tick to fire now: the latest, if it is not too old. Never more than one. */
  readonly fire: number | undefined;
  /** Ticks that were due and will not fire. */
  readonly missed: number;
  /** There were more than are counted. */
  readonly isMissedAtLeast: boolean;
  /** The next one, after now. */
  readonly next: number | undefined;
}

/** The ticks from `nextMs` to `nowMs`, the latest of which may fire. */
export function decideDue(schedule: AlarmSchedule, nextMs: number, nowMs: number): Due {
  if (nextMs > nowMs) return { fire: undefined, missed: 0, isMissedAtLeast: false, next: nextMs };
  const ticks = ticksOf(schedule);
  // There is one only: better late than never.
  if (schedule.sort === 'once') {
    return { fire: nextMs, missed: 0, isMissedAtLeast: false, next: undefined };
  }
  const next = ticks(nowMs);
  const fire = latestTick(ticks, Math.max(nextMs, nowMs - LATEST_MS), nowMs);
  const { count, isAll } = countTicks(ticks, nextMs, nowMs);
  return { fire, missed: count - (fire === undefined ? 0 : 1), isMissedAtLeast: !isAll, next };
}

function latestTick(ticks: Ticks, fromMs: number, untilMs: number): number | undefined {
  let latest: number | undefined;
  for (let tick = ticks(fromMs - 1); tick !== undefined && tick <= untilMs; tick = ticks(tick)) latest = tick;
  return latest;
}

function countTicks(ticks: Ticks, fromMs: number, untilMs: number): { count: number; isAll: boolean } {
  let count = 0;
  for (let tick = ticks(fromMs - 1); tick !== undefined && tick <= untilMs; tick = ticks(tick)) {
    count += 1;
    if (count > MAX_COUNTED) return { count: MAX_COUNTED, isAll: false };
  }
  return { count, isAll: true };
}
