import { Dice } from './dice.ts';
import { wrongInTheEnd } from './in-the-end.ts';
import { Mishaps } from './mishaps.ts';
import { FickleSeeds } from './seed-list.ts';
import { Stage } from './stage.ts';

export interface Outcome {
  readonly violations: readonly string[];
  readonly virtualMs: number;
  readonly failovers: number;
  readonly writes: number;
  readonly reads: number;
}

/** How long things go wrong. */
const WILD_MS = [25_000, 25_000, 25_000, 90_000];
/** At most between two requests. Where much is written, who was away has an old log; else little keeps it from being elected. */
const ASK_MS = [300, 10_000];
/** How long they are well before nobody asks any more. */
const CALM_MS = 10_000;
/** Within this time after the last one went all must be as it should, and stay so. */
const MOST_QUIET_MS = 50_000;
const STAYS_MS = 3000;
const LOOK_MS = 500;

/** A cluster in virtual time, to which everything happens that one seed can think of, and which must recover from it. */
export class World {
  readonly #stage: Stage;
  readonly #wildMs: number;
  readonly #askMs: number;
  #isAsked = true;

  constructor(seed: number, tell: (line: string) => void = () => {}) {
    const dice = new Dice(seed);
    this.#wildMs = dice.pick(WILD_MS);
    this.#askMs = dice.pick(ASK_MS);
    this.#stage = new Stage({
      seed: dice.whole(0, 2 ** 31),
      size: dice.pick([1, 2, 3, 3, 3, 3, 5, 5, 5, 7]),
      hasDisks: dice.chance(0.8),
      isCountedBySeeds: dice.chance(0.5),
      compactAfter: dice.pick([10, 100, 1000]),
      // As close as is allowed: elections come soon after a lease is over.
      timing: dice.chance(0.5) ? { leaseMs: 1600, electionMaxMs: 2400 } : {},
      tell,
    });
  }

  run(): Outcome {
    const { dice, instances, queue } = this.#stage;
    const seeds = new FickleSeeds(this.#stage);
    const isFoundedFirst = dice.chance(0.7);
    const mishaps = new Mishaps(this.#stage, this.#wildMs);
    for (const instance of instances) queue.after(dice.between(0, 3000), () => instance.start());
    this.#askLater();
    if (isFoundedFirst) this.#found();
    mishaps.begin();
    this.#stage.runUntil(this.#wildMs);
    mishaps.end();
    seeds.calm();
    this.#stage.runUntil(queue.nowMs + CALM_MS);
    this.#isAsked = false;
    this.#settle();
    const { clients, invariants, violations } = this.#stage;
    const { failovers } = invariants;
    const { reads, writes } = clients;
    return { violations, failovers, reads, writes, virtualMs: queue.nowMs };
  }

  #askLater(): void {
    const { clients, dice, instances, queue } = this.#stage;
    queue.after(dice.between(5, this.#askMs), () => {
      if (!this.#isAsked) return;
      clients.ask(dice.pick(instances));
      this.#askLater();
    });
  }

  /** So that what happens happens to a cluster, and not only to its founding. */
  #found(): void {
    const { queue } = this.#stage;
    while (!this.#stage.leader && queue.nowMs < this.#wildMs / 2) this.#stage.runUntil(queue.nowMs + LOOK_MS);
  }

  #settle(): void {
    const { invariants, queue } = this.#stage;
    const begunMs = queue.nowMs;
    let wrong: readonly string[] = [];
    for (let wellMs = 0; wellMs < STAYS_MS; wellMs = wrong.length === 0 ? wellMs + LOOK_MS : 0) {
      this.#stage.runUntil(queue.nowMs + LOOK_MS);
      if (this.#stage.violations.length > 0) return;
      wrong = wrongInTheEnd(this.#stage);
      const sinceMs = Math.max(begunMs, this.#stage.lastGoneMs);
      if (queue.nowMs > sinceMs + MOST_QUIET_MS && wrong.length > 0)
        return invariants.violated(`in the end ${wrong.join('; ')}`);
    }
  }
}
