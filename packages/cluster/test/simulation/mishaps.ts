import type { SimInstance } from './sim-instance.ts';
import type { Stage } from './stage.ts';

const LONGEST_STOP_MS = 60_000;
const LEAVE_WITHIN_MS = 5000;

/** Everything that one seed can think of happens to the instances of a stage, and to what is between them. */
export class Mishaps {
  readonly #stage: Stage;
  readonly #untilMs: number;
  /** From one to the next: many mishaps at a time hide what one alone leads to. */
  readonly #atMostMs: number;
  #hasRolled = false;

  constructor(stage: Stage, untilMs: number) {
    this.#stage = stage;
    this.#untilMs = untilMs;
    this.#atMostMs = stage.dice.pick([4000, 8000, 16_000]);
  }

  begin(): void {
    const { dice, queue } = this.#stage;
    queue.after(dice.between(50, this.#atMostMs), () => {
      if (queue.nowMs > this.#untilMs) return;
      this.#one(dice.pick(this.#stage.instances));
      this.begin();
    });
  }

  /** No more of them: what is broken is mended, what is down is started. */
  end(): void {
    const { instances, network } = this.#stage;
    this.#stage.tell('all is well again');
    network.heal();
    for (const each of instances) {
      each.disk.slowestMs = 4;
      if (each.disk.isFull && each.isUp) each.crash();
      each.wake();
      this.#restart(each);
    }
  }

  #one(at: SimInstance): void {
    const { dice, leader = at } = this.#stage;
    const network = [
      () => this.#partition(),
      () => this.#isolate(leader),
      () => this.#isolate(at),
      () => this.#unlink(leader),
      () => this.#unlink(at),
      () => this.#weather(),
    ];
    const processes = [
      () => this.#crash(at),
      () => this.#crash(leader),
      () => this.#stop(at),
      () => this.#stop(leader),
      () => this.#leave(at),
      () => this.#resign(dice.pick([at, leader])),
      () => this.#powerFails(),
    ];
    const others = [
      () => this.#slowDisk(at),
      () => this.#breakDisk(at),
      () => at.jumpClock(dice.pick([-3_600_000, 3_600_000])),
      () => this.#exchange(at),
      () => this.#move(at),
      () => this.#roll(),
      () => this.#scale(),
    ];
    const kinds = dice.pick([network, network, processes, processes, others]);
    dice.pick(kinds)();
  }

  #later(least: number, most: number, run: () => void): void {
    this.#stage.queue.after(this.#stage.dice.between(least, most), run);
  }

  /** Without a disk, each crash loses what was on it. */
  #mayEnd(at: SimInstance): boolean {
    return at.isUp && (this.#stage.hasDisks || this.#stage.canLoseDisk(at));
  }

  #crash(at: SimInstance): void {
    if (!this.#mayEnd(at)) return;
    const losesDisk = this.#stage.dice.chance(0.3) && this.#stage.canLoseDisk(at);
    at.crash();
    if (losesDisk) at.loseDisk();
    this.#stage.tell(`${at.slot} crashes${losesDisk ? ' and loses its disk' : ''}`);
    this.#later(10, this.#stage.dice.pick([300, 15_000]), () => this.#restart(at));
  }

  #restart(at: SimInstance): void {
    if (at.isUp || !this.#stage.instances.includes(at)) return;
    at.disk.isFull = false;
    this.#stage.tell(`${at.slot} starts`);
    at.start();
  }

  #powerFails(): void {
    const { dice, hasDisks, instances } = this.#stage;
    if (!hasDisks || dice.chance(0.7)) return;
    this.#stage.tell('power is lost');
    for (const each of instances) {
      if (!each.isUp) continue;
      each.crash();
      this.#later(10, 8000, () => this.#restart(each));
    }
  }

  #stop(at: SimInstance): void {
    if (!at.isRunning) return;
    const { dice, queue } = this.#stage;
    const forMs = dice.chance(0.3) ? dice.between(0, LONGEST_STOP_MS) : dice.between(0, 5000);
    this.#stage.tell(`${at.slot} is stopped for ${Math.round(forMs)} ms`);
    at.stop();
    queue.after(Math.min(forMs, this.#untilMs - queue.nowMs), () => {
      this.#stage.tell(`${at.slot} goes on`);
      at.wake();
    });
  }

  #partition(): void {
    const { dice, network } = this.#stage;
    const slots = this.#slots();
    const side = slots.filter(() => dice.chance(0.5));
    this.#cutOff(side, () =>
      network.split(
        side,
        slots.filter((slot) => !side.includes(slot)),
      ),
    );
  }

  #isolate({ slot }: SimInstance): void {
    const { dice, network } = this.#stage;
    const others = this.#slots().filter((each) => each !== slot);
    const way = dice.pick(['both', 'in', 'out'] as const);
    this.#cutOff([slot], () => {
      if (way === 'both') return network.split([slot], others);
      return way === 'in' ? network.cut(others, [slot]) : network.cut([slot], others);
    });
  }

  /** From one to another nothing goes, in one direction or both, though all others reach both. */
  #unlink({ slot }: SimInstance): void {
    const { dice, network } = this.#stage;
    const others = this.#slots().filter((each) => each !== slot);
    if (others.length === 0) return;
    const other = dice.pick(others);
    const way = dice.pick(['both', 'in', 'out'] as const);
    this.#cutOff([slot, other], () => {
      if (way === 'both') return network.split([slot], [other]);
      return way === 'in' ? network.cut([other], [slot]) : network.cut([slot], [other]);
    });
  }

  #cutOff(slots: readonly number[], cut: () => () => void): void {
    this.#stage.tell(`links of ${slots.join(',')} are cut`);
    const mend = cut();
    this.#later(100, 15_000, () => {
      this.#stage.tell(`links of ${slots.join(',')} are mended`);
      mend();
    });
  }

  #weather(): void {
    const { dice, network } = this.#stage;
    network.weather = {
      loss: dice.between(0, 0.3),
      doubled: dice.between(0, 0.3),
      slowestMs: dice.pick([5, 100, 1500]),
    };
    this.#stage.tell(`weather ${JSON.stringify(network.weather)}`);
    this.#later(100, 15_000, () => network.calm());
  }

  #slowDisk(at: SimInstance): void {
    at.disk.slowestMs = this.#stage.dice.pick([4, 200, 2500]);
  }

  #breakDisk(at: SimInstance): void {
    if (!at.isUp || !this.#stage.hasDisks) return;
    this.#stage.tell(`the disk of ${at.slot} is full`);
    at.disk.isFull = true;
    this.#later(100, 10_000, () => {
      if (at.isUp) at.crash();
      this.#restart(at);
    });
  }

  #leave(at: SimInstance): void {
    if (!at.isRunning || !this.#mayEnd(at)) return;
    this.#stage.tell(`${at.slot} leaves, and will be back`);
    at.input({ type: 'leave', forGood: !this.#stage.hasDisks, withinMs: LEAVE_WITHIN_MS });
    this.#later(5000, 15_000, () => {
      if (at.isUp && !this.#mayEnd(at)) return;
      if (at.isUp) at.crash();
      this.#restart(at);
    });
  }

  #resign(at: SimInstance): void {
    if (at.isRunning) at.input({ type: 'resign', why: 'it was asked to' });
  }

  /** Another one comes at another address, and this one is never seen again. */
  #exchange(at: SimInstance): void {
    if (!this.#stage.canLoseDisk(at)) return;
    this.#stage.remove(at);
    const other = this.#stage.add();
    this.#later(10, 10_000, () => this.#restart(other));
  }

  /** It comes back with its disk, at another address. */
  #move(at: SimInstance): void {
    if (!this.#stage.hasDisks || !at.isUp) return;
    at.crash();
    const from = at.slot;
    this.#stage.move(at);
    this.#stage.tell(`${from} moves to ${at.slot}`);
    this.#later(10, 5000, () => this.#restart(at));
  }

  /** As Marathon does it: as many new ones as there are, and then the old ones go, one after the other. */
  #roll(): void {
    const { instances, wanted } = this.#stage;
    if (this.#hasRolled || !this.#isFounded) return;
    this.#hasRolled = true;
    this.#stage.tell('all are exchanged');
    // Where nobody counts them, so many new ones could be a majority by themselves.
    const many = this.#stage.isCountedBySeeds ? wanted : Math.floor(wanted / 2);
    const old = instances.slice(0, many);
    for (let count = 0; count < many; count++) {
      const fresh = this.#stage.add();
      this.#later(10, 4000, () => this.#restart(fresh));
    }
    this.#retire(old, 6000);
  }

  /** A few more, or fewer. Those who come must not be a majority by themselves. */
  #scale(): void {
    const { dice, instances, wanted } = this.#stage;
    if (!this.#stage.isCountedBySeeds || !this.#isFounded || instances.length !== wanted) return;
    const by = dice.pick([-2, -1, 1, 2]);
    // Of two without disks none can go.
    if (wanted + by < (this.#stage.hasDisks ? 1 : 2) || by * 2 > wanted + by) return;
    this.#stage.wanted += by;
    this.#stage.tell(`there are to be ${this.#stage.wanted}`);
    for (let count = wanted; count < this.#stage.wanted; count++) {
      const fresh = this.#stage.add();
      this.#later(10, 4000, () => this.#restart(fresh));
    }
    this.#retire(instances.slice(this.#stage.wanted), 100);
  }

  /** One after the other, each as soon as the others can do without it, in peace or not. */
  #retire([at, ...more]: readonly SimInstance[], leastMs: number): void {
    const { dice, instances } = this.#stage;
    if (!at) return;
    this.#later(leastMs, leastMs + 3000, () => {
      if (!instances.includes(at)) return this.#retire(more, 0);
      const mayGo = this.#stage.canLoseDisk(at);
      if (mayGo && (!at.isUp || dice.chance(0.3))) {
        this.#stage.remove(at);
        return this.#retire(more, 0);
      }
      // It is needed once more, and for a while.
      const isNeeded = !mayGo && !at.isUp;
      if (isNeeded) this.#restart(at);
      else if (at.isRunning && !at.isLeaving && this.#stage.canLeave(at)) {
        this.#stage.tell(`${at.slot} leaves for good`);
        at.input({ type: 'leave', forGood: true, withinMs: LEAVE_WITHIN_MS });
      }
      this.#retire([at, ...more], isNeeded ? 10_000 : at.isLeaving ? LEAVE_WITHIN_MS : 1000);
    });
  }

  /** Everybody knows of the cluster, so that nobody can found another. */
  get #isFounded(): boolean {
    return this.#stage.instances.every(({ believed }) => believed.length > 0);
  }

  #slots(): readonly number[] {
    return this.#stage.instances.map(({ slot }) => slot);
  }
}
