import { ClusterCore } from '../../src/node/cluster-core.ts';
import { idSource } from '../../src/node/id-source.ts';
import type { ClusterEffect, ClusterInput } from '../../src/node/core-messages.ts';
import type { ClusterTiming } from '../../src/node/cluster-options.ts';
import type { Lease } from '../../src/lease/leader-lease.ts';
import type { Address } from '../../src/membership/member.ts';
import type { SeedList } from '../../src/discovery/seed-source.ts';
import type { Packet } from '../../src/wire/packet.ts';
import type { Dice } from './dice.ts';
import type { EventQueue } from './event-queue.ts';
import { SimDisk } from './sim-disk.ts';

/** What an instance needs of the world around it. */
export interface Surroundings {
  readonly queue: EventQueue;
  readonly dice: Dice;
  /** Undefined: the seed source says it. */
  readonly instances: number | undefined;
  readonly timing: ClusterTiming;
  readonly compactAfter: number;
  send(from: number, to: Address, packet: Packet): void;
  findSeeds(asker: SimInstance): SeedList | Error;
  epochFloor(): number;
  /** Everything else; the stage looks at all of it. */
  saw(instance: SimInstance, effect: ClusterEffect): void;
  /** Its process is over, in whatever way. */
  ended(instance: SimInstance): void;
  /** What was on its disk is lost. */
  lost(instance: SimInstance): void;
}

const GOODBYE_MS = 20_000;

/** A process at an address: it may crash, be stopped for a while, and come back, with or without its disk. */
export class SimInstance {
  /** Of its address. */
  slot: number;
  readonly #hasDisk: boolean;
  readonly #around: Surroundings;
  /** Its clock runs that much faster than true time. */
  readonly #rate: number;
  readonly #bootMs: number;
  #jumpMs = 0;
  #disk: SimDisk;
  #core: ClusterCore | undefined;
  #life = 0;
  #armedMs = Number.POSITIVE_INFINITY;
  #isStopped = false;
  #isLeaving = false;
  #isForGood = false;
  #goodbyeMs = Number.NEGATIVE_INFINITY;
  #hasLeft = false;
  #arrived: (() => void)[] = [];
  lease: Lease | undefined;

  constructor(slot: number, around: Surroundings, hasDisk: boolean) {
    const { dice } = around;
    this.slot = slot;
    this.#hasDisk = hasDisk;
    this.#around = around;
    // The extremes are what leases must bear.
    this.#rate = dice.pick([0.9, 1.1, dice.between(0.9, 1.1)]);
    this.#bootMs = dice.between(0, 1e6);
    this.#disk = new SimDisk(this.#newId());
  }

  get address(): Address {
    return { host: 'sim', port: 1000 + this.slot };
  }

  /** By which a seed source knows it. */
  get name(): string {
    return `task-${this.slot}`;
  }

  get id(): string {
    return this.#disk.id;
  }

  get isUp(): boolean {
    return this.#core !== undefined;
  }

  get isRunning(): boolean {
    return this.isUp && !this.#isStopped;
  }

  /** It has been told to go; without a disk what it has goes with it. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** It has said that it goes for good, or did a moment ago: others may not know yet that it has come back. */
  get isGoing(): boolean {
    return (this.#isLeaving && this.#isForGood) || this.#around.queue.nowMs - this.#goodbyeMs < GOODBYE_MS;
  }

  /** It went for good, and has not come back: what it believes counts no more. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  get disk(): SimDisk {
    return this.#disk;
  }

  /** All sets of voters that it may come to go by. */
  get believed(): readonly (readonly string[])[] {
    return this.#disk.configurations(this.#core?.view().log.committed);
  }

  get core(): ClusterCore | undefined {
    return this.#core;
  }

  get nowMs(): number {
    return this.#bootMs + this.#around.queue.nowMs * this.#rate;
  }

  /** As a program would ask right before it acts; a stopped one can't. */
  get holdsLease(): boolean {
    return this.isUp && this.lease !== undefined && this.nowMs < this.lease.validUntilMs;
  }

  start(): void {
    if (this.#core) return;
    const { compactAfter, dice, instances, timing } = this.#around;
    this.#life += 1;
    this.#hasLeft = false;
    this.#armedMs = Number.POSITIVE_INFINITY;
    this.#core = new ClusterCore({
      name: 'sim',
      address: this.address,
      stored: this.#disk.load(),
      meta: { seed: this.name },
      ...(instances !== undefined && { instances }),
      timing,
      compactAfter,
      random: { next: dice.next },
      newId: () => this.#newId(),
    });
    this.input({ type: 'start' });
  }

  crash(): void {
    this.#end();
  }

  loseDisk(): void {
    this.#disk = new SimDisk(this.#newId());
    this.#around.lost(this);
  }

  /** SIGSTOP: the world goes on without it; what arrives waits. */
  stop(): void {
    if (this.isUp) this.#isStopped = true;
  }

  wake(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    for (const arrived of this.#arrived.splice(0)) arrived();
    this.#arm();
  }

  jumpClock(byMs: number): void {
    this.#jumpMs += byMs;
  }

  receive(packet: Packet): void {
    if (this.#isStopped) this.#arrived.push(() => this.input({ type: 'packet', packet }));
    else this.input({ type: 'packet', packet });
  }

  input(input: ClusterInput): void {
    const core = this.#core;
    if (!core) return;
    if (input.type === 'leave') {
      this.#isLeaving = true;
      this.#isForGood = input.forGood;
      if (input.forGood) this.#goodbyeMs = this.#around.queue.nowMs;
    }
    const moment = { nowMs: this.nowMs, epochMs: 1.7e12 + this.#around.queue.nowMs + this.#jumpMs };
    for (const effect of core.step(moment, input)) this.#execute(effect);
    this.#arm();
  }

  /** Of what it was writing nothing reaches the disk later: a process gives up its lock when its writes are over. */
  #end(): void {
    this.#disk.end(this.#around.dice);
    this.#core = undefined;
    this.lease = undefined;
    this.#isStopped = false;
    this.#isLeaving = false;
    this.#arrived = [];
    this.#life += 1;
    // Without a disk the next one is somebody else.
    if (!this.#hasDisk) this.loseDisk();
    this.#around.ended(this);
  }

  /** In this life of the process, when it isn't stopped. */
  #later(delayMs: number, run: () => void): void {
    const life = this.#life;
    this.#around.queue.after(delayMs, () => {
      if (life !== this.#life) return;
      if (this.#isStopped) this.#arrived.push(run);
      else run();
    });
  }

  #execute(effect: ClusterEffect): void {
    const { dice, queue } = this.#around;
    switch (effect.type) {
      case 'send':
        return this.#around.send(this.slot, effect.to, effect.packet);
      case 'persist': {
        const life = this.#life;
        const { change, write } = effect;
        return this.#disk.write(change, { queue, dice }, (error) => {
          if (life !== this.#life) return;
          const input = { type: 'persisted', write, ...(error && { error }) } as const;
          if (this.#isStopped) this.#arrived.push(() => this.input(input));
          else this.input(input);
        });
      }
      case 'find-seeds':
        return this.#later(dice.between(1, 100), () => {
          const list = this.#around.findSeeds(this);
          if (list instanceof Error) this.input({ type: 'no-seeds', error: list });
          else this.input({ type: 'seeds', ...list });
        });
      case 'ask-epoch-floor':
        return this.#later(dice.between(1, 100), () =>
          this.input({ type: 'epoch-floor', floor: this.#around.epochFloor() }),
        );
      case 'lease':
        this.lease = effect.lease;
        return this.#around.saw(this, effect);
      case 'left':
        this.#around.saw(this, effect);
        this.#end();
        this.#hasLeft = this.#isForGood;
        return;
      default:
        return this.#around.saw(this, effect);
    }
  }

  #arm(): void {
    const atMs = this.#core?.nextDeadlineMs;
    if (atMs === undefined || this.#isStopped || atMs >= this.#armedMs) return;
    this.#armedMs = atMs;
    this.#later((atMs - this.nowMs) / this.#rate + 0.01, () => {
      if (this.#armedMs !== atMs) return;
      this.#armedMs = Number.POSITIVE_INFINITY;
      this.input({ type: 'tick' });
    });
  }

  #newId(): string {
    return idSource({ next: this.#around.dice.next })().slice(0, 10);
  }
}
