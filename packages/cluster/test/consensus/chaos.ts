import { seededRandom } from '@vibrissa/testkit';
import { Invariants, stateAt } from './invariants.ts';
import { RaftNet, roughWorld } from './raft-net.ts';

/** The chance of each at a step of some 20 ms. */
const HABITS = {
  crash: 0.01,
  start: 0.2,
  stop: 0.005,
  wake: 0.1,
  resign: 0.005,
  change: 0.02,
  compact: 0.03,
  propose: 0.25,
  read: 0.15,
  cut: 0.01,
  split: 0.004,
  heal: 0.01,
};
type Habit = keyof typeof HABITS;

/** Seeded: some things happen often, others seldom or never, so that what one hides in a run another shows. */
function habits(random: () => number): Record<Habit, number> {
  const chances = { ...HABITS };
  for (const habit of Object.keys(HABITS) as Habit[]) {
    const isNeeded = habit === 'start' || habit === 'wake' || habit === 'heal';
    chances[habit] *= random() < 0.25 && !isNeeded ? 0 : random() * 2.5;
  }
  return chances;
}

/** Half a minute in which everything goes wrong, and then a calm in which all must come to agree. */
export class Chaos {
  readonly invariants = new Invariants();
  readonly net: RaftNet;
  readonly #random: () => number;
  readonly #ids: string;
  readonly #habits: Readonly<Record<Habit, number>>;
  #reads = 0;
  #isCalm = false;

  constructor(seed: number, voters: string, others = '') {
    this.#random = seededRandom(seed);
    this.#ids = voters + others;
    this.#habits = habits(this.#random);
    const rough = roughWorld(this.#random);
    const world = { ...rough, isLost: () => !this.#isCalm && rough.isLost() };
    this.net = new RaftNet(voters, { world, watcher: this.invariants });
    this.invariants.net = this.net;
    this.net.start(this.#ids);
  }

  /** In `forMs`; returns how many entries all have applied in the end. Throws where they don't agree. */
  run(forMs: number): number {
    while (this.net.nowMs < forMs) {
      this.net.run(this.#random() * 40);
      this.#mischief();
    }
    this.#calmDown();
    this.net.run(20_000);
    const ends = this.#ids.split('').map((id) => this.net.core(id).status());
    const leader = ends.find(({ role }) => role === 'leader');
    if (!leader?.lease) throw new Error(`nobody leads: ${JSON.stringify(ends)}`);
    const { voters, learners } = leader.configuration;
    const applied = [...voters, ...learners].map(({ id }) => this.net.core(id).status().applied);
    const all = this.invariants.committed.length;
    if (applied.some((index) => index !== all))
      throw new Error(`of ${all} entries they have applied ${applied.join()}`);
    const unsettled = this.invariants.unsettled();
    if (unsettled.length > 0) throw new Error(`nobody has settled the proposals ${unsettled.join()}`);
    return all;
  }

  #mischief(): void {
    const id = this.#pick(this.#ids);
    const { core, isStopped, writes } = this.net.node(id);
    if (!core) {
      if (this.#does('start')) this.net.start(id);
    } else if (isStopped) {
      if (this.#does('wake')) this.net.wake(id);
    } else if (this.#does('crash')) this.net.crash(id, Math.floor(this.#random() * (writes.length + 1)));
    else if (this.#does('stop')) this.net.stop(id);
    else if (this.#does('resign')) this.net.input(id, { type: 'resign' });
    else if (this.#does('change')) this.#changeVoters(id);
    else if (this.#does('compact')) this.#compact(id);
    else if (this.#does('propose')) this.net.propose(id, Math.floor(this.#random() * 1e6));
    else if (this.#does('read')) this.net.input(id, { type: 'read', read: (this.#reads += 1) });
    if (this.#does('heal')) this.net.heal();
    if (this.#does('cut')) this.net.cut(this.#pick(this.#ids), this.#pick(this.#ids));
    if (this.#does('split')) this.#split();
  }

  #does(habit: Habit): boolean {
    return this.#random() < this.#habits[habit];
  }

  #split(): void {
    const group = this.#ids
      .split('')
      .filter(() => this.#random() < 0.5)
      .join('');
    this.net.split(
      group,
      this.#ids
        .split('')
        .filter((id) => !group.includes(id))
        .join(''),
    );
  }

  #changeVoters(id: string): void {
    const whom = this.#pick(this.#ids);
    const participant = { id: whom, address: { host: whom, port: 7000 + Math.floor(this.#random() * 9) } };
    const kind = this.#pick(['add-learner', 'promote', 'promote', 'demote', 'remove', 'move'] as const);
    if (kind === 'add-learner' || kind === 'move') this.net.change(id, { kind, participant });
    else this.net.change(id, { kind, id: whom });
  }

  #compact(id: string): void {
    const { applied, first } = this.net.core(id).status();
    const index = first + Math.floor(this.#random() * (applied - first + 1));
    if (index > applied || index < 1) return;
    this.net.input(id, { type: 'compact', index, state: stateAt(this.invariants.committed, index) });
  }

  #calmDown(): void {
    this.#isCalm = true;
    this.net.heal();
    for (const id of this.#ids) {
      const { core, isStopped } = this.net.node(id);
      if (!core) this.net.start(id);
      else if (isStopped) this.net.wake(id);
    }
  }

  #pick<Item>(from: ArrayLike<Item>): Item {
    const item = from[Math.floor(this.#random() * from.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }
}
