import { seededRandom } from '@vibrissa/testkit';
import { addressText, type Address } from '../../src/membership/member.ts';
import type { Foundation } from '../../src/founding/foundation.ts';
import { FoundingCore } from '../../src/founding/founding-core.ts';
import type { FoundingEffect, FoundingInput } from '../../src/founding/founding-messages.ts';
import type { FoundingPromise, StorageChange } from '../../src/storage/consensus-storage.ts';

const defaults = { marginMs: 3000, retryMs: 1000 };

interface Disk {
  foundation?: Foundation;
  promise?: FoundingPromise;
}

export interface FoundingOptions {
  readonly instances?: number;
  readonly maxVoters?: number;
  readonly timing?: { readonly marginMs: number; readonly retryMs: number };
}

/** An instance that can crash and come back with what it has on disk. */
export class Instance {
  readonly id: string;
  readonly address: Address;
  disk: Disk = {};
  core: FoundingCore;
  /** Writes that are not on disk yet. */
  writes: { readonly write: number; readonly change: StorageChange }[] = [];
  /** Told by the effects of all its lives. */
  readonly founded: Extract<FoundingEffect, { type: 'founded' }>[] = [];
  readonly problems: Extract<FoundingEffect, { type: 'waiting' }>['problem'][] = [];
  isRunning = false;
  life = 0;

  constructor(id: string, address: Address, core: FoundingCore) {
    this.id = id;
    this.address = address;
    this.core = core;
  }

  get codes(): readonly string[] {
    return this.problems.map(({ code }) => code);
  }
}

/** Instances that are yet to become a cluster, and what lies between them, all from one seed. */
export class FoundingNetwork {
  readonly random: () => number;
  readonly instances: Instance[] = [];
  loss = 0;
  doubled = 0;
  longestDelayMs = 5;
  longestWriteMs = 20;
  /** Called when an instance founds or joins, before it can tell anybody. */
  onFounded: (instance: Instance) => void = () => {};
  cut: (from: string, to: string) => boolean = () => false;
  floor: () => number = () => 0;
  nowMs = 0;
  readonly #options: FoundingOptions;
  readonly #at = new Map<number, (() => void)[]>();
  readonly #byAddress = new Map<string, Instance>();
  #clusters = 0;

  constructor(seed: number, options: FoundingOptions = {}) {
    this.random = seededRandom(seed);
    this.#options = options;
  }

  add(id: string, options: FoundingOptions & { readonly address?: Address } = this.#options): Instance {
    const address = options.address ?? { host: '10.0.0.1', port: 7000 + this.instances.length };
    const instance = new Instance(id, address, this.#core(id, address, {}, options));
    this.instances.push(instance);
    this.#byAddress.set(addressText(address), instance);
    this.#begin(instance);
    return instance;
  }

  /** So many that all list each other. */
  addMany(count: number): readonly Instance[] {
    const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].slice(0, count).map((id) => this.add(id));
    for (const instance of all) this.list(instance, all);
    return all;
  }

  list(instance: Instance, listed: readonly Instance[], instances?: number): void {
    const seeds = listed.map(({ address }) => address);
    this.input(instance, { type: 'seeds', seeds, ...(instances !== undefined && { instances }) });
  }

  /** What was under way to the disk may have got there, up to some write, or not. */
  crash(instance: Instance): void {
    const reached = Math.floor(this.random() * (instance.writes.length + 1));
    for (const { change } of instance.writes.slice(0, reached)) keep(instance.disk, change);
    instance.writes = [];
    instance.isRunning = false;
  }

  restart(instance: Instance): void {
    instance.core = this.#core(instance.id, instance.address, instance.disk, this.#options);
    this.#begin(instance);
  }

  input(instance: Instance, input: FoundingInput): void {
    if (!instance.isRunning) return;
    for (const effect of instance.core.step({ nowMs: this.nowMs }, input)) this.#do(instance, effect);
    const dueMs = instance.core.nextDeadlineMs;
    if (dueMs !== undefined) this.#inLife(instance, dueMs - this.nowMs, { type: 'tick' });
  }

  runFor(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs += 1;
      const due = this.#at.get(this.nowMs);
      this.#at.delete(this.nowMs);
      for (const run of due ?? []) run();
    }
  }

  /** The ids of all clusters that anybody has ever been told of. */
  get clusters(): ReadonlySet<string> {
    const all = this.instances.flatMap(({ founded }) => founded);
    return new Set(all.map(({ foundation }) => JSON.stringify(foundation)));
  }

  get isFounded(): boolean {
    return this.instances.every(({ core, isRunning }) => !isRunning || core.foundation !== undefined);
  }

  #core(id: string, address: Address, stored: Disk, options: FoundingOptions): FoundingCore {
    const { instances, maxVoters = 5, timing = defaults } = options;
    return new FoundingCore({
      self: { id, address },
      maxVoters,
      options: timing,
      stored: { ...stored },
      random: { next: this.random },
      newId: () => {
        this.#clusters += 1;
        return `cluster-${this.#clusters}`;
      },
      ...(instances !== undefined && { instances }),
    });
  }

  #begin(instance: Instance): void {
    instance.isRunning = true;
    instance.life += 1;
    this.input(instance, { type: 'start' });
  }

  #do(instance: Instance, effect: FoundingEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#send(instance, effect);
      case 'persist': {
        const { change, write } = effect;
        instance.writes.push({ write, change });
        // In order: each one when those before it are done.
        this.#inLife(instance, this.random() * this.longestWriteMs, { type: 'persisted', write });
        return;
      }
      case 'ask-epoch-floor':
        return this.#inLife(instance, this.random() * 500, { type: 'epoch-floor', floor: this.floor() });
      case 'founded':
        instance.founded.push(effect);
        return this.onFounded(instance);
      case 'waiting':
        instance.problems.push(effect.problem);
    }
  }

  #inLife(instance: Instance, delayMs: number, input: FoundingInput): void {
    const { life } = instance;
    this.#after(delayMs, () => {
      if (instance.life !== life || !instance.isRunning) return;
      if (input.type === 'persisted') this.#written(instance, input.write);
      else this.input(instance, input);
    });
  }

  #written(instance: Instance, last: number): void {
    const done = instance.writes.filter(({ write }) => write <= last);
    instance.writes = instance.writes.filter(({ write }) => write > last);
    for (const { change, write } of done) {
      keep(instance.disk, change);
      this.input(instance, { type: 'persisted', write });
    }
  }

  #send(from: Instance, { message, to: address }: FoundingEffect & { type: 'send' }): void {
    const to = this.#byAddress.get(addressText(address));
    if (!to) return;
    const copies = this.random() < this.doubled ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (this.cut(from.id, to.id) || this.random() < this.loss) continue;
      const received: FoundingInput = { type: 'received', from: from.id, address: from.address, message };
      this.#after(this.random() * this.longestDelayMs, () => this.input(to, received));
    }
  }

  #after(ms: number, run: () => void): void {
    const atMs = this.nowMs + Math.max(1, Math.ceil(ms));
    const due = this.#at.get(atMs);
    if (due) due.push(run);
    else this.#at.set(atMs, [run]);
  }
}

function keep(disk: Disk, { foundation, promise }: StorageChange): void {
  if (foundation) disk.foundation = foundation;
  if (promise) disk.promise = promise;
}
