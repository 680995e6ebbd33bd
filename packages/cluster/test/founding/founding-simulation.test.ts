import { describe, expect, it } from 'vitest';
import { FoundingNetwork, type Instance } from './founding-network.ts';

const seedsPerSize = 300;

/** Two minutes of everything that goes wrong, then calm. */
function live(network: FoundingNetwork, all: readonly Instance[]): void {
  const { random } = network;
  network.loss = random() * 0.4;
  network.doubled = random() * 0.3;
  network.longestDelayMs = random() < 0.3 ? 4000 : 50;
  for (let turn = 0; turn < 12; turn += 1) {
    for (const instance of all) disturb(network, instance, all);
    partition(network, all);
    network.runFor(random() * 6000);
  }
  network.loss = 0;
  network.cut = () => false;
  network.longestDelayMs = 5;
  for (const instance of all) {
    if (!instance.isRunning) network.restart(instance);
    network.list(instance, all);
  }
  network.runFor(40_000);
}

function disturb(network: FoundingNetwork, instance: Instance, all: readonly Instance[]): void {
  const chance = network.random();
  if (!instance.isRunning) {
    if (chance < 0.6) network.restart(instance);
  } else if (chance < 0.15) network.crash(instance);
  if (network.random() < 0.3)
    network.list(
      instance,
      all.filter(() => network.random() < 0.7),
    );
}

function partition(network: FoundingNetwork, all: readonly Instance[]): void {
  const { random } = network;
  const sides = new Map(all.map(({ id }) => [id, random() < 0.5]));
  const kind = random();
  if (kind < 0.4) network.cut = () => false;
  else if (kind < 0.8) network.cut = (from, to) => sides.get(from) !== sides.get(to);
  else network.cut = (from, to) => sides.get(from) === true && sides.get(to) === false;
}

describe('founding under everything that can happen', () => {
  it.each([3, 5])('%i instances never found two clusters, and in calm they found one (#79, #80)', (count) => {
    for (let seed = 1; seed <= seedsPerSize; seed += 1) {
      const network = new FoundingNetwork(seed, { instances: count });
      const all = network.addMany(count);
      live(network, all);
      expect(network.clusters.size, `seed ${seed}`).toBe(1);
      expect(network.isFounded, `seed ${seed}`).toBe(true);
    }
  });
});
