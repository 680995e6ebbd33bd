import type { MapOutcome } from '../../src/map/map-messages.ts';
import type { ClusterEffect } from '../../src/node/core-messages.ts';
import type { Dice } from './dice.ts';
import type { SimInstance } from './sim-instance.ts';

interface OpenWrite {
  readonly kind: 'write';
  readonly key: string;
  readonly value: number;
}

interface OpenRead {
  readonly kind: 'read';
  /** What was acknowledged before the question. */
  readonly atLeast: ReadonlyMap<string, number>;
}

const KEYS = ['a', 'b', 'c'];

/**
 * Programs that count: each write makes a key one greater than it was read, if nobody else came first. So every number
 * is written once, what was acknowledged can be looked for, and a read that is older than what was acknowledged shows.
 */
export class Clients {
  readonly violations: string[] = [];
  /** The greatest acknowledged number of each key. */
  readonly acknowledged = new Map<string, number>();
  readonly #open = new Map<string, OpenWrite | OpenRead>();
  readonly #settled = new Set<string>();
  readonly #written = new Set<string>();
  readonly #dice: Dice;
  #last = 0;
  writes = 0;
  reads = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  get open(): number {
    return this.#open.size;
  }

  /** One more request at an instance. */
  ask(instance: SimInstance): void {
    const core = instance.core;
    if (!core || !instance.isRunning) return;
    const request = (this.#last += 1);
    const withinMs = this.#dice.between(500, 10_000);
    if (this.#dice.chance(0.3)) {
      this.#open.set(this.#key(instance, request), { kind: 'read', atLeast: new Map(this.acknowledged) });
      return instance.input({ type: 'read', request, withinMs });
    }
    const key = this.#dice.pick(KEYS);
    const known = core.map.get(key);
    const value = typeof known?.value === 'number' ? known.value + 1 : 1;
    const isFenced = this.#dice.chance(0.2) && instance.holdsLease;
    this.#open.set(this.#key(instance, request), { kind: 'write', key, value });
    const change = {
      if: [{ key, version: known?.version ?? 0 }],
      put: { [key]: value },
      ...(isFenced && instance.lease && { epoch: instance.lease.epoch }),
    };
    return instance.input({ type: 'write', request, command: { id: `c${request}`, change }, withinMs });
  }

  /** A process that died knows nothing of its requests. */
  forget(instance: SimInstance): void {
    for (const key of this.#open.keys()) if (key.startsWith(`${instance.slot}/`)) this.#open.delete(key);
  }

  saw(instance: SimInstance, effect: ClusterEffect): void {
    if (effect.type === 'written') this.#onWritten(instance, effect.request, effect.outcome);
    if (effect.type === 'readable' && effect.outcome === 'readable') this.#onRead(instance, effect.request);
    if (effect.type === 'readable') this.#settle(this.#key(instance, effect.request));
  }

  #onWritten(instance: SimInstance, request: number, outcome: MapOutcome): void {
    const key = this.#key(instance, request);
    const open = this.#open.get(key);
    this.#settle(key);
    if (open?.kind !== 'write' || outcome.kind !== 'written') return;
    this.writes += 1;
    const here = instance.core?.map.get(open.key)?.value;
    if (typeof here !== 'number' || here < open.value)
      this.violations.push(`${open.key}=${open.value} was acknowledged at ${instance.slot} and is not there`);
    const number = `${open.key}=${open.value}`;
    if (this.#written.has(number)) this.violations.push(`${number} was acknowledged twice`);
    this.#written.add(number);
    this.acknowledged.set(open.key, Math.max(this.acknowledged.get(open.key) ?? 0, open.value));
  }

  #onRead(instance: SimInstance, request: number): void {
    const open = this.#open.get(this.#key(instance, request));
    if (open?.kind !== 'read') return;
    this.reads += 1;
    for (const [key, least] of open.atLeast) {
      const value = instance.core?.map.get(key)?.value;
      if (typeof value !== 'number' || value < least)
        this.violations.push(
          `a read at ${instance.slot} gave ${key}=${JSON.stringify(value)} after ${least} was acknowledged`,
        );
    }
  }

  #settle(key: string): void {
    if (this.#settled.has(key)) this.violations.push(`request ${key} was settled twice`);
    this.#settled.add(key);
    this.#open.delete(key);
  }

  #key(instance: SimInstance, request: number): string {
    return `${instance.slot}/${request}`;
  }
}
