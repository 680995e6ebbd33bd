import type { RandomSource } from '../base/random.ts';
import type { StepTime } from '../base/step-time.ts';
import type { EventQueue } from './event-queue.ts';
import type { VirtualFaults } from './faults.ts';

/** What everything in a virtual cluster shares. */
export interface World {
  readonly queue: EventQueue;
  readonly random: RandomSource;
  readonly faults: VirtualFaults;
  /** How long one message is under way, drawn anew for each. */
  latencyMs(): number;
  time(): StepTime;
}

/**
 * One direction of a connection: what goes in first comes out first. Different pipes overtake each other.
 */
export class Pipe {
  readonly #world: World;
  #lastMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  send(deliver: () => void, delayMs = 0): void {
    const { queue } = this.#world;
    this.#lastMs = Math.max(this.#lastMs, queue.nowMs + this.#world.latencyMs() + delayMs);
    queue.at(this.#lastMs, deliver);
  }
}

/** Keeps one wake-up planned for a core: at the earliest of its deadlines. */
export class Alarm {
  readonly #world: World;
  readonly #ring: () => void;
  #atMs = Infinity;

  constructor(world: World, ring: () => void) {
    this.#world = world;
    this.#ring = ring;
  }

  set(atMs: number | undefined): void {
    if (atMs === undefined || atMs >= this.#atMs) return;
    this.#atMs = atMs;
    this.#world.queue.at(atMs, () => {
      // A later one than the earliest was planned: that one has rung already.
      if (this.#atMs !== atMs) return;
      this.#atMs = Infinity;
      this.#ring();
    });
  }
}
