/** Breaks bytes in ways that a seed replays: what fuzzing starts from. */
export type Random = () => number;

const upTo = (random: Random, limit: number) => Math.floor(random() * limit);

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[upTo(random, from.length)]!;
}

/** Values at which lengths, signs and sizes turn over. */
const edges = [0, 1, 0x0a, 0x0d, 0x20, 0x22, 0x2f, 0x5c, 0x7b, 0x7d, 0x7f, 0x80, 0xc0, 0xed, 0xff];

function flip(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length === 0) return copy;
  const at = upTo(random, copy.length);
  copy[at] = random() < 0.5 ? copy[at]! ^ (1 << upTo(random, 8)) : pick(random, edges);
  return copy;
}

function cutOut(bytes: Buffer, random: Random): Buffer {
  const from = upTo(random, bytes.length + 1);
  const to = Math.min(bytes.length, from + upTo(random, 32));
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
}

function insert(bytes: Buffer, words: readonly Buffer[], random: Random): Buffer {
  const at = upTo(random, bytes.length + 1);
  const word = words.length > 0 ? pick(random, words) : Buffer.from([pick(random, edges)]);
  return Buffer.concat([bytes.subarray(0, at), word, bytes.subarray(at)]);
}

function repeat(bytes: Buffer, random: Random): Buffer {
  const from = upTo(random, bytes.length + 1);
  const part = bytes.subarray(from, from + upTo(random, 64));
  const times = Array.from({ length: 1 + upTo(random, 40) }, () => part);
  return Buffer.concat([bytes.subarray(0, from), ...times, bytes.subarray(from)]);
}

function number(bytes: Buffer, random: Random): Buffer {
  if (bytes.length < 4) return bytes;
  const copy = Buffer.from(bytes);
  const value = pick(random, [0, 1, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]);
  copy.writeUInt32LE(value, upTo(random, copy.length - 3));
  return copy;
}

/** One to four breaks of the bytes. `words` are what the format gives meaning to. */
export function mutate(bytes: Buffer, words: readonly string[], random: Random): Buffer {
  const meaning = words.map((word) => Buffer.from(word, 'latin1'));
  let broken = bytes;
  for (let breaks = 1 + upTo(random, 4); breaks > 0; breaks--) {
    const way = upTo(random, 6);
    if (way === 0) broken = flip(broken, random);
    else if (way === 1) broken = cutOut(broken, random);
    else if (way === 2) broken = insert(broken, meaning, random);
    else if (way === 3) broken = repeat(broken, random);
    else if (way === 4) broken = number(broken, random);
    else broken = broken.subarray(0, upTo(random, broken.length + 1));
  }
  return broken;
}

/** Cuts bytes into the pieces in which a socket might bring them. */
export function inPieces(bytes: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const to = at + 1 + upTo(random, random() < 0.3 ? 4 : bytes.length);
    pieces.push(bytes.subarray(at, to));
    at = to;
  }
  return pieces;
}
