import { seededRandom } from '@vibrissa/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RaftCore } from './raft-core.ts';
import type { RaftInput, RaftMessage } from './raft-messages.ts';

const voters = 'abc'.split('').map((id) => ({ id, address: { host: id, port: 7000 } }));

function core(): RaftCore {
  return new RaftCore({
    self: 'a',
    options: { heartbeatMs: 100, electionMinMs: 600, electionMaxMs: 1200, leaseMs: 450 },
    random: { next: seededRandom(1) },
    foundation: { voters, epochFloor: 7 },
    stored: { hardState: { term: 0 }, entries: [] },
  });
}

describe('the core', () => {
  test('before its start it does nothing, and says to whoever asks that it does not lead', () => {
    const idle = core();
    expect(idle.nextDeadlineMs).toBeUndefined();
    expect(idle.step({ nowMs: 0 }, { type: 'tick' })).toEqual([]);
    expect(idle.step({ nowMs: 0 }, { type: 'propose', proposal: 1, command: null })).toEqual([
      { type: 'proposed', proposal: 1, outcome: { kind: 'not-leader' } },
    ]);
    expect(idle.step({ nowMs: 0 }, { type: 'read', read: 1 })).toEqual([
      { type: 'readable', read: 1, outcome: 'not-leader' },
    ]);
  });

  test('its status says what there is before the first term', () => {
    const fresh = core();
    fresh.step({ nowMs: 0 }, { type: 'start' });
    expect(fresh.status()).toEqual({
      role: 'follower',
      term: 7,
      first: 1,
      last: 0,
      committed: 0,
      applied: 0,
      configuration: { voters, learners: [] },
      matched: new Map(),
      answering: new Set(),
    });
  });

  test('no numbers that others say make it throw, or leave it with a log that has a gap', () => {
    const count = fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 12 }) },
      fc.constantFrom(-1, 0.5, Number.NaN, Infinity, 2 ** 53, Number.MAX_SAFE_INTEGER),
    );
    const position = fc.record({ index: count, term: count });
    const entry = fc
      .tuple(position, fc.constantFrom('command', 'term-begins', 'configuration'))
      .map(([at, kind]) => ({ ...at, kind, command: 1, configuration: { voters, learners: [] } }));
    const configuration = fc.constantFrom(
      { voters, learners: [] },
      { voters: [], learners: voters },
      { voters, learners: voters },
    );
    const message = fc.oneof(
      fc.record({
        kind: fc.constant('vote-request'),
        term: count,
        last: position,
        pre: fc.boolean(),
        handedOver: fc.boolean(),
      }),
      fc.record({ kind: fc.constant('vote'), term: count, pre: fc.boolean(), granted: fc.boolean() }),
      fc.record({
        kind: fc.constant('append'),
        term: count,
        previous: position,
        entries: fc.array(entry, { maxLength: 3 }),
        committed: count,
        round: count,
      }),
      fc.record({
        kind: fc.constant('appended'),
        term: count,
        round: count,
        match: count,
        accepted: fc.boolean(),
      }),
      fc.record({
        kind: fc.constant('snapshot'),
        term: count,
        round: count,
        snapshot: fc.record({ index: count, term: count, configuration, state: fc.constant(null) }),
      }),
      fc.record({ kind: fc.constant('take-over'), term: count }),
    );
    const input = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          type: fc.constant('received'),
          from: fc.constantFrom('a', 'b', 'c', 'z'),
          message,
        }),
      },
      fc.record({ type: fc.constant('tick') }),
      fc.record({ type: fc.constant('propose'), proposal: count, command: fc.constant(1) }),
      fc.record({ type: fc.constant('persisted'), write: count }),
      fc.record({ type: fc.constant('compact'), index: count, state: fc.constant(1) }),
      fc.record({ type: fc.constant('resign') }),
    );
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
        const one = core();
        let nowMs = 0;
        one.step({ nowMs }, { type: 'start' });
        for (const said of inputs) {
          nowMs += 130;
          one.step({ nowMs }, said as RaftInput & { message?: RaftMessage });
          const { applied, committed, last, term } = one.status();
          expect(applied).toBe(committed);
          expect(committed).toBeLessThanOrEqual(last);
          expect(Number.isSafeInteger(term)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
