import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SessionCall } from '../wire/index.ts';
import { OfferDemand } from './offer-demand.ts';

const revive = (...roles: string[]): SessionCall => ({ type: 'REVIVE', revive: { roles } });
const suppress = (...roles: string[]): SessionCall => ({ type: 'SUPPRESS', suppress: { roles } });

/** Subscribed at 0 with the roles `web` and `db`, both without work and suppressed by the SUBSCRIBE. */
function idleDemand(): OfferDemand {
  const demand = new OfferDemand({ roles: ['web', 'db'] });
  demand.suppressedRoles();
  demand.onSubscribed(0);
  return demand;
}

describe('reviving', () => {
  test('a burst of submissions makes one REVIVE (#38)', () => {
    const demand = idleDemand();
    for (let waiting = 1; waiting <= 100; waiting++) demand.wants('web', waiting, 1_000);
    expect(demand.due(1_000)).toEqual([revive('web')]);
    demand.wants('web', 101, 1_001);
    expect(demand.due(1_001)).toEqual([]);
  });

  test('roles that need it at the same moment share a REVIVE', () => {
    const demand = idleDemand();
    demand.wants('web', 1, 0);
    demand.wants('db', 1, 0);
    expect(demand.due(0)).toEqual([revive('web', 'db')]);
  });

  test('new work ends refusals of before, at most once in an interval (#38) (O17)', () => {
    const demand = idleDemand();
    demand.wants('web', 1, 0);
    expect(demand.due(0)).toEqual([revive('web')]);
    demand.offered('web', 10);
    demand.refuse('web');
    demand.wants('web', 2, 20);
    expect(demand.due(20)).toEqual([]);
    expect(demand.nextDeadlineMs).toBe(5_000);
    expect(demand.due(5_000)).toEqual([revive('web')]);
  });

  test('a lost REVIVE is repeated, ever more seldom, until offers come (#38)', () => {
    const demand = idleDemand();
    demand.wants('web', 1, 0);
    const sent: number[] = [];
    for (let calls = 0; calls < 5; calls++) {
      const nowMs = demand.nextDeadlineMs ?? 0;
      expect(demand.due(Math.max(0, nowMs))).toEqual([revive('web')]);
      sent.push(Math.max(0, nowMs));
    }
    expect(sent).toEqual([0, 10_000, 30_000, 70_000, 150_000]);
    demand.offered('web', 160_000);
    expect(demand.nextDeadlineMs).toBe(170_000);
  });

  test('offers that come and don’t fit are no reason to repeat it', () => {
    const demand = idleDemand();
    demand.wants('web', 1, 0);
    demand.due(0);
    for (let nowMs = 5_000; nowMs < 60_000; nowMs += 5_000) {
      demand.offered('web', nowMs);
      demand.refuse('web');
      expect(demand.due(nowMs)).toEqual([]);
    }
  });
});

describe('suppressing', () => {
  test('a role without work is suppressed after a while, and once (#38)', () => {
    const demand = new OfferDemand({ roles: ['web'] });
    demand.wants('web', 1, 0);
    expect(demand.suppressedRoles()).toEqual([]);
    demand.onSubscribed(0);
    demand.due(0);
    demand.wants('web', 0, 1_000);
    expect(demand.due(5_999)).toEqual([]);
    expect(demand.nextDeadlineMs).toBe(6_000);
    expect(demand.due(6_000)).toEqual([suppress('web')]);
    expect(demand.nextDeadlineMs).toBeUndefined();
  });

  test('offers that cross it are none of its failure, later ones have it sent again', () => {
    const demand = idleDemand();
    demand.offered('web', 100);
    expect(demand.due(20_000)).toEqual([]);
    demand.offered('web', 30_000);
    expect(demand.due(30_000)).toEqual([suppress('web')]);
  });
});

describe('subscribing', () => {
  test('names the roles without work; those with work are revived, as refusals may have outlived the session', () => {
    const demand = idleDemand();
    demand.wants('web', 1, 0);
    demand.due(0);
    demand.onLost();
    demand.wants('web', 2, 1_000);
    expect(demand.due(60_000)).toEqual([]);
    expect(demand.nextDeadlineMs).toBeUndefined();
    expect(demand.suppressedRoles()).toEqual(['db']);
    demand.onSubscribed(60_000);
    expect(demand.due(60_000)).toEqual([revive('web')]);
  });

  test('what changes between SUBSCRIBE and SUBSCRIBED is caught up with', () => {
    const demand = new OfferDemand({ roles: ['web', 'db'] });
    demand.wants('db', 1, 0);
    expect(demand.suppressedRoles()).toEqual(['web']);
    demand.wants('web', 1, 10);
    demand.wants('db', 0, 10);
    demand.onSubscribed(20);
    expect(demand.due(20)).toEqual([revive('web')]);
    expect(demand.due(5_020)).toEqual([suppress('db')]);
  });
});

test('new work is told also to a master that was asked to suppress nothing, since it may remember refusals', () => {
  const demand = new OfferDemand({ roles: ['web'] });
  demand.wants('web', 1, 0);
  demand.suppressedRoles();
  demand.wants('web', 0, 1);
  demand.onSubscribed(2);
  demand.wants('web', 1, 3);
  expect(demand.due(3)).toEqual([revive('web')]);
});

test('a role that is open and has refused nothing needs no REVIVE, unless no offer comes', () => {
  const demand = new OfferDemand({ roles: ['web'], suppressAfterMs: 1e9 });
  demand.wants('web', 1, 0);
  demand.suppressedRoles();
  demand.onSubscribed(0);
  expect(demand.due(0)).toEqual([revive('web')]);
  demand.wants('web', 0, 1_000);
  demand.wants('web', 1, 60_000);
  expect(demand.due(60_000)).toEqual([]);
  expect(demand.nextDeadlineMs).toBe(70_000);
});

describe('refusing', () => {
  test('is short while tasks wait, long while none does (#39) (O16)', () => {
    const demand = idleDemand();
    expect(demand.refuse('web')).toEqual({ refuse_seconds: 3_600 });
    demand.wants('web', 1, 0);
    expect(demand.refuse('web')).toEqual({ refuse_seconds: 5 });
    expect(demand.refuse('db')).toEqual({ refuse_seconds: 3_600 });
  });

  test('takes the times that it is given', () => {
    const demand = new OfferDemand({ roles: ['web'], refuseWaitingMs: 500, refuseIdleMs: 120_000 });
    expect(demand.refuse('web')).toEqual({ refuse_seconds: 120 });
    demand.wants('web', 1, 0);
    expect(demand.refuse('web')).toEqual({ refuse_seconds: 0.5 });
  });
});

test('whatever happens: a role that waits hears of a REVIVE in time, and never two within an interval', () => {
  const step = fc.record({
    afterMs: fc.integer({ min: 0, max: 7_000 }),
    what: fc.constantFrom('submit', 'idle', 'offers', 'refuse', 'nothing'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const demand = idleDemand();
      let nowMs = 0;
      let waiting = 0;
      let isSuppressed = true;
      let lastReviveMs = -Infinity;
      const tick = () => {
        for (const call of demand.due(nowMs)) {
          isSuppressed = call.type === 'SUPPRESS';
          if (isSuppressed) {
            expect(waiting).toBe(0);
            continue;
          }
          expect(waiting).toBeGreaterThan(0);
          expect(nowMs - lastReviveMs).toBeGreaterThanOrEqual(5_000);
          lastReviveMs = nowMs;
        }
      };
      for (const { afterMs, what } of steps) {
        const untilMs = nowMs + afterMs;
        for (let at = demand.nextDeadlineMs; at !== undefined && at <= untilMs; at = demand.nextDeadlineMs) {
          nowMs = Math.max(nowMs, at);
          tick();
        }
        nowMs = untilMs;
        if (what === 'submit') demand.wants('web', (waiting += 1), nowMs);
        if (what === 'idle') demand.wants('web', (waiting = 0), nowMs);
        if (what === 'offers') demand.offered('web', nowMs);
        if (what === 'refuse') demand.refuse('web');
        tick();
        if (waiting > 0 && nowMs - lastReviveMs >= 5_000) expect(isSuppressed).toBe(false);
      }
    }),
    { numRuns: 500 },
  );
});
