import type { Json, JsonObject } from '@vibrissa/protocol';
import { argument } from '../feed-call.ts';
import { FeedError } from '../feed-error.ts';
import { readCron } from './cron.ts';
import { ticksOf } from './next-tick.ts';
import { toMs, type AlarmSchedule, type DeleteAfterFire, type GivenDate } from './schedule.ts';

/** An interval without a start begins after this: its rules want to be made first. */
const FIRST_INTERVAL_MS = 30_000;

const MAX_MINUTES = 60 * 24 * 366 * 10;

const deletions: readonly DeleteAfterFire[] = ['false', 'true', 'rules'];

/** What is written into an error of somebody else's text. */
function quoted(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `'${text.slice(0, 60)}'`;
}

/** `trigger_payload` as the trigger gets it: a text becomes the member `payload`. */
export function readPayload(params: JsonObject): JsonObject | undefined {
  const given = argument(params, 'trigger_payload');
  if (given === undefined) return undefined;
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given;
  return { payload: given };
}

function readDate(params: JsonObject, name: string, nowMs: number): GivenDate | undefined {
  const given = argument(params, name);
  if (given === undefined) return undefined;
  const date = typeof given === 'number' || typeof given === 'string' ? given : undefined;
  if (date === undefined || Number.isNaN(toMs(date))) {
    throw new FeedError(
      `${name} parameter ${quoted(given)} is not a valid Date: give milliseconds or a text such as 2030-01-31T23:59:00.000Z`,
    );
  }
  if (toMs(date) <= nowMs) throw new FeedError(`${name} parameter ${quoted(given)} must be in the future`);
  return date;
}

/** Also from the texts that command lines make of numbers. */
function readInteger(value: Json): number | undefined {
  const number = typeof value === 'string' && /^\s*[+-]?\d{1,15}\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

function readMinutes(params: JsonObject): number | undefined {
  const given = argument(params, 'minutes');
  if (given === undefined) return undefined;
  const minutes = readInteger(given);
  if (minutes === undefined) throw new FeedError('the minutes parameter must be an integer');
  if (minutes <= 0) throw new FeedError('the minutes parameter must be an integer greater than zero');
  if (minutes > MAX_MINUTES) {
    throw new FeedError(`the minutes parameter must be an integer up to ${MAX_MINUTES}`);
  }
  return minutes;
}

function readBoolean(params: JsonObject, name: string): boolean | undefined {
  const given = argument(params, name);
  if (given === undefined) return undefined;
  const text = String(given).toLowerCase();
  if (text === 'true' || text === 'false') return text === 'true';
  throw new FeedError(`the ${name} parameter must be true or false`);
}

function readMaxTriggers(params: JsonObject): number | undefined {
  const given = argument(params, 'maxTriggers');
  if (given === undefined) return undefined;
  const max = readInteger(given);
  if (max === -1) return undefined;
  if (max !== undefined && max > 0) return max;
  throw new FeedError('the maxTriggers parameter must be an integer greater than zero');
}

function readDeletion(params: JsonObject): DeleteAfterFire | undefined {
  const given = argument(params, 'deleteAfterFire');
  if (given === undefined) return undefined;
  const text = String(given).trim().toLowerCase();
  const found = deletions.find((known) => known === text);
  if (found) return found;
  throw new FeedError('deleteAfterFire parameter must be one of [false, true, rules].');
}

/** Seconds that spread the alarms of a minute; the same for a trigger at any time. */
function spreadSeconds(trigger: string): number {
  let hash = 0;
  for (const character of trigger) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % 60;
}

function checkDates(schedule: AlarmSchedule): void {
  if (schedule.sort === 'once') return;
  const { startDate, stopDate } = schedule;
  if (startDate === undefined || stopDate === undefined || toMs(stopDate) > toMs(startDate)) return;
  throw new FeedError(
    `stopDate parameter ${quoted(stopDate)} must be greater than the startDate parameter ${quoted(startDate)}`,
  );
}

interface Reading {
  readonly params: JsonObject;
  readonly trigger: string;
  readonly nowMs: number;
}

/** The parameters over those of an alarm that is updated; absent ones stay. */
function overlay<S extends AlarmSchedule>(
  base: S | undefined,
  given: { readonly [K in keyof S]?: S[K] | undefined },
): S {
  const members = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(members) } as S;
}

type CronSchedule = Extract<AlarmSchedule, { sort: 'cron' }>;

/** The feed `alarm`. Throws {@link FeedError}. */
export function readCronSchedule({ nowMs, params, trigger }: Reading, base?: CronSchedule): CronSchedule {
  const given = argument(params, 'cron');
  if (given !== undefined && typeof given !== 'string') {
    throw new FeedError(`cron pattern ${quoted(given)} is not valid: it must be a text.`);
  }
  const timezone = argument(params, 'timezone');
  if (timezone !== undefined && typeof timezone !== 'string') {
    throw new FeedError(`timezone ${quoted(timezone)} is not known: give a name such as Europe/Berlin.`);
  }
  const cron = given ?? base?.cron;
  if (cron === undefined) throw new FeedError('alarms trigger feed is missing the cron parameter');
  const reading = readCron(cron, timezone ?? base?.timezone);
  if (!reading.ok) throw new FeedError(reading.problem);
  const maxTriggers = readMaxTriggers(params);
  const stopDate = readDate(params, 'stopDate', nowMs);
  if (maxTriggers !== undefined && stopDate !== undefined) {
    throw new FeedError('maxTriggers is not allowed when the stopDate parameter is specified');
  }
  const strict = readBoolean(params, 'strict') ?? base?.strict;
  const isMinutely = cron.trim().split(/\s+/).length === 5;
  const schedule = overlay<CronSchedule>(base, {
    sort: 'cron',
    cron,
    timezone,
    startDate: readDate(params, 'startDate', nowMs),
    stopDate,
    maxTriggers,
    strict,
    delaySeconds: strict === false && isMinutely ? spreadSeconds(trigger) : 0,
  });
  checkDates(schedule);
  checkFirst(schedule, nowMs);
  return schedule;
}

function checkFirst(schedule: CronSchedule, nowMs: number): void {
  if (ticksOf(schedule)(nowMs) !== undefined) return;
  if (schedule.stopDate !== undefined) {
    throw new FeedError('the first scheduled trigger fire is not until after the stop date');
  }
  throw new FeedError(`cron pattern ${quoted(schedule.cron)} is not valid: there is no such date.`);
}

type IntervalSchedule = Extract<AlarmSchedule, { sort: 'interval' }>;

/** The feed `interval`. Throws {@link FeedError}. */
export function readIntervalSchedule({ nowMs, params }: Reading, base?: IntervalSchedule): IntervalSchedule {
  const minutes = readMinutes(params);
  if (minutes === undefined && !base) {
    throw new FeedError('interval trigger feed is missing the minutes parameter');
  }
  if (argument(params, 'maxTriggers') !== undefined) {
    throw new FeedError('maxTriggers is not supported for the interval trigger feed');
  }
  const startDate = readDate(params, 'startDate', nowMs);
  const schedule = overlay<IntervalSchedule>(base, {
    sort: 'interval',
    minutes,
    startDate: startDate ?? (base ? undefined : nowMs + FIRST_INTERVAL_MS),
    stopDate: readDate(params, 'stopDate', nowMs),
  });
  checkDates(schedule);
  return schedule;
}

type OnceSchedule = Extract<AlarmSchedule, { sort: 'once' }>;

/** The feed `once`. Throws {@link FeedError}. */
export function readOnceSchedule({ nowMs, params }: Reading, base?: OnceSchedule): OnceSchedule {
  const date = readDate(params, 'date', nowMs);
  if (date === undefined && !base) {
    throw new FeedError('alarms once trigger feed is missing the date parameter');
  }
  const deleteAfterFire = readDeletion(params) ?? (base ? undefined : 'false');
  return overlay<OnceSchedule>(base, { sort: 'once', date, deleteAfterFire });
}
