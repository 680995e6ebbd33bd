import { seededRandom } from '@vibrissa/testkit';
import { describe, expect, it } from 'vitest';
import { decideDue, ticksOf } from './next-tick.ts';
import type { AlarmSchedule } from './schedule.ts';

const at = (text: string): number => Date.parse(text);

function cron(expression: string, over: object = {}): AlarmSchedule {
  return { sort: 'cron', cron: expression, delaySeconds: 0, ...over };
}

function ticks(schedule: AlarmSchedule, from: string, count: number): string[] {
  const next = ticksOf(schedule);
  const found: string[] = [];
  for (let tick = next(at(from)); tick !== undefined && found.length < count; tick = next(tick)) {
    found.push(new Date(tick).toISOString().slice(0, 19));
  }
  return found;
}

describe('a cron alarm', () => {
  it('ticks in its time zone, in summer and in winter', () => {
    const daily = cron('0 9 * * *', { timezone: 'Europe/Berlin' });
    expect(ticks(daily, '2026-03-28T00:00:00Z', 2)).toEqual(['2026-03-28T08:00:00', '2026-03-29T07:00:00']);
  });

  it('ticks once, later, in the night that lacks its hour', () => {
    const nightly = cron('30 2 * * *', { timezone: 'Europe/Berlin' });
    expect(ticks(nightly, '2026-03-28T12:00:00Z', 2)).toEqual(['2026-03-29T01:00:00', '2026-03-30T00:30:00']);
  });

  it('ticks once in the night that has its hour twice, and every hour where it is hourly', () => {
    const nightly = cron('30 2 * * *', { timezone: 'Europe/Berlin' });
    expect(ticks(nightly, '2026-10-24T12:00:00Z', 2)).toEqual(['2026-10-25T00:30:00', '2026-10-26T01:30:00']);
    const hourly = cron('0 * * * *', { timezone: 'Europe/Berlin' });
    expect(ticks(hourly, '2026-10-24T23:30:00Z', 3)).toEqual([
      '2026-10-25T00:00:00',
      '2026-10-25T01:00:00',
      '2026-10-25T02:00:00',
    ]);
  });

  it('ticks from its start date, and no more at its stop date', () => {
    const short = cron('* * * * *', { startDate: '2026-01-01T00:00:00Z', stopDate: '2026-01-01T00:02:00Z' });
    expect(ticks(short, '2025-06-01T00:00:00Z', 9)).toEqual(['2026-01-01T00:00:00', '2026-01-01T00:01:00']);
  });

  it('that is not strict ticks some seconds later, always the same', () => {
    expect(ticks(cron('* * * * *', { delaySeconds: 17 }), '2026-01-01T00:00:17Z', 2)).toEqual([
      '2026-01-01T00:01:17',
      '2026-01-01T00:02:17',
    ]);
  });
});

describe('when time has passed', () => {
  const everySecond = cron('* * * * * *');
  const start = at('2026-01-01T00:00:00Z');

  it('only the latest tick fires, and the others are missed', () => {
    const due = decideDue(everySecond, start, start + 30_500);
    expect(due).toEqual({ fire: start + 30_000, missed: 30, isMissedAtLeast: false, next: start + 31_000 });
  });

  it('a tick of long ago is missed', () => {
    const hourly = cron('0 * * * *');
    const due = decideDue(hourly, start, start + 30 * 60_000);
    expect(due).toEqual({ fire: undefined, missed: 1, isMissedAtLeast: false, next: start + 3_600_000 });
  });

  it('a week of missed seconds is not counted to the end', () => {
    const due = decideDue(everySecond, start, start + 7 * 86_400_000);
    expect(due).toMatchObject({ missed: 999, isMissedAtLeast: true });
  });

  it('an alarm of one date fires late rather than never', () => {
    const once: AlarmSchedule = { sort: 'once', date: start, deleteAfterFire: 'false' };
    expect(decideDue(once, start, start + 86_400_000)).toMatchObject({ fire: start, next: undefined });
  });
});

it('over any moments of looking, ticks that fire and ticks that are missed are all ticks, none twice', () => {
  const schedules: AlarmSchedule[] = [
    cron('*/7 * * * * *'),
    cron('*/5 * * * *', { timezone: 'Australia/Lord_Howe' }),
    cron('15,45 1-3 * * *', { timezone: 'Europe/Berlin' }),
    { sort: 'interval', minutes: 3, startDate: '2026-03-28T22:00:00Z' },
  ];
  const seed = 7;
  const random = seededRandom(seed);
  for (const schedule of schedules) {
    const start = at('2026-03-28T21:00:00Z');
    let nowMs = start;
    let next = ticksOf(schedule)(start);
    let missed = 0;
    const fired: number[] = [];
    for (let look = 0; look < 150; look++) {
      nowMs += Math.floor(random() ** 3 * 600_000);
      const due = decideDue(schedule, next ?? Number.POSITIVE_INFINITY, nowMs);
      if (due.fire !== undefined) fired.push(due.fire);
      missed += due.missed;
      next = due.next;
    }
    let all = 0;
    for (
      let tick = ticksOf(schedule)(start);
      tick !== undefined && tick <= nowMs;
      tick = ticksOf(schedule)(tick)
    )
      all++;
    expect(fired.length + missed, `seed ${seed}`).toBe(all);
    expect(fired, `seed ${seed}`).toEqual([...new Set(fired)].toSorted((a, b) => a - b));
    expect(all).toBeGreaterThan(3);
  }
});
