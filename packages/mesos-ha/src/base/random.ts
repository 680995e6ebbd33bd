import { randomBytes } from 'node:crypto';

/** Randomness, injected, so that a seed replays a run. */
export interface RandomSource {
  /** A number in [0, 1). */
  next(): number;
}

/** The machine's own randomness. */
export const systemRandom: RandomSource = {
  next: () => randomBytes(4).readUInt32LE() / 2 ** 32,
};
