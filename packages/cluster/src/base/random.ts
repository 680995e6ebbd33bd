import { randomFillSync } from 'node:crypto';

/** Randomness, injected, so that a seed replays a run. */
export interface RandomSource {
  /** A number in [0, 1). */
  next(): number;
}

const NUMBER_BYTES = 4;
/** Drawn at once: a call for each number, 26 for an id, showed in the profile of a leader with many writes. */
const drawn = Buffer.alloc(256 * NUMBER_BYTES);
let at = drawn.length;

/** The machine's own randomness. */
export const systemRandom: RandomSource = {
  next() {
    if (at === drawn.length) {
      randomFillSync(drawn);
      at = 0;
    }
    at += NUMBER_BYTES;
    return drawn.readUInt32LE(at - NUMBER_BYTES) / 2 ** 32;
  },
};
