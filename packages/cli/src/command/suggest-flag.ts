import { editDistance, suggest } from './suggest.ts';

/** `--webSecure` and `--web-secure` have two words each. */
function wordsOf(flag: string): string[] {
  return flag
    .replace(/^-+/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_]+/)
    .filter((word) => word !== '');
}

/** How alike the words of two flags are, up to 1; 0 where too few are the same. */
function kinship(written: readonly string[], known: readonly string[]): number {
  const shared = written.filter((word) => known.includes(word)).length;
  const isInside = shared > 0 && shared === Math.min(written.length, known.length);
  const alike = shared / Math.max(written.length, known.length);
  return isInside || alike >= 0.5 ? alike : 0;
}

/**
 * The flags that a wrong one most probably meant, best first, at most three: those that are spelt alike whatever parts their
 * words, else those that have the same words.
 */
export function suggestFlag(written: string, known: readonly string[]): string[] {
  const flat = (flag: string): string => wordsOf(flag).join('');
  const same = known.filter((flag) => flat(flag) === flat(written));
  if (same.length > 0) return same;
  const spelt = suggest(flat(written), known.map(flat));
  if (spelt.length > 0) return spelt.flatMap((word) => known.filter((flag) => flat(flag) === word));
  const words = wordsOf(written);
  return known
    .map((flag) => ({
      flag,
      score: kinship(words, wordsOf(flag)),
      edits: editDistance(flat(written), flat(flag)),
    }))
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score || left.edits - right.edits)
    .slice(0, 3)
    .map(({ flag }) => flag);
}
