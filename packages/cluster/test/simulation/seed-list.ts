import type { SeedList } from '../../src/discovery/seed-source.ts';
import type { Address } from '../../src/membership/member.ts';
import type { SimInstance } from './sim-instance.ts';
import type { Stage } from './stage.ts';

/** A source may leave somebody out for a moment; again and again means that it is gone. */
const MOST_LEFT_OUT = 2;

/** A seed source as sources are: it fails for a while, leaves some out, and names some that are not there. */
export class FickleSeeds {
  readonly #stage: Stage;
  readonly #strangers: readonly Address[];
  /** By who asks, and who is left out: how often in a row. */
  readonly #leftOut = new Map<string, number>();
  #isCalm = false;
  #downUntilMs = 0;

  constructor(stage: Stage) {
    const { dice } = stage;
    this.#stage = stage;
    this.#strangers = Array.from({ length: dice.pick([0, 0, 1, 2]) }, (_, at) => ({
      host: 'sim',
      port: 9000 + at,
    }));
    stage.seeds = (asker) => this.#list(asker);
  }

  /** From now on it lists all that there are; strangers remain. */
  calm(): void {
    this.#isCalm = true;
  }

  #list(asker: SimInstance): SeedList | Error {
    const { dice, instances, queue } = this.#stage;
    if (!this.#isCalm && dice.chance(0.03)) this.#downUntilMs = queue.nowMs + dice.between(100, 20_000);
    if (!this.#isCalm && queue.nowMs < this.#downUntilMs) return new Error('the seed source is down');
    const isPartial = !this.#isCalm && dice.chance(0.2);
    const listed = instances.filter((each) => !isPartial || !this.#leavesOut(asker, each));
    // Who counts instances knows in the end which there are.
    const strangers = this.#isCalm && this.#stage.isCountedBySeeds ? [] : this.#strangers;
    return this.#stage.listed([...listed.map(({ address }) => address), ...strangers]);
  }

  #leavesOut(asker: SimInstance, whom: SimInstance): boolean {
    const key = `${asker.slot} ${whom.slot}`;
    const times = this.#leftOut.get(key) ?? 0;
    const isLeftOut = times < MOST_LEFT_OUT && this.#stage.dice.chance(0.5);
    this.#leftOut.set(key, isLeftOut ? times + 1 : 0);
    return isLeftOut;
  }
}
