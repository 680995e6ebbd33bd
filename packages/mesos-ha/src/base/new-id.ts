import type { RandomSource } from '@vibrissa/cluster';

/** So many hexadecimal digits, drawn; 16 of them are never drawn twice. */
export function drawn(random: RandomSource, digits = 16): string {
  let text = '';
  while (text.length < digits) {
    text += Math.floor(random.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  }
  return text.slice(0, digits);
}

/** Of a member, for people: as the cluster's own lines have it. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}
