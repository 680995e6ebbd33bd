import { timingOf } from '../../src/node/timing.ts';
import { Clients } from './clients.ts';
import { Dice } from './dice.ts';
import { EventQueue } from './event-queue.ts';
import { Invariants } from './invariants.ts';
import { Network } from './network.ts';
import { SimInstance } from './sim-instance.ts';

export interface Outcome {
  readonly violations: readonly string[];
  readonly virtualMs: number;
  readonly failovers: number;
  readonly writes: number;
  readonly reads: number;
}

/** How long things go wrong, and how long they are well again afterwards. */
const WILD_MS = [25_000, 25_000, 25_000, 90_000];
const CALM_MS = 25_000;
/** At the very end nobody asks any more. */
const QUIET_MS = 13_000;
const LONGEST_STOP_MS = 60_000;

/** A cluster of 3, 5 or 7 in virtual time, to which everything happens that one seed can think of. */
export class World {
  readonly #queue = new EventQueue();
  readonly #dice: Dice;
  readonly #network: Network;
  readonly #invariants = new Invariants();
  readonly #clients: Clients;
  readonly #instances: readonly SimInstance[];
  readonly #tell: (line: string) => void;
  readonly #wildMs: number;
  #isAsked = true;
  #areSeedsDown = false;

  constructor(seed: number, tell: (line: string) => void = () => {}) {
    this.#dice = new Dice(seed);
    this.#tell = (line) => tell(`${(this.#queue.nowMs / 1000).toFixed(3)} ${line}`);
    const dice = this.#dice;
    const size = dice.pick([3, 3, 5, 5, 7]);
    this.#wildMs = dice.pick(WILD_MS);
    this.#clients = new Clients(dice);
    this.#network = new Network(this.#queue, dice, (slot, packet) => this.#instances[slot]?.receive(packet));
    const timing = { ...timingOf('default'), replaceAfterMs: 10_000, seedsLaterMs: 12_000 };
    this.#instances = Array.from(
      { length: size },
      (_, slot) =>
        new SimInstance(slot, {
          queue: this.#queue,
          dice,
          size,
          timing,
          send: (from, to, packet) => this.#network.send(from, to.port - 1000, packet),
          findSeeds: () => this.#findSeeds(),
          epochFloor: () => this.#invariants.epoch,
          saw: (instance, effect) => {
            if (effect.type === 'changed') this.#tell(`${instance.slot} ${effect.change.line}`);
            if (effect.type === 'lease' && !effect.lease)
              this.#tell(`${instance.slot} lost its lease: ${effect.why}`);
            if (effect.type === 'left') this.#clients.forget(instance);
            this.#invariants.saw(instance, effect);
            this.#clients.saw(instance, effect);
          },
        }),
    );
  }

  run(): Outcome {
    for (const instance of this.#instances)
      this.#queue.after(this.#dice.between(0, 3000), () => instance.start());
    this.#mishapLater();
    this.#askLater();
    this.#runUntil(this.#wildMs);
    this.#calm();
    this.#runUntil(this.#wildMs + CALM_MS);
    this.#isAsked = false;
    this.#runUntil(this.#wildMs + CALM_MS + QUIET_MS);
    return this.#judge();
  }

  #runUntil(untilMs: number): void {
    while (this.#queue.step(untilMs)) {
      this.#invariants.look(this.#instances);
      if (this.#violations().length > 0) return;
    }
  }

  #violations(): readonly string[] {
    return [...this.#invariants.violations, ...this.#clients.violations];
  }

  #findSeeds() {
    if (this.#areSeedsDown) return new Error('the seed source is down');
    const all = this.#instances.map(({ address }) => address);
    return this.#dice.chance(0.1) ? all.filter(() => this.#dice.chance(0.5)) : all;
  }

  #askLater(): void {
    this.#queue.after(this.#dice.between(5, 300), () => {
      if (!this.#isAsked) return;
      this.#clients.ask(this.#dice.pick(this.#instances));
      this.#askLater();
    });
  }

  #mishapLater(): void {
    this.#queue.after(this.#dice.between(50, 6000), () => {
      if (this.#queue.nowMs > this.#wildMs) return;
      this.#mishap(this.#dice.pick(this.#instances));
      this.#mishapLater();
    });
  }

  #mishap(at: SimInstance): void {
    const { next } = this.#dice;
    const kinds = [
      () => this.#crash(at),
      () => this.#crash(at),
      () => this.#stop(at),
      () => this.#partition(),
      () => this.#isolate(this.#instances.find(({ holdsLease }) => holdsLease) ?? at),
      () => this.#oneWay(),
      () => this.#weather(),
      () => this.#crash(this.#instances.find(({ holdsLease }) => holdsLease) ?? at),
      () => this.#slowDisk(at),
      () => this.#breakDisk(at),
      () => this.#jumpClock(at),
      () => this.#leave(at),
      () => this.#resign(at),
      () => this.#seedsDown(),
      () => this.#crashAll(),
    ];
    kinds[Math.floor(next() * kinds.length)]!();
  }

  #crash(at: SimInstance): void {
    if (!at.isUp) return;
    this.#clients.forget(at);
    at.crash();
    const losesDisk = this.#dice.chance(0.3) && this.#canLoseDisk(at);
    if (losesDisk) at.loseDisk();
    this.#tell(`${at.slot} crashes${losesDisk ? ' and loses its disk' : ''}`);
    this.#queue.after(this.#dice.between(10, 15_000), () => this.#restart(at));
  }

  #restart(at: SimInstance): void {
    if (at.isUp) return;
    at.disk.isFull = false;
    this.#tell(`${at.slot} starts`);
    at.start();
  }

  /** What a majority of disks held is never lost while a majority of disks is left: of all sets of voters that anybody may believe in. */
  #canLoseDisk(at: SimInstance): boolean {
    const ids = new Set(this.#instances.filter((each) => each !== at).map(({ id }) => id));
    const known = this.#instances.map(({ disk }) => disk.configurations());
    return known.every(
      (configurations) =>
        configurations.length > 0 &&
        configurations.every((voters) => voters.filter((id) => ids.has(id)).length > voters.length / 2),
    );
  }

  #crashAll(): void {
    if (this.#dice.chance(0.7)) return;
    this.#tell('power is lost');
    for (const each of this.#instances) {
      if (!each.isUp) continue;
      this.#clients.forget(each);
      each.crash();
      this.#queue.after(this.#dice.between(10, 8000), () => this.#restart(each));
    }
  }

  #stop(at: SimInstance): void {
    if (!at.isRunning) return;
    const forMs = this.#dice.chance(0.3)
      ? this.#dice.between(0, LONGEST_STOP_MS)
      : this.#dice.between(0, 5000);
    this.#tell(`${at.slot} is stopped for ${Math.round(forMs)} ms`);
    at.stop();
    this.#queue.after(Math.min(forMs, this.#wildMs - this.#queue.nowMs), () => at.wake());
  }

  #partition(): void {
    const side = new Set(this.#instances.filter(() => this.#dice.chance(0.5)).map(({ slot }) => slot));
    this.#tell(`${[...side].join(',')} are cut off from the others`);
    for (const { slot: one } of this.#instances)
      for (const { slot: other } of this.#instances)
        if (side.has(one) !== side.has(other)) this.#network.cut(one, other);
    this.#healLater();
  }

  #isolate({ slot }: SimInstance): void {
    const ways = this.#dice.pick(['both', 'in', 'out']);
    this.#tell(`${slot} is cut off (${ways})`);
    for (const { slot: other } of this.#instances) {
      if (ways !== 'in') this.#network.cut(slot, other);
      if (ways !== 'out') this.#network.cut(other, slot);
    }
    this.#healLater();
  }

  #oneWay(): void {
    const from = this.#dice.pick(this.#instances).slot;
    const to = this.#dice.pick(this.#instances).slot;
    this.#tell(`nothing goes from ${from} to ${to}`);
    this.#network.cut(from, to);
    this.#healLater();
  }

  #weather(): void {
    this.#network.weather = {
      loss: this.#dice.between(0, 0.3),
      doubled: this.#dice.between(0, 0.3),
      slowestMs: this.#dice.pick([5, 100, 1500]),
    };
    this.#tell(`weather ${JSON.stringify(this.#network.weather)}`);
    this.#healLater();
  }

  #healLater(): void {
    this.#queue.after(this.#dice.between(100, 15_000), () => {
      this.#tell('the network is well');
      this.#network.heal();
    });
  }

  #slowDisk(at: SimInstance): void {
    at.disk.slowestMs = this.#dice.pick([4, 200, 2500]);
  }

  #breakDisk(at: SimInstance): void {
    if (!at.isUp) return;
    this.#tell(`the disk of ${at.slot} is full`);
    at.disk.isFull = true;
    this.#queue.after(this.#dice.between(100, 10_000), () => {
      if (at.isUp) at.crash();
      this.#clients.forget(at);
      this.#restart(at);
    });
  }

  #jumpClock(at: SimInstance): void {
    at.jumpClock(this.#dice.pick([-3_600_000, 3_600_000]));
  }

  #leave(at: SimInstance): void {
    if (!at.isRunning) return;
    this.#tell(`${at.slot} leaves, and will be back`);
    this.#clients.forget(at);
    at.input({ type: 'leave', forGood: false, withinMs: 5000 });
    this.#queue.after(this.#dice.between(5000, 15_000), () => {
      if (at.isUp) at.crash();
      this.#restart(at);
    });
  }

  #resign(at: SimInstance): void {
    if (at.isRunning) at.input({ type: 'resign', why: 'it was asked to' });
  }

  #seedsDown(): void {
    this.#areSeedsDown = true;
    this.#queue.after(this.#dice.between(100, 20_000), () => (this.#areSeedsDown = false));
  }

  #calm(): void {
    this.#tell('all is well again');
    this.#network.heal();
    this.#areSeedsDown = false;
    for (const each of this.#instances) {
      each.disk.slowestMs = 4;
      if (each.disk.isFull && each.isUp) {
        this.#clients.forget(each);
        each.crash();
      }
      each.disk.isFull = false;
      each.wake();
      this.#restart(each);
    }
  }

  #judge(): Outcome {
    const violations = [...this.#violations()];
    if (violations.length === 0) violations.push(...this.#atTheEnd());
    return {
      violations,
      virtualMs: this.#queue.nowMs,
      failovers: this.#invariants.failovers,
      writes: this.#clients.writes,
      reads: this.#clients.reads,
    };
  }

  #atTheEnd(): readonly string[] {
    const wrong: string[] = [];
    const holders = this.#instances.filter(({ holdsLease }) => holdsLease);
    if (holders.length !== 1) wrong.push(`${holders.length} instances lead in the end`);
    if (this.#clients.open > 0) wrong.push(`${this.#clients.open} requests were never settled`);
    const maps = new Set(
      this.#instances.map(({ core }) =>
        JSON.stringify([...(core?.map.entries('') ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      ),
    );
    if (maps.size !== 1) wrong.push(`the maps differ in the end: ${[...maps].join(' | ')}`);
    for (const [key, least] of this.#clients.acknowledged) {
      const value = this.#instances[0]?.core?.map.get(key)?.value;
      if (typeof value !== 'number' || value < least)
        wrong.push(`${key} is ${JSON.stringify(value)} in the end, and ${least} was acknowledged`);
    }
    for (const { core, slot } of this.#instances) {
      const leader = core?.view().leader?.id;
      if (leader !== holders[0]?.id) wrong.push(`${slot} takes ${leader} for the leader`);
      const standing = core?.members().filter(({ state }) => state === 'alive').length;
      if (standing !== this.#instances.length) wrong.push(`${slot} knows of ${standing} living members`);
    }
    return wrong;
  }
}
