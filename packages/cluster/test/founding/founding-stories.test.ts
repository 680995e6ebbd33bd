import { describe, expect, it } from 'vitest';
import { chooseVoters } from '../../src/founding/choose-voters.ts';
import { FoundingNetwork } from './founding-network.ts';

describe('how a cluster begins', () => {
  it('three instances that list each other are one cluster a few seconds after they have met', () => {
    const network = new FoundingNetwork(1, { instances: 3 });
    const all = network.addMany(3);
    network.floor = () => 41;
    network.runFor(6000);
    const [foundation] = all.map(({ core }) => core.foundation);
    expect(foundation?.voters.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(foundation?.epochFloor).toBe(41);
    expect(all.map(({ core }) => core.foundation)).toEqual([foundation, foundation, foundation]);
    expect(all.map(({ founded }) => founded.map(({ joined }) => joined))).toEqual([[false], [true], [true]]);
  });

  it('two of three are enough; the third one joins when it comes', () => {
    const network = new FoundingNetwork(2, { instances: 3 });
    network.addMany(2);
    network.runFor(7000);
    expect(network.isFounded).toBe(true);
    const third = network.add('0');
    network.list(third, network.instances);
    network.runFor(100);
    expect(third.founded.map(({ joined }) => joined)).toEqual([true]);
    expect(network.clusters.size).toBe(1);
  });

  it('one of three founds nothing, however long it waits, and says what is missing (#79)', () => {
    const network = new FoundingNetwork(3, { instances: 3 });
    const [one] = network.addMany(3);
    for (const other of network.instances.slice(1)) network.crash(other);
    network.runFor(600_000);
    expect(one?.founded).toEqual([]);
    expect(one?.problems.at(-1)).toMatchObject({
      code: 'SEEDS_UNREACHABLE',
      message: expect.stringContaining('10.0.0.1:7001, 10.0.0.1:7002') as unknown,
    });
  });

  it('a single instance founds at once', () => {
    const network = new FoundingNetwork(4, { instances: 1 });
    const one = network.add('a');
    network.runFor(1000);
    expect(one.founded[0]?.foundation.voters.map(({ id }) => id)).toEqual(['a']);
  });

  it('a single instance that is to replace another joins that one', () => {
    const network = new FoundingNetwork(5);
    const former = network.add('b', { instances: 1 });
    network.runFor(1000);
    const next = network.add('a');
    network.list(next, [former, next], 1);
    network.runFor(10_000);
    expect(next.founded.map(({ joined }) => joined)).toEqual([true]);
    expect(network.clusters.size).toBe(1);
  });

  it('a seed list that names others every second does not hold up those who answer (#80)', () => {
    const network = new FoundingNetwork(6, { instances: 3 });
    const all = network.addMany(3);
    for (let second = 0; second < 8; second += 1) {
      for (const instance of all) {
        network.list(
          instance,
          all.filter(() => network.random() < 0.5),
        );
      }
      network.runFor(1000);
    }
    expect(network.isFounded).toBe(true);
    expect(network.clusters.size).toBe(1);
  });

  it('an instance that is restarted again and again keeps no cluster from being founded by the others (#80)', () => {
    const network = new FoundingNetwork(7, { instances: 3 });
    const [flapping] = network.addMany(3);
    for (let turn = 0; turn < 12 && flapping; turn += 1) {
      network.crash(flapping);
      network.runFor(7000);
      network.restart(flapping);
      network.list(flapping, network.instances);
      network.runFor(300);
    }
    expect(network.isFounded).toBe(true);
    expect(network.clusters.size).toBe(1);
  });

  it('an instance that is reborn at its address counts once, as the new one (#81)', () => {
    const network = new FoundingNetwork(8, { instances: 3 });
    const first = network.add('first');
    const old = network.add('old');
    for (const each of [first, old]) network.list(each, [first, old]);
    network.runFor(1500);
    network.crash(old);
    const reborn = network.add('reborn', { instances: 3, address: old.address });
    network.list(reborn, [first, reborn]);
    network.runFor(8000);
    expect(reborn.core.foundation?.voters.map(({ id }) => id)).toEqual(['first', 'reborn']);
  });

  it('the one that should propose cannot be heard: the next one does', () => {
    const network = new FoundingNetwork(9, { instances: 3 });
    const [lowest] = network.addMany(3);
    network.cut = (from) => from === lowest?.id;
    network.runFor(15_000);
    expect(network.instances.slice(1).every(({ core }) => core.foundation)).toBe(true);
    network.cut = () => false;
    network.runFor(3000);
    expect(lowest?.founded.map(({ joined }) => joined)).toEqual([true]);
  });

  it('one that is founded by a majority comes to life when only a majority of its voters has heard of it', () => {
    const network = new FoundingNetwork(10, { instances: 3 });
    const [, , last] = network.addMany(3);
    network.runFor(3000);
    network.cut = (from, to) => from === last?.id || to === last?.id;
    network.runFor(5000);
    expect(network.instances.filter(({ core }) => core.foundation).map(({ id }) => id)).toEqual(['a', 'b']);
    network.cut = () => false;
    network.runFor(2000);
    expect(network.clusters.size).toBe(1);
    expect(network.isFounded).toBe(true);
  });
});

describe('why there is no cluster yet', () => {
  it('the seed source fails, or lists nobody (#79)', () => {
    const network = new FoundingNetwork(11, { instances: 3 });
    const one = network.add('a');
    network.input(one, { type: 'no-seeds', error: new Error('401 from Marathon') });
    expect(one.problems.at(-1)).toMatchObject({
      code: 'NO_SEEDS',
      message: 'The seed source fails: 401 from Marathon',
    });
    network.list(one, []);
    expect(one.problems.at(-1)?.message).toBe('The seed source lists nobody.');
  });

  it('the only seed is the instance itself', () => {
    const network = new FoundingNetwork(12, { instances: 3 });
    const one = network.add('a');
    network.list(one, [one]);
    expect(one.codes).toEqual(['ONLY_SELF']);
  });

  it('the only seed is the instance itself under another name', () => {
    const network = new FoundingNetwork(13, { instances: 3 });
    const one = network.add('a');
    network.input(one, { type: 'seeds', seeds: [{ host: 'localhost', port: 7000 }] });
    const message = { kind: 'hello' } as const;
    network.input(one, { type: 'received', from: 'a', address: one.address, message });
    expect(one.codes).toEqual(['ONLY_SELF']);
  });

  it('too few are there', () => {
    const network = new FoundingNetwork(14, { instances: 5 });
    const [one] = network.addMany(2);
    network.runFor(25_000);
    expect(one?.problems.at(-1)).toMatchObject({
      code: 'TOO_FEW_INSTANCES',
      message: 'There are to be 5 instances, of which 3 are needed; 2 are there, with this one, for 20 s.',
    });
    expect(network.isFounded).toBe(false);
  });

  it('nobody has said how many there are to be', () => {
    const network = new FoundingNetwork(15);
    const all = network.addMany(3);
    network.runFor(20_000);
    expect(all[0]?.codes).toEqual(['TOO_FEW_INSTANCES']);
    expect(network.clusters.size).toBe(0);
  });

  it('instances are told different numbers: a majority of the larger one is waited for', () => {
    const network = new FoundingNetwork(16);
    const a = network.add('a', { instances: 3 });
    const b = network.add('b', { instances: 5 });
    for (const each of [a, b]) network.list(each, [a, b]);
    network.runFor(20_000);
    expect(a.codes).toContain('INSTANCES_DIFFER');
    expect(network.clusters.size).toBe(0);
  });

  it('others come and go without end', () => {
    const network = new FoundingNetwork(17, { instances: 3 });
    const one = network.add('a');
    for (let second = 0; second < 40; second += 1) {
      const address = { host: 'b', port: second };
      const message = { kind: 'here', address, instances: 3 } as const;
      network.input(one, { type: 'received', from: `b${second}`, address, message });
      network.runFor(1000);
    }
    expect(one.codes).toContain('UNSTABLE_SEEDS');
    expect(one.founded).toEqual([]);
  });
});

describe('the first voters', () => {
  const all = ['d', 'b', 'a', 'c', 'e'].map((id) => ({ id, address: { host: id, port: 1 } }));
  const chosen = (count: number, promised = '', maxVoters = 5) =>
    chooseVoters(all.slice(0, count), (id) => promised.includes(id), maxVoters).map(({ id }) => id);

  it('are an odd number, in the order of their ids, or both of two', () => {
    expect([1, 2, 3, 4, 5].map((count) => chosen(count).join(''))).toEqual([
      'd',
      'bd',
      'abd',
      'abc',
      'abcde',
    ]);
  });

  it('are first of all those who have promised', () => {
    expect(chosen(4, 'dcb').join('')).toBe('bcd');
    expect(chosen(5, 'dce', 3).join('')).toBe('cde');
  });
});
