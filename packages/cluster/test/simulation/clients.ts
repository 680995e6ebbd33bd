import type { MapOutcome } from '../../src/map/map-messages.ts';
import type { ClusterEffect } from '../../src/node/core-messages.ts';
import type { Dice } from './dice.ts';
import type { SimInstance } from './sim-instance.ts';

type Question =
  | { readonly kind: 'write'; readonly key: string; readonly value: number }
  /** `atLeast`: what was acknowledged before the question. */
  | { readonly kind: 'read'; readonly atLeast: ReadonlyMap<string, number> };

interface Open {
  readonly question: Question;
  /** By the instance's own clock. */
  readonly deadlineMs: number;
}

const KEYS = ['a', 'b', 'c'];
/** An instance looks for what is overdue now and then, not all the time. */
const LATE_MS = 500;

/**
 * Programs that count: each write makes a key one greater than it was read, if nobody else came first. So every number
 * is written once, what was acknowledged can be looked for, and a read that is older than what was acknowledged shows.
 */
export class Clients {
  /** The greatest acknowledged number of each key. */
  readonly acknowledged = new Map<string, number>();
  readonly #open = new Map<SimInstance, Map<number, Open>>();
  readonly #settled = new Set<number>();
  readonly #written = new Set<string>();
  readonly #dice: Dice;
  readonly #violated: (what: string) => void;
  #last = 0;
  writes = 0;
  reads = 0;

  constructor(dice: Dice, violated: (what: string) => void) {
    this.#dice = dice;
    this.#violated = violated;
  }

  get open(): number {
    return [...this.#open.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** One more request at an instance, of any kind. */
  ask(instance: SimInstance): void {
    const withinMs = this.#dice.between(500, 10_000);
    if (this.#dice.chance(0.3)) return this.read(instance, withinMs);
    return this.write(instance, { key: this.#dice.pick(KEYS), withinMs, isFenced: this.#dice.chance(0.2) });
  }

  read(instance: SimInstance, withinMs: number): void {
    if (!instance.isRunning) return;
    const request = this.#begin(instance, withinMs, { kind: 'read', atLeast: new Map(this.acknowledged) });
    instance.input({ type: 'read', request, withinMs });
  }

  /** `isFenced`: only in the epoch of the lease that the instance holds, if it does. */
  write(
    instance: SimInstance,
    {
      isFenced,
      key,
      withinMs,
    }: { readonly isFenced: boolean; readonly key: string; readonly withinMs: number },
  ): void {
    const { core, holdsLease, isRunning, lease } = instance;
    if (!core || !isRunning) return;
    const known = core.map.get(key);
    const value = typeof known?.value === 'number' ? known.value + 1 : 1;
    const request = this.#begin(instance, withinMs, { kind: 'write', key, value });
    const change = {
      if: [{ key, version: known?.version ?? 0 }],
      put: { [key]: value },
      ...(isFenced && holdsLease && lease && { epoch: lease.epoch }),
    };
    instance.input({ type: 'write', request, command: { id: `c${request}`, change }, withinMs });
  }

  /** A process that is over knows nothing of its requests. */
  forget(instance: SimInstance): void {
    this.#open.delete(instance);
  }

  saw(instance: SimInstance, effect: ClusterEffect): void {
    if (effect.type !== 'written' && effect.type !== 'readable') return;
    const { request } = effect;
    if (this.#settled.has(request)) this.#violated(`request ${request} was settled twice`);
    this.#settled.add(request);
    const open = this.#open.get(instance)?.get(request);
    this.#open.get(instance)?.delete(request);
    if (effect.type === 'written') this.#onWritten(instance, open?.question, effect.outcome);
    else if (effect.outcome === 'readable') this.#onRead(instance, open?.question);
  }

  /** A request is settled in time as long as its process runs. */
  lookForOverdue(): void {
    for (const [instance, all] of this.#open) {
      if (!instance.isRunning) continue;
      for (const [request, { deadlineMs, question }] of all) {
        if (instance.nowMs < deadlineMs + LATE_MS) continue;
        this.#violated(
          `request ${request} (${question.kind}) at ${instance.slot} is open ${Math.round(instance.nowMs - deadlineMs)} ms after its deadline`,
        );
      }
    }
  }

  #begin(instance: SimInstance, withinMs: number, question: Question): number {
    const request = (this.#last += 1);
    const all = this.#open.get(instance) ?? new Map<number, Open>();
    this.#open.set(instance, all.set(request, { question, deadlineMs: instance.nowMs + withinMs }));
    return request;
  }

  #onWritten(instance: SimInstance, question: Question | undefined, outcome: MapOutcome): void {
    if (question?.kind !== 'write' || outcome.kind !== 'written') return;
    const { key, value } = question;
    this.writes += 1;
    const here = instance.core?.map.get(key)?.value;
    if (typeof here !== 'number' || here < value)
      this.#violated(`${key}=${value} was acknowledged at ${instance.slot} and is not there`);
    const number = `${key}=${value}`;
    if (this.#written.has(number)) this.#violated(`${number} was acknowledged twice`);
    this.#written.add(number);
    this.acknowledged.set(key, Math.max(this.acknowledged.get(key) ?? 0, value));
  }

  #onRead(instance: SimInstance, question: Question | undefined): void {
    if (question?.kind !== 'read') return;
    this.reads += 1;
    for (const [key, least] of question.atLeast) {
      const value = instance.core?.map.get(key)?.value;
      if (typeof value !== 'number' || value < least)
        this.#violated(
          `a read at ${instance.slot} gave ${key}=${JSON.stringify(value)} after ${least} was acknowledged`,
        );
    }
  }
}
