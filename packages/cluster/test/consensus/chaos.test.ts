import { describe, expect, test } from 'vitest';
import { Chaos } from './chaos.ts';

const SEEDS = Number(process.env['RAFT_SEEDS'] ?? 60);
const FIRST = Number(process.env['RAFT_SEED'] ?? 1);

describe('whatever happens', () => {
  test.each([
    ['three voters', 'abc', ''],
    ['five voters', 'abcde', ''],
    ['three voters, and two that may become voters', 'abc', 'de'],
  ])(
    '%s agree: one leader a term, one lease at a time, nothing committed is lost',
    (_, voters, others) => {
      const seen = { entries: 0, leases: 0, snapshots: 0, readable: 0 };
      for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
        const chaos = new Chaos(seed, voters, others);
        try {
          seen.entries += chaos.run(30_000);
        } catch (error) {
          throw new Error(`seed ${seed} (RAFT_SEED=${seed} RAFT_SEEDS=1 replays it)`, { cause: error });
        }
        seen.leases += chaos.invariants.leases;
        seen.snapshots += chaos.invariants.snapshots;
        seen.readable += chaos.invariants.readable;
      }
      if (SEEDS < 10) return;
      // Nothing could go wrong if nothing went on.
      expect(seen.entries / SEEDS).toBeGreaterThan(20);
      expect(seen.leases / SEEDS).toBeGreaterThan(50);
      expect(seen.readable / SEEDS).toBeGreaterThan(10);
      expect(seen.snapshots).toBeGreaterThan(0);
    },
    900_000,
  );
});
