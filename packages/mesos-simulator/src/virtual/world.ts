import type { RandomSource } from '../base/random.ts';
import type { StepTime } from '../base/step-time.ts';
import type { Clock } from '../base/clock.ts';
import type { Fault } from '../faults/fault.ts';
import { FaultyLine } from '../faults/faulty-line.ts';
import type { EventQueue } from './event-queue.ts';
import type { VirtualMessage } from './virtual-message.ts';

/** What everything in a virtual cluster shares. */
export interface World {
  readonly queue: EventQueue;
  readonly random: RandomSource;
  readonly clock: Clock;
  /** What goes wrong with a message. */
  strike(message: VirtualMessage): Fault | undefined;
  /** How long one message is under way, drawn anew for each. */
  latencyMs(): number;
  time(): StepTime;
}

interface Passage {
  readonly fault?: Fault | undefined;
  readonly deliver: () => void;
  /** For faults that are not about when it arrives, or how often. */
  readonly spoil?: (fault: Fault) => void;
}

/**
 * One direction of a connection: what goes in first comes out first, unless a fault says otherwise. Different pipes
 * overtake each other.
 */
export class Pipe {
  readonly #world: World;
  /** Only where something has gone wrong: there are a hundred thousand pipes on which nothing does. */
  #line: FaultyLine<Passage> | undefined;
  #lastMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  send(deliver: () => void, fault?: Fault, spoil?: Passage['spoil']): void {
    if (!fault && !this.#line) return this.#transmit(deliver);
    this.#line ??= new FaultyLine<Passage>({
      clock: this.#world.clock,
      strike: (passage) => passage.fault,
      deliver: (passage) => this.#transmit(passage.deliver),
      other: (struck, passage) => this.#transmit(() => passage.spoil?.(struck)),
    });
    this.#line.send({ fault, deliver, ...(spoil ? { spoil } : {}) });
  }

  #transmit(deliver: () => void): void {
    const { queue } = this.#world;
    this.#lastMs = Math.max(this.#lastMs, queue.nowMs + this.#world.latencyMs());
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
