import { seededRandom } from '../seeded-random.ts';
import type { Random } from './mutate.ts';

/** The seed of this run: given by who replays one, otherwise drawn. */
export const fuzzSeed = Number(process.env['SOAK_SEED'] ?? Math.floor(Math.random() * 1e9));

/** Seconds for each surface: 20 on CI, few at a desk, as many as it is given in a soak. */
export const fuzzSeconds = Number(process.env['SOAK_SECONDS'] ?? (process.env['CI'] ? 20 : 3));

/** Longer than this for one input is a hang. Time of this process alone, so that a busy machine makes none. */
const HANG_MS = 1000;

/**
 * Tries one input after the other until the share of time is used up. The input of a failure can be had again from
 * the seed and the number that the error names.
 */
export async function fuzz(
  surface: string,
  attempt: (random: Random) => Promise<void> | void,
): Promise<void> {
  const untilMs = performance.now() + fuzzSeconds * 1000;
  let inputs = 0;
  for (; performance.now() < untilMs; inputs++) {
    const began = process.cpuUsage();
    try {
      await attempt(seededRandom(fuzzSeed + inputs));
    } catch (error) {
      throw new Error(
        `${surface}: input ${inputs} of SOAK_SEED=${fuzzSeed} (seed ${fuzzSeed + inputs} alone)`,
        {
          cause: error,
        },
      );
    }
    const { user, system } = process.cpuUsage(began);
    if (user + system > HANG_MS * 1000)
      throw new Error(
        `${surface}: input ${inputs} of SOAK_SEED=${fuzzSeed} took ${(user + system) / 1000} ms`,
      );
  }
  console.log(`fuzzed ${surface}: ${inputs} inputs, seed ${fuzzSeed}`);
}
