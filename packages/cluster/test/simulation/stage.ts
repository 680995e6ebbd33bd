import type { SeedList } from '../../src/discovery/seed-source.ts';
import type { Address } from '../../src/membership/member.ts';
import type { ClusterTiming } from '../../src/node/cluster-options.ts';
import type { ClusterEffect } from '../../src/node/core-messages.ts';
import { timingOf } from '../../src/node/timing.ts';
import { Clients } from './clients.ts';
import { Dice } from './dice.ts';
import { EventQueue } from './event-queue.ts';
import { Invariants } from './invariants.ts';
import { Network } from './network.ts';
import { SimInstance } from './sim-instance.ts';

export interface StagePlan {
  readonly seed: number;
  /** How many instances there are to be; so many are there at first, and none of them is started. */
  readonly size: number;
  /** Without a disk, each life of an instance is that of a new member. Default: with. */
  readonly hasDisks?: boolean;
  /** The seed source says how many there are to be, as Marathon does; else each instance is told. */
  readonly isCountedBySeeds?: boolean;
  readonly timing?: Partial<ClusterTiming>;
  /** Entries after which a log is replaced by a snapshot. */
  readonly compactAfter?: number;
  readonly tell?: (line: string) => void;
}

/** So often it is looked for requests that are overdue. */
const LOOK_MS = 1000;
/** No disk is lost so shortly after another: a leader that misses nobody yet may change who votes. */
const MISSED_AFTER_MS = 5000;
/** And so often whether it is as a story waits for. */
const STEP_MS = 20;

/** A cluster of whole instances in virtual time, what may happen to it, and what must be so at each moment. */
export class Stage {
  readonly queue = new EventQueue();
  readonly dice: Dice;
  readonly network: Network;
  readonly invariants = new Invariants();
  readonly clients: Clients;
  /** Those that are to be there, running or not. Who is gone for good is not among them. */
  readonly instances: SimInstance[] = [];
  readonly #plan: StagePlan;
  readonly #timing: ClusterTiming;
  readonly #bySlot = new Map<number, SimInstance>();
  #lastSlot = -1;
  #nextLookMs = 0;
  /** When somebody went for good, last. */
  #lastGoneMs = 0;
  #lastLossMs = Number.NEGATIVE_INFINITY;
  /** How many there are to be. */
  wanted: number;
  /** What the seed source says to whom. */
  seeds: (asker: SimInstance) => SeedList | Error;

  constructor(plan: StagePlan) {
    this.#plan = plan;
    this.dice = new Dice(plan.seed);
    this.wanted = plan.size;
    this.#timing = {
      ...timingOf('default'),
      replaceAfterMs: 10_000,
      seedsLaterMs: 12_000,
      ...plan.timing,
    };
    this.clients = new Clients(this.dice, (what) => this.invariants.violated(what));
    this.network = new Network(this.queue, this.dice, (slot, packet) =>
      this.#bySlot.get(slot)?.receive(packet),
    );
    this.seeds = () => this.listed(this.instances.map(({ address }) => address));
    for (let count = 0; count < plan.size; count++) this.add();
  }

  get isCountedBySeeds(): boolean {
    return this.#plan.isCountedBySeeds ?? false;
  }

  get hasDisks(): boolean {
    return this.#plan.hasDisks ?? true;
  }

  get violations(): readonly string[] {
    return this.invariants.violations;
  }

  get lastGoneMs(): number {
    return this.#lastGoneMs;
  }

  /** Who may act as the leader now. */
  get leader(): SimInstance | undefined {
    return this.instances.find(({ holdsLease }) => holdsLease);
  }

  tell(line: string): void {
    this.#plan.tell?.(`${(this.queue.nowMs / 1000).toFixed(3)} ${line}`);
  }

  /** As a seed source that knows names, and perhaps the count, would say it. */
  listed(addresses: readonly Address[]): SeedList {
    const seeds = addresses.map((address) => ({
      address,
      healthy: true,
      name: `task-${address.port - 1000}`,
    }));
    return { seeds, ...(this.#plan.isCountedBySeeds && { instances: this.wanted }) };
  }

  /** A new instance at a new address. It isn't started. */
  add(): SimInstance {
    const instance = new SimInstance(
      this.#newSlot(),
      {
        queue: this.queue,
        dice: this.dice,
        instances: this.#plan.isCountedBySeeds ? undefined : this.#plan.size,
        timing: this.#timing,
        compactAfter: this.#plan.compactAfter ?? 1000,
        send: (from, to, packet) => this.network.send(from, to.port - 1000, packet),
        findSeeds: (asker) => this.seeds(asker),
        epochFloor: () => this.invariants.epoch,
        saw: (from, effect) => this.#saw(from, effect),
        ended: (from) => this.clients.forget(from),
        lost: () => (this.#lastLossMs = this.queue.nowMs),
      },
      this.hasDisks,
    );
    this.instances.push(instance);
    this.#bySlot.set(instance.slot, instance);
    return instance;
  }

  /** Its process, if any, its disk and its address are no more. */
  remove(instance: SimInstance): void {
    if (instance.isUp) instance.crash();
    this.#bySlot.delete(instance.slot);
    const at = this.instances.indexOf(instance);
    if (at >= 0) this.instances.splice(at, 1);
    this.#lastGoneMs = this.#lastLossMs = this.queue.nowMs;
    this.tell(`${instance.slot} is gone for good`);
  }

  /** With its disk to another address; it must not run. */
  move(instance: SimInstance): void {
    if (instance.isUp) throw new Error('only what is down can be moved');
    this.#bySlot.delete(instance.slot);
    instance.slot = this.#newSlot();
    this.#bySlot.set(instance.slot, instance);
  }

  /**
   * Would a majority of disks be left of all sets of voters that anybody may believe in, or come to believe in? What a
   * majority has written is never lost as long as that is so, and it can go on. Who says goodbye is as good as lost, and who
   * was lost a moment ago is not missed yet by the leader.
   */
  canLoseDisk(instance: SimInstance): boolean {
    if (this.#isLossFresh || this.instances.every(({ hasLeft }) => hasLeft)) return false;
    const isAlone = ({ believed }: SimInstance) => believed.some((voters) => voters.length === 1);
    // One that votes alone needs the second one from the moment on at which that is to vote.
    if (!instance.hasLeft && this.instances.some(isAlone)) return false;
    const isLost = (each: SimInstance) => each === instance || each.isGoing;
    const ids = new Set(this.instances.filter((each) => !isLost(each)).map(({ id }) => id));
    return this.instances.every(({ believed, hasLeft }) => {
      if (hasLeft) return true;
      const isAlive = (voters: readonly string[]) =>
        voters.filter((id) => ids.has(id)).length * 2 > voters.length;
      return believed.length > 0 && believed.every(isAlive);
    });
  }

  /** In peace, it needs a majority once more: nobody else may be lost. */
  canLeave(instance: SimInstance): boolean {
    const ids = new Set(this.instances.map(({ id }) => id));
    const isWhole = this.instances.every(({ believed }) => believed.flat().every((id) => ids.has(id)));
    return this.canLoseDisk(instance) || (this.hasDisks && isWhole && !this.#isLossFresh);
  }

  get #isLossFresh(): boolean {
    return this.queue.nowMs - this.#lastLossMs < MISSED_AFTER_MS;
  }

  /** Until then, or until something is violated. */
  runUntil(untilMs: number): void {
    while (this.violations.length === 0 && this.queue.step(untilMs)) {
      if (this.queue.nowMs < this.#nextLookMs) continue;
      this.#nextLookMs = this.queue.nowMs + LOOK_MS;
      this.clients.lookForOverdue();
    }
  }

  /** Until something is so; throws when that takes longer, or something is violated. */
  until<T>(what: () => T | undefined | false, withinMs: number): T {
    const untilMs = this.queue.nowMs + withinMs;
    for (;;) {
      const value = what();
      if (value !== undefined && value !== false) return value;
      if (this.queue.nowMs >= untilMs) throw new Error(`${withinMs} ms have passed: ${what.toString()}`);
      this.runFor(STEP_MS);
    }
  }

  /** Throws when something is violated meanwhile. */
  runFor(ms: number): void {
    this.runUntil(this.queue.nowMs + ms);
    if (this.violations.length > 0) throw new Error(this.violations.join('; '));
  }

  #saw(instance: SimInstance, effect: ClusterEffect): void {
    if (effect.type === 'changed') this.tell(`${instance.slot} ${effect.change.line}`);
    if (effect.type === 'lease' && !effect.lease) this.tell(`${instance.slot} lost its lease: ${effect.why}`);
    this.invariants.saw(instance, effect, this.instances);
    this.clients.saw(instance, effect);
  }

  #newSlot(): number {
    return (this.#lastSlot += 1);
  }
}
