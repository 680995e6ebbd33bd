import { seededRandom } from '@vibrissa/testkit';
import { addressText, type Address, type Member } from '../../src/membership/member.ts';
import { SwimCore, type SwimOptions } from '../../src/membership/swim-core.ts';
import type { SwimEffect, SwimInput } from '../../src/membership/swim-messages.ts';
import type { Packet } from '../../src/wire/packet.ts';

export const defaultSwim: SwimOptions = { probeMs: 500, probeTimeoutMs: 200, suspicionRounds: 3 };

/** What sealing and the headers of IP and UDP add to a packet. */
const SEAL_BYTES = 60;

type Cut = (from: string, to: string) => boolean;

/** One instance in virtual time; its clock began at some other moment than the others'. */
export class Instance {
  readonly self: Member;
  readonly core: SwimCore;
  readonly effects: SwimEffect[] = [];
  sentBytes = 0;
  isRunning = true;
  /** Stopped as by SIGSTOP: what comes waits. */
  paused: SwimInput[] | undefined;
  readonly offsetMs: number;

  constructor(self: Member, offsetMs: number, network: VirtualNetwork) {
    this.self = self;
    this.offsetMs = offsetMs;
    const options = network.options;
    this.core = new SwimCore({ self, options, random: { next: network.random } });
  }

  knows(id: string): Member['state'] | undefined {
    return this.core.get(id)?.state;
  }

  /** Whom it takes for alive, itself included. */
  living(): readonly string[] {
    const members = [...this.core.members()].filter(({ state }) => state === 'alive');
    return members.map(({ id }) => id).toSorted();
  }
}

/** Many instances and what lies between them, all from one seed. */
export class VirtualNetwork {
  readonly random: () => number;
  readonly options: SwimOptions;
  readonly instances: Instance[] = [];
  loss: number;
  cut: Cut = () => false;
  nowMs = 0;
  readonly #at = new Map<number, (() => void)[]>();
  readonly #wakes = new Map<Instance, number>();
  readonly #byAddress = new Map<string, Instance>();

  constructor(of: { readonly seed: number; readonly loss?: number; readonly options?: SwimOptions }) {
    this.random = seededRandom(of.seed);
    this.loss = of.loss ?? 0;
    this.options = of.options ?? defaultSwim;
  }

  /** Begins an instance; of those with one address the last one is reached there. */
  begin(
    id: string,
    of: { seeds?: readonly Address[]; address?: Address; generation?: number } = {},
  ): Instance {
    const address = of.address ?? { host: '10.0.0.1', port: 7000 + this.instances.length };
    const self: Member = {
      id,
      address,
      generation: of.generation ?? 1,
      incarnation: 0,
      state: 'alive',
      meta: {},
    };
    const instance = new Instance(self, Math.floor(this.random() * 1e6), this);
    this.instances.push(instance);
    this.#byAddress.set(addressText(address), instance);
    this.input(instance, { type: 'start', seeds: of.seeds ?? [] });
    return instance;
  }

  /** So many instances with ids like those of real ones, the first of which is everybody's seed. */
  beginMany(count: number): readonly Instance[] {
    const seeds = [{ host: '10.0.0.1', port: 7000 }];
    const ids = Array.from(
      { length: count },
      (_, index) => `${String(index).padStart(8, '0')}-4a5b-4c6d-8e7f-0123456789ab`,
    );
    return ids.map((id) => this.begin(id, { seeds }));
  }

  kill(instance: Instance): void {
    instance.isRunning = false;
  }

  pause(instance: Instance): void {
    instance.paused = [];
  }

  resume(instance: Instance): void {
    const missed = instance.paused ?? [];
    instance.paused = undefined;
    // A process that wakes finds its timers due, and then what has come meanwhile.
    this.input(instance, { type: 'tick' });
    for (const input of missed) this.input(instance, input);
  }

  input(instance: Instance, input: SwimInput): void {
    if (!instance.isRunning) return;
    if (instance.paused) {
      if (input.type === 'received') instance.paused.push(input);
      return;
    }
    const effects = instance.core.step({ nowMs: this.nowMs + instance.offsetMs }, input);
    for (const effect of effects) {
      if (effect.type === 'send') this.#send(instance, effect);
      else instance.effects.push(effect);
    }
    this.#arm(instance);
  }

  runFor(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs += 1;
      this.#runNow();
    }
  }

  /** Runs until it is so; says how long that took, or fails after `withinMs`. */
  runUntil(isSo: () => boolean, withinMs: number): number {
    const beganMs = this.nowMs;
    while (!isSo()) {
      if (this.nowMs - beganMs >= withinMs) throw new Error(`it is not so after ${withinMs} ms`);
      this.runFor(10);
    }
    return this.nowMs - beganMs;
  }

  get running(): readonly Instance[] {
    return this.instances.filter(({ isRunning }) => isRunning);
  }

  /** Everybody who runs takes exactly those for alive who run. */
  get isAgreed(): boolean {
    const ids = this.running
      .map(({ self }) => self.id)
      .toSorted()
      .join();
    return this.running.every((instance) => instance.living().join() === ids);
  }

  after(ms: number, run: () => void): void {
    const atMs = this.nowMs + Math.max(1, Math.ceil(ms));
    const due = this.#at.get(atMs);
    if (due) due.push(run);
    else this.#at.set(atMs, [run]);
  }

  #runNow(): void {
    const due = this.#at.get(this.nowMs);
    this.#at.delete(this.nowMs);
    for (const run of due ?? []) run();
  }

  #send(from: Instance, effect: SwimEffect & { type: 'send' }): void {
    const { address, generation, id } = from.self;
    const body = { layer: 'swim', message: effect.message } as const;
    const packet: Packet = { from: { id, generation, address }, clusterId: 'c'.repeat(36), at: 1.7e12, body };
    const json = JSON.stringify(packet);
    from.sentBytes += json.length + SEAL_BYTES;
    const to = this.#byAddress.get(addressText(effect.to));
    if (!to || this.cut(id, to.self.id)) return;
    if (effect.reliable ? this.cut(to.self.id, id) : this.random() < this.loss) return;
    const { message } = (JSON.parse(json) as { body: typeof body }).body;
    const received: SwimInput = { type: 'received', from: address, sender: { id, generation }, message };
    this.after(this.random() * 5, () => {
      if (this.#byAddress.get(addressText(effect.to)) === to) this.input(to, received);
    });
  }

  /** A tick at the moment that the core has asked for; earlier ones that it asked for before do no harm. */
  #arm(instance: Instance): void {
    const dueMs = instance.core.nextDeadlineMs;
    if (dueMs === undefined) return;
    const atMs = Math.max(this.nowMs + 1, Math.ceil(dueMs - instance.offsetMs));
    const armedMs = this.#wakes.get(instance);
    if (armedMs !== undefined && armedMs > this.nowMs && armedMs <= atMs) return;
    this.#wakes.set(instance, atMs);
    this.after(atMs - this.nowMs, () => {
      this.#wakes.delete(instance);
      this.input(instance, { type: 'tick' });
    });
  }
}
