import type { Clock, StateChange, StoredState, TaskRecord } from '@vibrissa/mesos';
import type { Dice } from './dice.ts';

interface Write {
  readonly change: StateChange;
  readonly done: (error?: Error) => void;
}

/**
 * A disk in virtual time: writes take effect one after the other, some late, some not at all, and some though they
 * were told to have failed. It outlives the clients that write to it.
 */
export class VirtualStore {
  /** Probability that a write fails. */
  failing = 0;
  /** The longest that a write takes. */
  slowestMs = 2;
  readonly #clock: Clock;
  readonly #dice: Dice;
  readonly #tasks = new Map<string, TaskRecord>();
  #frameworkId: string | undefined;
  #pending: Write[] = [];
  #lastMs = 0;

  constructor(clock: Clock, dice: Dice) {
    this.#clock = clock;
    this.#dice = dice;
  }

  get isIdle(): boolean {
    return this.#pending.length === 0;
  }

  write(change: StateChange, done: (error?: Error) => void): void {
    const write: Write = { change, done };
    this.#pending.push(write);
    const nowMs = this.#clock.monotonicMs();
    this.#lastMs = Math.max(this.#lastMs, nowMs + this.#dice.between(0, this.slowestMs));
    this.#clock.after(this.#lastMs - nowMs, () => this.#end(write));
  }

  /** The process that wrote is gone: of the writes under way the first few still happen, and nobody is told. */
  crash(): void {
    const kept = this.#dice.whole(0, this.#pending.length);
    for (const { change } of this.#pending.slice(0, kept)) this.#apply(change);
    this.#pending = [];
  }

  load(): StoredState {
    const tasks = [...this.#tasks.values()];
    return this.#frameworkId === undefined ? { tasks } : { frameworkId: this.#frameworkId, tasks };
  }

  #end(write: Write): void {
    if (this.#pending[0] !== write) return;
    this.#pending.shift();
    const fails = this.#dice.chance(this.failing);
    if (!fails || this.#dice.chance(0.2)) this.#apply(write.change);
    write.done(fails ? new Error('the disk is full') : undefined);
  }

  #apply({ frameworkId, put = [], remove = [] }: StateChange): void {
    if (frameworkId !== undefined) this.#frameworkId = frameworkId ?? undefined;
    for (const id of remove) this.#tasks.delete(id);
    for (const record of put) this.#tasks.set(record.id, record);
  }
}
