import { seededRandom } from '@vibrissa/testkit';

/** The seed of this run: given by who replays one, otherwise drawn. */
export const fuzzSeed = Number(process.env['SOAK_SEED'] ?? Math.floor(Math.random() * 1e9));

/** Seconds for each surface: 20 on CI, few at a desk, as many as it is given in a soak. */
export const fuzzSeconds = Number(process.env['SOAK_SECONDS'] ?? (process.env['CI'] ? 20 : 3));

/** Longer than this for one input is a hang. Time of this process alone, so that a busy machine makes none. */
const HANG_MS = 1000;

export type Random = () => number;

/** Tries one input after the other until the time is used up. A failure names the seed that replays it. */
export function fuzz(surface: string, attempt: (random: Random) => void): void {
  const untilMs = performance.now() + fuzzSeconds * 1000;
  let inputs = 0;
  for (; performance.now() < untilMs; inputs++) {
    const seed = fuzzSeed + inputs;
    const began = process.cpuUsage();
    try {
      attempt(seededRandom(seed));
    } catch (cause) {
      throw new Error(`${surface}: input ${inputs} of SOAK_SEED=${fuzzSeed} (SOAK_SEED=${seed} alone)`, {
        cause,
      });
    }
    const { user, system } = process.cpuUsage(began);
    if (user + system > HANG_MS * 1000)
      throw new Error(`${surface}: SOAK_SEED=${seed} took ${(user + system) / 1000} ms`);
  }
  console.log(`fuzzed ${surface}: ${inputs} inputs, seed ${fuzzSeed}`);
}

export function pick<T>(random: Random, choices: readonly T[]): T {
  const chosen = choices[Math.floor(random() * choices.length)];
  if (chosen === undefined) throw new Error('nothing to pick from');
  return chosen;
}

/** Changes bytes at one to eight places: flips, words put in, parts cut out, doubled or moved. */
export function mutate(bytes: Buffer, words: readonly string[], random: Random): Buffer {
  let changed = Buffer.from(bytes);
  for (let times = 1 + Math.floor(random() * 8); times > 0; times--) {
    const at = Math.floor(random() * (changed.length + 1));
    const length = Math.floor(random() ** 3 * changed.length);
    const [before, part, after] = [
      changed.subarray(0, at),
      changed.subarray(at, at + length),
      changed.subarray(at + length),
    ];
    const kind = random();
    if (kind < 0.3) changed = Buffer.concat([before, Buffer.from(pick(random, words)), part, after]);
    else if (kind < 0.5) changed = Buffer.concat([before, after]);
    else if (kind < 0.6) changed = Buffer.concat([before, part, part, after]);
    else if (kind < 0.7) changed = Buffer.concat([part, before, after]);
    else if (changed.length > 0) changed[at % changed.length] = Math.floor(random() * 256);
  }
  return changed;
}

/** Cuts bytes anywhere, mostly into few pieces. */
export function inPieces(bytes: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = [];
  const largest = 1 + Math.floor(random() ** 2 * bytes.length);
  for (let at = 0; at < bytes.length;) {
    const length = 1 + Math.floor(random() * largest);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
