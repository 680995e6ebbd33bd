import { seededRandom } from '@vibrissa/testkit';
import { describe, expect, test } from 'vitest';
import { Invariants, stateAt } from './invariants.ts';
import { RaftNet, roughWorld } from './raft-net.ts';

const SEEDS = Number(process.env['RAFT_SEEDS'] ?? 60);
const FIRST = Number(process.env['RAFT_SEED'] ?? 1);

/** Half a minute in which everything goes wrong, and then a calm in which all must come to agree. */
class Chaos {
  readonly invariants = new Invariants();
  readonly net: RaftNet;
  readonly #random: () => number;
  readonly #ids: string;
  #reads = 0;
  #isCalm = false;

  constructor(seed: number, voters: string, others = '') {
    this.#random = seededRandom(seed);
    this.#ids = voters + others;
    const rough = roughWorld(this.#random);
    const world = { ...rough, isLost: () => !this.#isCalm && rough.isLost() };
    this.net = new RaftNet(voters, { world, watcher: this.invariants });
    this.invariants.net = this.net;
    this.net.start(this.#ids);
  }

  /** In `forMs`; returns how many entries all have applied in the end. */
  run(forMs: number): number {
    while (this.net.nowMs < forMs) {
      this.net.run(this.#random() * 40);
      this.#mischief();
    }
    this.#calmDown();
    this.net.run(20_000);
    const ends = [...this.#ids].map((id) => this.net.core(id).status());
    const leader = ends.find(({ role }) => role === 'leader');
    if (!leader?.lease) throw new Error(`nobody leads: ${JSON.stringify(ends)}`);
    const { voters, learners } = leader.configuration;
    for (const { id } of [...voters, ...learners]) {
      expect(this.net.core(id).status().applied).toBe(leader.applied);
    }
    expect(leader.applied).toBe(this.invariants.committed.length);
    return leader.applied;
  }

  #mischief(): void {
    const id = this.#pick(this.#ids);
    const { core, isStopped, writes } = this.net.node(id);
    const dice = this.#random();
    if (!core) {
      if (dice < 0.15) this.net.start(id);
    } else if (isStopped) {
      if (dice < 0.1) this.net.wake(id);
    } else if (dice < 0.012) this.net.crash(id, Math.floor(this.#random() * (writes.length + 1)));
    else if (dice < 0.02) this.net.stop(id);
    else if (dice < 0.03) this.net.input(id, { type: 'resign' });
    else if (dice < 0.05) this.#changeVoters(id);
    else if (dice < 0.08) this.#compact(id);
    else if (dice < 0.45) this.net.propose(id, Math.floor(this.#random() * 1e6));
    else if (dice < 0.6) this.net.input(id, { type: 'read', read: (this.#reads += 1) });
    this.#cutOrHeal();
  }

  #cutOrHeal(): void {
    const dice = this.#random();
    if (dice < 0.01) this.net.heal();
    else if (dice < 0.015) {
      const group = [...this.#ids].filter(() => this.#random() < 0.5).join('');
      this.net.split(group, [...this.#ids].filter((id) => !group.includes(id)).join(''));
    } else if (dice < 0.02) this.net.cut(this.#pick(this.#ids), this.#pick(this.#ids));
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

describe('whatever happens', () => {
  test.each([
    ['three voters', 'abc', ''],
    ['five voters', 'abcde', ''],
    ['three voters, and two that may become voters', 'abc', 'de'],
  ])('%s agree: one leader a term, one lease at a time, nothing committed is lost', (_, voters, others) => {
    let entries = 0;
    let leases = 0;
    let restores = 0;
    let readable = 0;
    for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
      const chaos = new Chaos(seed, voters, others);
      try {
        entries += chaos.run(30_000);
      } catch (error) {
        throw new Error(`seed ${seed} (RAFT_SEED=${seed} RAFT_SEEDS=1 replays it)`, { cause: error });
      }
      ({ leases, restores, readable } = {
        leases: leases + chaos.invariants.leases,
        restores: restores + chaos.invariants.restores,
        readable: readable + chaos.invariants.readable,
      });
    }
    // Nothing could go wrong if nothing went on.
    expect(entries / SEEDS).toBeGreaterThan(50);
    expect(leases / SEEDS).toBeGreaterThan(30);
    expect(readable / SEEDS).toBeGreaterThan(5);
    expect(restores).toBeGreaterThan(0);
  });
});
