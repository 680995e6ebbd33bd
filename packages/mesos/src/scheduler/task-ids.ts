import type { Clock } from '../base/clock.ts';
import type { RandomSource } from '../base/random.ts';

/** Makes ids that no other task of the framework has ever had, of this or another process: time, chance, a count. */
export class TaskIds {
  readonly #clock: Clock;
  readonly #random: RandomSource;
  #last = 0;

  constructor({ clock, random }: { readonly clock: Clock; readonly random: RandomSource }) {
    this.#clock = clock;
    this.#random = random;
  }

  next(kind: 'task' | 'group'): string {
    this.#last += 1;
    const chance = Math.floor(this.#random.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
    return `${kind}-${this.#clock.now().toString(36)}-${chance}-${this.#last.toString(36)}`;
  }
}
