import type { RandomSource } from '../base/random.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** 26 letters of 5 bits: 130 bits. */
const LETTERS = 26;

/** Ids that nobody else has. */
export function idSource(random: RandomSource): () => string {
  const letter = () => ALPHABET[Math.floor(random.next() * ALPHABET.length)] ?? '0';
  return () => Array.from({ length: LETTERS }, letter).join('');
}
