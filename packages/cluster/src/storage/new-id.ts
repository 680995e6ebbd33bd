import type { RandomSource } from '../base/random.ts';

const WORDS = 4;

/** The id of a new member: 128 random bits in hexadecimal digits. */
export function newMemberId(random: RandomSource): string {
  const word = () =>
    Math.floor(random.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return Array.from({ length: WORDS }, word).join('');
}
