import { describe, expect, test, vi } from 'vitest';

import { wrongInTheEnd } from './in-the-end.ts';
import type { SimInstance } from './sim-instance.ts';
import { Stage, type StagePlan } from './stage.ts';

// They compute all the time, and a busy machine gives them little of it.
vi.setConfig({ testTimeout: 300_000 });

/** With default timing: the longest time until a majority that is there has a leader with a lease. */
const FAILOVER_MS = 10_000;
const KEY = 'a';

function stageOf(size: number, more: Partial<StagePlan> = {}): Stage {
  return new Stage({ seed: 7, size, ...more });
}

/** Started, founded, and all well. */
function founded(size: number, more: Partial<StagePlan> = {}): Stage {
  const stage = stageOf(size, more);
  for (const instance of stage.instances) instance.start();
  stage.until(() => isWell(stage), 20_000);
  return stage;
}

function isWell(stage: Stage): boolean {
  return wrongInTheEnd(stage).length === 0;
}

/** The leader, and the others. */
function cast(stage: Stage): { leader: SimInstance; others: SimInstance[] } {
  const leader = stage.until(() => stage.leader, FAILOVER_MS);
  return { leader, others: stage.instances.filter((each) => each !== leader) };
}

function write(stage: Stage, at: SimInstance, more: { isFenced?: boolean; withinMs?: number } = {}): void {
  stage.clients.write(at, { key: KEY, withinMs: 5000, isFenced: false, ...more });
}

/** A write that must succeed, within the time that a change of leaders takes. */
function writes(stage: Stage, at: SimInstance): void {
  const before = stage.clients.writes;
  write(stage, at, { withinMs: FAILOVER_MS });
  stage.until(() => stage.clients.writes > before, FAILOVER_MS);
}

function votersOf({ core }: SimInstance): readonly string[] {
  const members = core?.view().members ?? [];
  return members
    .filter(({ role }) => role === 'voter')
    .map(({ id }) => id)
    .toSorted();
}

function idsOf(instances: readonly SimInstance[]): readonly string[] {
  return instances.map(({ id }) => id).toSorted();
}

function slots(instances: readonly SimInstance[]): readonly number[] {
  return instances.map(({ slot }) => slot);
}

describe('when the leader fails', () => {
  test('a killed leader is replaced within seconds, in a higher epoch, and what was acknowledged is there (#70)', () => {
    const stage = founded(3);
    const { leader, others } = cast(stage);
    const { epoch } = leader.lease!;
    writes(stage, others[0]!);
    leader.crash();
    const next = stage.until(() => stage.leader, FAILOVER_MS);
    expect(next.lease!.epoch).toBeGreaterThan(epoch);
    writes(stage, next);
    leader.start();
    stage.until(() => isWell(stage), 20_000);
    expect(stage.clients.acknowledged.get(KEY)).toBe(2);
  });

  test('a leader that is stopped for a minute wakes without its lease, and what it writes in its epoch does nothing (#71)', () => {
    const stage = founded(3);
    const { leader, others } = cast(stage);
    const { epoch } = leader.lease!;
    leader.stop();
    stage.until(() => others.find(({ holdsLease }) => holdsLease), FAILOVER_MS);
    stage.runFor(60_000);
    expect(leader.holdsLease).toBe(false);
    leader.wake();
    stage.runFor(100);
    expect(leader.lease).toBeUndefined();
    const change = { put: { [KEY]: 99 }, epoch };
    leader.input({ type: 'write', request: -1, command: { id: 'late', change }, withinMs: 5000 });
    stage.until(() => isWell(stage), 20_000);
    stage.runFor(5000);
    expect(leader.core!.map.get(KEY)).toBeUndefined();
  });

  test('requests that followers take while leadership is handed over are settled once, and none is lost (#83)', () => {
    const stage = founded(3);
    const { leader, others } = cast(stage);
    for (let time = 0; time < 60; time++) {
      write(stage, others[time % 2]!);
      if (time === 20) leader.input({ type: 'resign', why: 'it was asked to' });
      stage.runFor(40);
    }
    stage.until(() => stage.clients.open === 0, FAILOVER_MS);
    expect(stage.clients.acknowledged.get(KEY)).toBeGreaterThan(20);
    stage.until(() => isWell(stage), 20_000);
  });
});

describe('when the network fails (#72)', () => {
  test.each(['both', 'in', 'out'] as const)(
    'a leader that is cut off (%s ways) stops before another begins, and the majority goes on',
    (ways) => {
      const stage = founded(3);
      const { leader, others } = cast(stage);
      for (const { slot } of others) {
        if (ways !== 'in') stage.network.cut([leader.slot], [slot]);
        if (ways !== 'out') stage.network.cut([slot], [leader.slot]);
      }
      write(stage, leader);
      stage.until(() => others.find(({ holdsLease }) => holdsLease), FAILOVER_MS);
      expect(leader.holdsLease).toBe(false);
      writes(stage, others[0]!);
      stage.network.heal();
      stage.until(() => isWell(stage), 20_000);
    },
  );

  test('one link that is broken one way neither ends the leader’s epoch nor costs anybody its vote', () => {
    const stage = founded(3);
    const { leader, others } = cast(stage);
    const { epoch } = leader.lease!;
    stage.network.cut([others[0]!.slot], [others[1]!.slot]);
    for (let time = 0; time < 6; time++) {
      writes(stage, others[time % 2]!);
      stage.runFor(10_000);
    }
    expect(leader.lease!.epoch).toBe(epoch);
    stage.network.heal();
    stage.until(() => isWell(stage), 20_000);
    expect(votersOf(leader)).toEqual(idsOf(stage.instances));
  });

  test('of two that can’t reach each other none leads, and none founds another cluster (#73)', () => {
    const stage = founded(2);
    const [one, other] = stage.instances as [SimInstance, SimInstance];
    stage.network.split([one.slot], [other.slot]);
    stage.until(() => !one.holdsLease && !other.holdsLease, FAILOVER_MS);
    write(stage, one);
    for (let seconds = 0; seconds < 60; seconds++) {
      stage.runFor(1000);
      expect(stage.leader).toBeUndefined();
    }
    expect(stage.clients.open).toBe(0);
    expect(stage.clients.acknowledged.size).toBe(0);
    stage.network.heal();
    stage.until(() => isWell(stage), 20_000);
  });

  test('of five that begin as two and three only the three found a cluster, and the two join it', () => {
    const stage = stageOf(5);
    const [a, b, c, d, e] = stage.instances as SimInstance[];
    stage.network.split([a!.slot, b!.slot], slots([c!, d!, e!]));
    for (const instance of stage.instances) instance.start();
    const leader = stage.until(() => stage.leader, 30_000);
    expect([c, d, e]).toContain(leader);
    stage.runFor(60_000);
    stage.network.heal();
    stage.until(() => isWell(stage), 60_000);
  });

  test('of four that begin as two and two none founds a cluster before they meet', () => {
    const stage = stageOf(4);
    const [a, b, c, d] = stage.instances as SimInstance[];
    stage.network.split([a!.slot, b!.slot], [c!.slot, d!.slot]);
    for (const instance of stage.instances) instance.start();
    stage.runFor(60_000);
    expect(stage.instances.map(({ core }) => core?.view().standing)).toEqual(Array(4).fill('founding'));
    stage.network.heal();
    stage.until(() => isWell(stage), 60_000);
  });
});

describe('when instances come and go', () => {
  test('Marathon exchanges all three by six: the cluster goes on, and only the new ones vote in the end (#74)', () => {
    const stage = founded(3, { isCountedBySeeds: true });
    const old = [...stage.instances];
    const fresh = old.map(() => stage.add());
    for (const instance of fresh) instance.start();
    stage.until(() => isWell(stage), 30_000);
    for (const instance of old) {
      writes(stage, fresh[0]!);
      instance.input({ type: 'leave', forGood: true, withinMs: 10_000 });
      stage.until(() => !instance.isUp, 15_000);
      stage.until(() => stage.canLoseDisk(instance), 5000);
      stage.remove(instance);
    }
    stage.until(() => isWell(stage), 30_000);
    expect(votersOf(fresh[0]!)).toEqual(idsOf(fresh));
    expect(stage.clients.acknowledged.get(KEY)).toBe(3);
  });

  test('so it does when Marathon kills the old ones, each when another has its vote (#74)', () => {
    const stage = founded(3, { isCountedBySeeds: true });
    const old = [...stage.instances];
    const fresh = old.map(() => stage.add());
    for (const instance of fresh) instance.start();
    stage.until(() => isWell(stage), 30_000);
    for (const instance of old) {
      writes(stage, fresh[0]!);
      stage.remove(instance);
      stage.until(() => isWell(stage), 60_000);
    }
    expect(votersOf(fresh[0]!)).toEqual(idsOf(fresh));
  });

  test('the new three of such an exchange found nothing of their own when they can’t reach the old ones', () => {
    const stage = founded(3, { isCountedBySeeds: true });
    const old = [...stage.instances];
    const fresh = old.map(() => stage.add());
    stage.network.split(slots(old), slots(fresh));
    for (const instance of fresh) instance.start();
    stage.runFor(60_000);
    expect(fresh.map(({ core }) => core?.view().standing)).toEqual(['founding', 'founding', 'founding']);
    stage.network.heal();
    stage.until(() => isWell(stage), 30_000);
  });

  test('a single instance gives its vote to the one that takes its place before it goes', () => {
    const stage = founded(1, { isCountedBySeeds: true });
    const [old] = stage.instances as [SimInstance];
    writes(stage, old);
    const fresh = stage.add();
    fresh.start();
    stage.until(
      () => old.core!.view().members.some(({ id, role }) => id === fresh.id && role === 'learner'),
      20_000,
    );
    old.input({ type: 'leave', forGood: true, withinMs: 10_000 });
    stage.until(() => !old.isUp, 9000);
    stage.remove(old);
    stage.until(() => isWell(stage), 20_000);
    expect(stage.clients.acknowledged.get(KEY)).toBe(1);
  });

  test('all instances end at once and come back with what was acknowledged (#75)', () => {
    const stage = founded(5);
    for (const instance of stage.instances) writes(stage, instance);
    for (const instance of stage.instances) instance.crash();
    stage.runFor(5000);
    for (const instance of stage.instances) instance.start();
    stage.until(() => isWell(stage), 20_000);
    expect(stage.clients.acknowledged.get(KEY)).toBe(5);
  });

  test('when all end at once and one never comes back, another one gets its vote, though nobody remembers it', () => {
    const stage = founded(3, { isCountedBySeeds: true });
    for (const instance of stage.instances) instance.crash();
    stage.remove(stage.instances[0]!);
    const fresh = stage.add();
    for (const instance of stage.instances) instance.start();
    stage.until(() => isWell(stage), 60_000);
    expect(votersOf(fresh)).toEqual(idsOf(stage.instances));
  });

  test('one that was away while others went on is not elected before it has what it missed (#77)', () => {
    const stage = founded(3);
    const { leader, others } = cast(stage);
    const [stale, fresh] = others as [SimInstance, SimInstance];
    stage.network.split([stale.slot], slots([leader, fresh]));
    writes(stage, leader);
    writes(stage, fresh);
    leader.crash();
    stage.network.heal();
    expect(stage.until(() => stage.leader, FAILOVER_MS)).toBe(fresh);
    stage.until(() => stale.core!.map.get(KEY)?.value === 2, 5000);
  });

  test('one that is reborn at its address with another identity votes in place of the old one (#81)', () => {
    const stage = founded(3);
    const [one, other] = cast(stage).others as [SimInstance, SimInstance];
    const former = one.id;
    one.crash();
    one.loseDisk();
    one.start();
    stage.until(() => isWell(stage), 30_000);
    expect(votersOf(other)).toEqual(idsOf(stage.instances));
    expect(votersOf(other)).not.toContain(former);
  });

  test('without disks all are restarted one after the other, each as a new member, and nothing is lost', () => {
    const stage = founded(3, { hasDisks: false });
    for (const instance of stage.instances) {
      writes(stage, instance);
      stage.until(() => stage.canLoseDisk(instance), 20_000);
      instance.crash();
      instance.start();
      stage.until(() => isWell(stage), 30_000);
    }
    expect(stage.clients.acknowledged.get(KEY)).toBe(3);
  });

  test('a leader whose first entry takes long to reach the disks still replaces who is gone', () => {
    const stage = founded(3);
    const { leader, others } = cast(stage);
    leader.crash();
    leader.loseDisk();
    for (const { disk } of others) disk.slowestMs = 2500;
    leader.start();
    stage.until(() => isWell(stage), 60_000);
    expect(votersOf(leader)).toEqual(idsOf(stage.instances));
  });
});

describe('when what instances are told is wrong', () => {
  test.each([-3_600_000, 3_600_000])('a wall clock that jumps by %i ms changes nothing (#78)', (byMs) => {
    const stage = founded(3);
    const { leader } = cast(stage);
    const { epoch } = leader.lease!;
    for (const instance of stage.instances) {
      instance.jumpClock(byMs);
      writes(stage, instance);
      stage.runFor(5000);
    }
    expect(stage.leader).toBe(leader);
    expect(leader.lease!.epoch).toBe(epoch);
  });

  test('while the seed source is down nothing is founded; who has a disk comes back without it (#79)', () => {
    const stage = stageOf(3);
    const { seeds } = stage;
    stage.seeds = () => new Error('401 from Marathon');
    for (const instance of stage.instances) instance.start();
    stage.runFor(60_000);
    expect(stage.instances[0]!.core!.view()).toMatchObject({
      standing: 'founding',
      problems: expect.arrayContaining([expect.objectContaining({ code: 'NO_SEEDS' })]),
    });
    stage.seeds = seeds;
    stage.until(() => isWell(stage), 30_000);
    stage.seeds = () => new Error('401 from Marathon');
    for (const instance of stage.instances) instance.crash();
    for (const instance of stage.instances) instance.start();
    stage.until(() => isWell(stage), 30_000);
  });

  test.each([1, 2, 3])('from lists that name %i of three at a time one cluster is founded (#79)', (count) => {
    const stage = stageOf(3);
    stage.seeds = () =>
      stage.listed(
        stage.instances
          .map(({ address }) => address)
          .filter(() => stage.dice.chance(0.8))
          .slice(0, count),
      );
    for (const instance of stage.instances) instance.start();
    stage.until(() => isWell(stage), 120_000);
    expect(stage.violations).toEqual([]);
  });

  test('a list that flaps, and names strangers, costs nobody its vote (#80)', () => {
    const stage = founded(3);
    const voters = idsOf(stage.instances);
    const stranger = { host: 'sim', port: 9000 };
    const asked = new Map<SimInstance, number>();
    stage.seeds = (asker) => {
      const times = (asked.get(asker) ?? 0) + 1;
      asked.set(asker, times);
      // Of each two answers one leaves out who is down.
      const listed = stage.instances.filter(({ isUp }) => isUp || times % 2 === 0);
      return stage.listed([stranger, ...listed.map(({ address }) => address)]);
    };
    for (const instance of stage.instances) {
      instance.crash();
      stage.runFor(60_000);
      const living = stage.instances.filter(({ isUp }) => isUp);
      expect(living.map(votersOf)).toEqual([voters, voters]);
      instance.start();
      stage.until(() => isWell(stage), 20_000);
    }
  });

  test('a silent voter keeps its vote for as long as the source lists it', () => {
    const stage = founded(3);
    const { others } = cast(stage);
    const voters = idsOf(stage.instances);
    others[0]!.crash();
    stage.add().start();
    stage.runFor(300_000);
    expect(votersOf(others[1]!)).toEqual(voters);
  });
});
