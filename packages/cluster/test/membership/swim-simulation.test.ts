import { describe, expect, it, vi } from 'vitest';
import { type Instance, VirtualNetwork } from './virtual-network.ts';

// They compute all the time, and a busy machine gives them little of it.
vi.setConfig({ testTimeout: 900_000 });

/** The ids that somebody has ever taken for dead. */
function saidDead(instances: readonly Instance[]): readonly string[] {
  return instances
    .flatMap(({ effects }) => effects)
    .flatMap((effect) =>
      effect.type === 'member' && effect.member.state === 'dead' ? [effect.member.id] : [],
    );
}

/** Of the instance that has sent most, in a second. */
function mostBytesIn(network: VirtualNetwork, seconds: number): number {
  for (const instance of network.instances) instance.sentBytes = 0;
  network.runFor(seconds * 1000);
  return Math.max(...network.instances.map(({ sentBytes }) => sentBytes / seconds));
}

describe('fifty members', () => {
  it.each([0, 0.05, 0.1, 0.2])('at a loss of %d all know within 5 s that one was killed', (loss) => {
    for (let seed = 1; seed <= 4; seed += 1) {
      const network = new VirtualNetwork({ seed, loss });
      const members = network.beginMany(50);
      network.runUntil(() => members.every((each) => each.living().length === 50), 20_000);
      network.runFor(network.random() * 2000);
      const victim = members[Math.floor(network.random() * 50)];
      if (!victim) throw new Error('there is none');
      network.kill(victim);
      const isKnown = () => network.running.every((each) => each.knows(victim.self.id) === 'dead');
      expect(network.runUntil(isKnown, 10_000), `seed ${seed}`).toBeLessThanOrEqual(5000);
    }
  });

  it.each([0, 0.05])('at a loss of %d each of them sends less than 5 kB a second', (loss) => {
    const network = new VirtualNetwork({ seed: 7, loss });
    network.beginMany(50);
    network.runFor(10_000);
    expect(mostBytesIn(network, 60)).toBeLessThan(5000);
  });

  it('in ten minutes with a loss of 5 % nobody is taken for dead who is not', () => {
    const network = new VirtualNetwork({ seed: 11, loss: 0.05 });
    const members = network.beginMany(50);
    network.runFor(600_000);
    expect(saidDead(members)).toEqual([]);
    expect(network.isAgreed).toBe(true);
  });

  it('two halves that lost sight of each other find each other again', () => {
    const network = new VirtualNetwork({ seed: 3 });
    const members = network.beginMany(50);
    network.runFor(5000);
    const left = new Set(members.slice(0, 25).map(({ self }) => self.id));
    network.cut = (from, to) => left.has(from) !== left.has(to);
    network.runFor(30_000);
    expect(members.map((each) => each.living().length)).toEqual(members.map(() => 25));
    network.cut = () => false;
    network.runUntil(() => network.isAgreed, 30_000);
  });
});

describe('a few members', () => {
  const five = (seed: number) => {
    const network = new VirtualNetwork({ seed });
    const members = network.beginMany(5);
    network.runUntil(() => network.isAgreed, 10_000);
    return { network, members };
  };

  it('one that reaches only some of the others, and by which it is reached, lives: others ask for it', () => {
    const { members, network } = five(1);
    const [a, b] = members.map(({ self }) => self.id);
    network.cut = (from, to) => (from === a && to === b) || (from === b && to === a);
    network.runFor(60_000);
    expect(saidDead(members)).toEqual([]);
  });

  it('one whose datagrams get out to nobody is dead to all, and alive when they do again', () => {
    const { members, network } = five(2);
    const mute = members[2]?.self.id ?? '';
    network.cut = (from) => from === mute;
    const others = members.filter(({ self }) => self.id !== mute);
    network.runUntil(() => others.every((each) => each.knows(mute) === 'dead'), 10_000);
    network.cut = () => false;
    network.runUntil(() => network.isAgreed, 30_000);
    expect(members[2]?.core.get(mute)?.incarnation, 'it had to contradict').toBeGreaterThan(0);
  });

  it('one that is stopped for a minute declares nobody dead when it goes on, and is alive to all again', () => {
    const { members, network } = five(3);
    const stopped = members[1];
    if (!stopped) throw new Error('there is none');
    network.pause(stopped);
    network.runFor(60_000);
    expect(members[0]?.knows(stopped.self.id)).toBe('dead');
    network.resume(stopped);
    network.runUntil(() => network.isAgreed, 5000);
    expect(saidDead([stopped])).toEqual([]);
  });

  it('one that leaves is known to have left, by all, at once, and is never taken for dead', () => {
    const { members, network } = five(4);
    const leaving = members[3];
    if (!leaving) throw new Error('there is none');
    network.input(leaving, { type: 'leave' });
    network.kill(leaving);
    network.runUntil(() => network.running.every((each) => each.knows(leaving.self.id) === 'left'), 1000);
    network.runFor(60_000);
    expect(saidDead(members)).toEqual([]);
  });

  it('one that starts again under its id is alive to all, with the life that is new', () => {
    const { members, network } = five(5);
    const former = members[4];
    if (!former) throw new Error('there is none');
    network.kill(former);
    const { address, id } = former.self;
    const seeds = [{ host: '10.0.0.1', port: 7000 }];
    const later = network.begin(id, { address, seeds, generation: 2 });
    network.runUntil(() => network.running.every((each) => each.core.get(id)?.generation === 2), 5000);
    expect(network.isAgreed).toBe(true);
    expect(later.core.get(id)?.incarnation).toBe(0);
  });

  it('one that is reborn at the address of another ends that one at once, for all (#81)', () => {
    const { members, network } = five(6);
    const former = members[4];
    if (!former) throw new Error('there is none');
    network.kill(former);
    const seeds = [{ host: '10.0.0.1', port: 7000 }];
    network.begin('reborn', { address: former.self.address, seeds });
    const isKnown = () =>
      network.running.every((each) => each.self.id === 'reborn' || each.knows(former.self.id) === 'dead');
    // Silence would take longer than this to be noticed.
    expect(network.runUntil(isKnown, 10_000)).toBeLessThan(700);
    network.runUntil(() => network.isAgreed, 5000);
  });

  it('those whose seeds come later, or answer later, find each other all the same (#80)', () => {
    const network = new VirtualNetwork({ seed: 7 });
    const first = network.begin('first');
    const second = network.begin('second', { seeds: [{ host: 'nobody', port: 1 }] });
    network.runFor(120_000);
    expect(network.isAgreed).toBe(false);
    network.input(second, { type: 'seeds', seeds: [second.self.address, first.self.address] });
    network.runUntil(() => network.isAgreed, 1000);
  });

  it('a hint travels to all on what is said anyway', () => {
    const { members, network } = five(8);
    const [teller, ...others] = members;
    if (!teller) throw new Error('there is none');
    network.input(teller, { type: 'hint', hint: { epoch: 5 } });
    network.runFor(5000);
    const heard = others.map(({ effects }) => effects.some(({ type }) => type === 'hint'));
    expect(heard).toEqual([true, true, true, true]);
  });
});

describe('under random cuts, crashes and restarts', () => {
  it('all agree in the end on who is alive, for a hundred seeds', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const network = new VirtualNetwork({ seed, loss: (seed % 4) * 0.05 });
      const { random } = network;
      const members = network.beginMany(3 + (seed % 6));
      for (let turn = 0; turn < 6; turn += 1) {
        const sides = new Map(members.map(({ self }) => [self.id, Math.floor(random() * 2.5)]));
        const isOneWay = random() < 0.4;
        network.cut = (from, to) =>
          isOneWay ? (sides.get(from) ?? 0) < (sides.get(to) ?? 0) : sides.get(from) !== sides.get(to);
        changeOne(network);
        network.runFor(random() * 15_000);
      }
      network.cut = () => false;
      network.loss = 0;
      for (const instance of network.running) if (instance.paused) network.resume(instance);
      // As a seed source does again and again: those that they knew of may have ended before they met.
      const seeds = network.running.map(({ self }) => self.address);
      for (const instance of network.running) network.input(instance, { type: 'seeds', seeds });
      network.runFor(45_000);
      expect(network.isAgreed, `seed ${seed}`).toBe(true);
    }
  });
});

/** One ends, or starts again with another life or another id, or stops for a while, or goes on. */
function changeOne(network: VirtualNetwork): void {
  const { running } = network;
  const one = running[Math.floor(network.random() * running.length)];
  if (!one || running.length < 3) return;
  const { address, generation, id } = one.self;
  const seeds = network.instances.slice(0, 3).map(({ self }) => self.address);
  const chance = network.random();
  if (one.paused) return network.resume(one);
  if (chance < 0.25) return network.pause(one);
  if (chance > 0.9) return;
  network.kill(one);
  if (chance < 0.5) network.begin(id, { address, seeds, generation: generation + 1 });
  else if (chance < 0.75) network.begin(`${id}-reborn`, { address, seeds });
}
