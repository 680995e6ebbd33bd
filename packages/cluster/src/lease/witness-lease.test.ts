import { ManualClock } from '@vibrissa/testkit';
import { describe, expect, test } from 'vitest';

import { Deferred } from '../base/deferred.ts';
import type { Member, MemberState } from '../membership/member.ts';
import { leaderLeaseContract } from './lease.contract.ts';
import type { WitnessReport } from './lease-witness.ts';
import { WitnessLease } from './witness-lease.ts';

const nobody: WitnessReport = { epoch: 0, isConnected: false };

/** Time goes on while the process is stopped; its timers fire late. */
class StoppableClock {
  readonly #clock = new ManualClock();
  #sleptMs = 0;

  now(): number {
    return this.#clock.now() + this.#sleptMs;
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs() + this.#sleptMs;
  }

  after(delayMs: number, run: () => void) {
    return this.#clock.after(delayMs, run);
  }

  advance(byMs: number): Promise<void> {
    return this.#clock.advance(byMs);
  }

  sleepThrough(ms: number): void {
    this.#sleptMs += ms;
  }
}

/** The instance `b` of two, a witness that says what the test wants, and what the lease has told. */
function openLease(report: WitnessReport | Promise<WitnessReport> | 'unreachable' | 'silent' = nobody) {
  const clock = new StoppableClock();
  const world = { report, a: 'dead' as MemberState, asked: 0 };
  const lease = new WitnessLease({
    clock,
    membership: { selfId: 'b', members: () => [member('a', world.a), member('b', 'alive')] },
    witness: {
      observe() {
        world.asked += 1;
        if (world.report === 'unreachable') return Promise.reject(new Error('no route'));
        return world.report === 'silent' ? new Promise(() => {}) : Promise.resolve(world.report);
      },
    },
  });
  const events: string[] = [];
  lease.watch((event) =>
    events.push(event.kind === 'lost' ? `lost ${event.why}` : `acquired ${event.epoch}`),
  );
  return { clock, world, lease, events };
}

function member(id: string, state: MemberState): Member {
  return { id, state, address: { host: id, port: 1 }, generation: 1, incarnation: 0, meta: {} };
}

describe('the lease of two with a witness', () => {
  leaderLeaseContract(() => {
    const { clock, lease, world } = openLease();
    return Promise.resolve({
      lease,
      nowMs: () => clock.monotonicMs(),
      letAcquire: async () => {
        await clock.advance(6_000);
        if (lease.current) world.report = { holder: 'b', epoch: lease.current.epoch, isConnected: true };
      },
    });
  });
});

describe('it is taken', () => {
  test('when the witness has seen nobody for the margin, with the next epoch', async () => {
    const { clock, events } = openLease({ epoch: 6, holder: 'a', isConnected: false });
    await clock.advance(4_000);
    expect(events).toEqual([]);
    await clock.advance(3_000);
    expect(events).toEqual(['acquired 7']);
  });

  test('not before the margin has passed since the last time that somebody began to act, seen or not', async () => {
    const { clock, events, world } = openLease({ ...nobody, begun: '1' });
    await clock.advance(4_000);
    world.report = { ...nobody, begun: '2' };
    await clock.advance(4_000);
    expect(events).toEqual([]);
    await clock.advance(3_000);
    expect(events).toEqual(['acquired 1']);
  });

  test('not before the margin has passed since the first answer: it may be newer than its question', async () => {
    const { clock, events, world } = openLease('unreachable');
    await clock.advance(500);
    const answer = new Deferred<WitnessReport>();
    world.report = answer.promise;
    await clock.advance(1_900);
    world.report = nobody;
    answer.resolve(nobody);
    const answeredMs = clock.monotonicMs();
    while (events.length === 0) await clock.advance(100);
    expect(clock.monotonicMs() - answeredMs).toBeGreaterThanOrEqual(5_000);
  });

  test('with an epoch above all that the witness has ever shown', async () => {
    const { clock, events, world } = openLease({ holder: 'a', epoch: 7, isConnected: true });
    await clock.advance(2_000);
    world.report = { holder: 'a', epoch: 3, isConnected: false };
    await clock.advance(7_000);
    expect(events).toEqual(['acquired 8']);
  });

  test('by the one that the witness still sees from before its start', async () => {
    const { clock, events } = openLease({ epoch: 6, holder: 'b', isConnected: true });
    await clock.advance(6_000);
    expect(events).toEqual(['acquired 7']);
  });

  test.each(['alive', 'suspect'] as const)(
    'by nobody with a higher id than one that is %s',
    async (state) => {
      const { clock, world, events } = openLease();
      world.a = state;
      await clock.advance(60_000);
      expect(events).toEqual([]);
      world.a = 'left';
      await clock.advance(6_000);
      expect(events).toEqual(['acquired 1']);
    },
  );

  test('not while the witness sees another one, whatever gossip thinks', async () => {
    const { clock, world, events } = openLease({ epoch: 6, holder: 'a', isConnected: true });
    await clock.advance(60_000);
    expect(events).toEqual([]);
    world.report = { epoch: 6, isConnected: true };
    await clock.advance(60_000);
    expect(events).toEqual([]);
  });

  test.each(['unreachable', 'silent'] as const)('not while the witness is %s', async (report) => {
    const { clock, world, events } = openLease(report);
    await clock.advance(60_000);
    expect(events).toEqual([]);
    expect(world.asked).toBeGreaterThan(10);
  });

  test('only after a whole margin again, when the witness was away in between', async () => {
    const { clock, world, events } = openLease();
    await clock.advance(4_000);
    world.report = 'unreachable';
    await clock.advance(2_000);
    world.report = nobody;
    await clock.advance(4_000);
    expect(events).toEqual([]);
    await clock.advance(4_000);
    expect(events).toEqual(['acquired 1']);
  });
});

test('a process that was stopped for a minute waits for a whole margin again', async () => {
  const { clock, events } = openLease();
  await clock.advance(3_500);
  clock.sleepThrough(60_000);
  await clock.advance(3_000);
  expect(events).toEqual([]);
  await clock.advance(4_000);
  expect(events).toEqual(['acquired 1']);
});

describe('it is kept', () => {
  test('as long as the witness sees this one, and for a while until it does', async () => {
    const { clock, world, lease, events } = openLease();
    await clock.advance(6_000);
    world.report = { holder: 'b', epoch: 1, isConnected: true };
    world.a = 'alive';
    await clock.advance(60_000);
    expect(events).toEqual(['acquired 1']);
    expect(lease.isValid(clock.monotonicMs())).toBe(true);
  });
});

describe('it is lost', () => {
  test('when the witness sees another one', async () => {
    const { clock, world, lease, events } = openLease();
    await clock.advance(6_000);
    world.report = { holder: 'a', epoch: 1, isConnected: true };
    await clock.advance(1_500);
    expect(events.at(-1)).toBe('lost the witness sees a instead');
    expect(lease.isValid(clock.monotonicMs())).toBe(false);
  });

  test('when the witness has seen a higher epoch', async () => {
    const { clock, world, events } = openLease();
    await clock.advance(6_000);
    world.report = { epoch: 2, isConnected: false };
    await clock.advance(1_500);
    expect(events).toContain('lost the witness has seen epoch 2');
  });

  test.each(['unreachable', 'silent'] as const)(
    'when the witness is %s for the length of the lease',
    async (report) => {
      const { clock, world, lease, events } = openLease();
      await clock.advance(6_000);
      world.report = report;
      const untilMs = lease.current?.validUntilMs ?? 0;
      await clock.advance(untilMs - clock.monotonicMs() - 1);
      expect(events).toHaveLength(1);
      await clock.advance(1);
      expect(events.at(-1)).toBe('lost the witness has not shown this instance connected for 4 s');
    },
  );

  test('when the witness has seen nobody for the length of the lease: others may count from there, too', async () => {
    const { clock, world, events } = openLease();
    await clock.advance(6_000);
    world.report = { holder: 'b', epoch: 1, isConnected: true };
    await clock.advance(10_000);
    world.report = { holder: 'a', epoch: 0, isConnected: false };
    await clock.advance(4_000);
    expect(events).toEqual(['acquired 1', 'lost the witness has not shown this instance connected for 4 s']);
  });

  test('by a process that was stopped, before anybody has told it', async () => {
    const { clock, lease } = openLease();
    await clock.advance(6_000);
    expect(lease.isValid(clock.monotonicMs() + 60_000)).toBe(false);
  });
});

test.each([
  [{ leaseMs: 4_001 }, 'leaseMs (4001) is more than 0.8 of marginMs (5000)'],
  [{ marginMs: 4_000 }, 'leaseMs (4000) is more than 0.8 of marginMs (4000)'],
  [{ leaseMs: Number.NaN }, 'leaseMs (NaN)'],
])('a lease that outlasts the wait for it is refused: %j', (times, words) => {
  const witness = { observe: () => Promise.resolve(nobody) };
  const membership = { selfId: 'a', members: () => [member('a', 'alive')] };
  expect(() => new WitnessLease({ clock: new ManualClock(), membership, witness, ...times })).toThrow(words);
});

test('a holder that is cut off from everybody leads no more when the other one begins', async () => {
  const clock = new ManualClock();
  const world = { isCut: false, report: nobody };
  const open = (selfId: string, observe: () => Promise<WitnessReport>) => {
    const members = () => ['a', 'b'].map((id) => member(id, id !== selfId && world.isCut ? 'dead' : 'alive'));
    return new WitnessLease({ clock, membership: { selfId, members }, witness: { observe } });
  };
  const a = open('a', () =>
    world.isCut ? Promise.reject(new Error('no route')) : Promise.resolve(world.report),
  );
  const b = open('b', () => Promise.resolve(world.report));
  await clock.advance(6_000);
  world.report = { holder: 'a', epoch: 1, isConnected: true };
  await clock.advance(2_500);
  expect(a.isValid(clock.monotonicMs())).toBe(true);
  world.isCut = true;
  world.report = { ...world.report, isConnected: false };
  const taken: boolean[] = [];
  b.watch(({ epoch, kind }) => {
    if (kind !== 'acquired') return;
    taken.push(a.isValid(clock.monotonicMs()));
    world.report = { holder: 'b', epoch, isConnected: true };
  });
  await clock.advance(20_000);
  expect(taken).toEqual([false]);
});
