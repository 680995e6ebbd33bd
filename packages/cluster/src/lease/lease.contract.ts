import { expect, test } from 'vitest';

import type { LeaderLease, LeaseEvent } from './leader-lease.ts';

/** A lease under test. */
export interface LeaseUnderTest {
  readonly lease: LeaderLease;
  /** Monotonic time as the lease sees it. */
  readonly nowMs: () => number;
  /** Lets happen what makes this instance hold it, and time pass in which it could be acquired. */
  readonly letAcquire: () => Promise<void>;
}

/** What every leader lease promises. */
export function leaderLeaseContract(open: () => Promise<LeaseUnderTest>): void {
  async function withLease(story: (under: LeaseUnderTest) => Promise<void>): Promise<void> {
    const under = await open();
    try {
      await story(under);
    } finally {
      await under.lease.close();
    }
  }

  function heard(lease: LeaderLease): string[] {
    const events: string[] = [];
    lease.watch((event) => events.push(wordsOf(event)));
    return events;
  }

  test('who holds it may act, and is told so once', () =>
    withLease(async ({ lease, letAcquire, nowMs }) => {
      const events = heard(lease);
      await letAcquire();
      await letAcquire();
      expect(events).toEqual([`acquired ${lease.current?.epoch}`]);
      expect(lease.isValid(nowMs())).toBe(true);
      expect(lease.isValid(lease.current?.validUntilMs ?? 0)).toBe(false);
    }));

  test('who comes later is told at once of one that is held', () =>
    withLease(async ({ lease, letAcquire }) => {
      await letAcquire();
      expect(heard(lease)).toEqual([`acquired ${lease.current?.epoch}`]);
    }));

  test('who resigns may act no more when the call has returned, and later has a higher epoch', () =>
    withLease(async ({ lease, letAcquire, nowMs }) => {
      await letAcquire();
      const events = heard(lease);
      const first = lease.current?.epoch ?? NaN;
      lease.resign('tired');
      expect(lease.isValid(nowMs())).toBe(false);
      expect(lease.current).toBeUndefined();
      expect(events).toEqual([`acquired ${first}`, `lost ${first}: tired`]);
      await letAcquire();
      expect(lease.current?.epoch).toBeGreaterThan(first);
      expect(events.at(-1)).toBe(`acquired ${lease.current?.epoch}`);
    }));

  test('to resign what is not held is nothing', () =>
    withLease(async ({ lease, letAcquire }) => {
      await letAcquire();
      const events = heard(lease);
      lease.resign('once');
      lease.resign('twice');
      expect(events).toHaveLength(2);
    }));

  test('all hear an acquisition before its end, though the first one resigns while it is told', () =>
    withLease(async ({ lease, letAcquire }) => {
      lease.watch((event) => {
        if (event.kind === 'acquired') lease.resign('at once');
      });
      const events = heard(lease);
      await letAcquire();
      expect(events.length).toBeGreaterThanOrEqual(2);
      for (const [at, event] of events.entries()) expect(event).toMatch(at % 2 === 0 ? /^acquired/ : /^lost/);
    }));

  test('who has stopped to watch hears nothing', () =>
    withLease(async ({ lease, letAcquire }) => {
      const events: LeaseEvent[] = [];
      lease.watch((event) => events.push(event))();
      const before = events.length;
      await letAcquire();
      lease.resign('tired');
      expect(events).toHaveLength(before);
    }));

  test('once closed it is lost and never held again; closing twice is fine', () =>
    withLease(async ({ lease, letAcquire, nowMs }) => {
      await letAcquire();
      const events = heard(lease);
      await lease.close();
      await lease.close();
      await letAcquire();
      expect(lease.isValid(nowMs())).toBe(false);
      expect(events.map((event) => event.split(' ')[0])).toEqual(['acquired', 'lost']);
    }));
}

function wordsOf(event: LeaseEvent): string {
  return event.kind === 'lost' ? `lost ${event.epoch}: ${event.why}` : `acquired ${event.epoch}`;
}
