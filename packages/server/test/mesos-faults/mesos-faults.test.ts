import { afterAll, describe, expect, it } from 'vitest';

import { checkHistory } from '../history/check-history.ts';
import { cleanUp } from '../platform/platform-process.ts';
import { runMesosLoop } from './mesos-loop.ts';

afterAll(cleanUp);

const seed = Number(process.env['SOAK_SEED'] ?? Math.floor(Math.random() * 1e9));
const soakSeconds = process.env['SOAK_SECONDS'];
/** A fixed number in the test suite, a time in a soak. */
const share =
  soakSeconds === undefined
    ? { activations: 1600, seconds: 300 }
    : { activations: Infinity, seconds: Number(soakSeconds) };

describe('a platform on a Mesos cluster where agents, tasks, the master and the platform are killed at random', () => {
  it(
    'keeps what it has acknowledged, starts no code twice, loses no lines, and leaves no task',
    async () => {
      console.log(`mesos loop: SOAK_SEED=${seed}`);
      const { history, inventory, kills, left, logs, successes, troubles } = await runMesosLoop({
        seed,
        ...share,
      });
      const outcomes = `${history.told.length} told, ${history.starts?.length} starts, ${successes} successes, ${logs.whole} with whole logs`;
      console.log(`mesos loop: ${outcomes}; ${kills} kills of the platform; ${JSON.stringify(troubles)}`);
      const mostRan = successes > history.told.length / 2 && logs.whole > successes / 2;
      expect({ killed: kills > 0, mostRan }).toEqual({ killed: true, mostRan: true });
      const violations = checkHistory(history);
      const records = history.sightings.filter(({ activationId }) =>
        violations.some(({ id }) => id === activationId),
      );
      // Told at once: the report comes after all other tests, and a run that is cut off has none.
      const wrong = [...violations, ...logs.violations];
      if (wrong.length > 0 || left.length > 0) console.log('mesos loop:', JSON.stringify({ wrong, left }));
      expect(violations, JSON.stringify(records)).toEqual([]);
      expect(logs.violations).toEqual([]);
      const { pool } = inventory;
      expect(inventory).toEqual({ pool, mesos: pool, machine: pool });
      expect(left).toEqual([]);
    },
    (share.seconds + 180) * 1000,
  );
});
