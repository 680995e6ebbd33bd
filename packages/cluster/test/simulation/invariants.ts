import type { ClusterEffect } from '../../src/node/core-messages.ts';
import type { SimInstance } from './sim-instance.ts';

/** What must be so at every moment, whatever has failed. */
export class Invariants {
  readonly violations: string[] = [];
  readonly #clusters = new Set<string>();
  /** By the index in the log: what all instances must apply there. */
  readonly #applied = new Map<number, string>();
  #epoch = 0;
  #holder: SimInstance | undefined;
  #failovers = 0;

  get epoch(): number {
    return this.#epoch;
  }

  get failovers(): number {
    return this.#failovers;
  }

  saw(instance: SimInstance, effect: ClusterEffect, all: readonly SimInstance[]): void {
    switch (effect.type) {
      case 'lease':
        return this.#lease(instance, effect.lease?.epoch, all);
      case 'map-changed': {
        const { removed, reset, values, version } = effect.changed;
        if (reset) return;
        const text = JSON.stringify([
          [...values].toSorted(([a], [b]) => (a < b ? -1 : 1)),
          removed.toSorted(),
        ]);
        const known = this.#applied.get(version);
        if (known === undefined) this.#applied.set(version, text);
        else if (known !== text)
          this.violated(`entry ${version} is ${text} at ${instance.slot}, and was ${known} elsewhere`);
        return;
      }
      case 'changed': {
        const id = /cluster (\w+)/.exec(effect.change.line)?.[1];
        if (effect.change.kind !== 'founded' || id === undefined) return;
        this.#clusters.add(id);
        if (this.#clusters.size > 1) this.violated(`a second cluster: ${[...this.#clusters].join(', ')}`);
        return;
      }
      default:
    }
  }

  violated(what: string): void {
    if (this.violations.length < 5) this.violations.push(what);
  }

  /** Leases end by themselves: if ever there are two, there are when the later one of them is given or renewed. */
  #lease(instance: SimInstance, epoch: number | undefined, all: readonly SimInstance[]): void {
    if (epoch === undefined) return;
    const others = all.filter((each) => each.holdsLease && each !== instance);
    if (others.length > 0 && instance.holdsLease)
      this.violated(
        `two leases at one moment: ${[instance, ...others].map(({ slot, lease }) => `${slot} in epoch ${lease?.epoch}`).join(', ')}`,
      );
    if (epoch < this.#epoch)
      this.violated(`epoch ${epoch} of ${instance.slot} comes after epoch ${this.#epoch}`);
    if (epoch === this.#epoch && this.#holder !== instance) this.violated(`epoch ${epoch} has two holders`);
    if (epoch > this.#epoch) this.#failovers += 1;
    this.#epoch = epoch;
    this.#holder = instance;
  }
}
