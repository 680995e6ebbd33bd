import type { RandomSource } from './random.ts';

/** A copy in random order (Fisher–Yates). */
export function shuffle<Item>(items: Iterable<Item>, random: RandomSource): Item[] {
  const copy = [...items];
  for (let index = copy.length - 1; index > 0; index--) {
    const other = Math.floor(random.next() * (index + 1));
    [copy[index], copy[other]] = [copy[other] as Item, copy[index] as Item];
  }
  return copy;
}
