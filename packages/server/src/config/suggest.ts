/** Letters to change, add or leave out to get from one word to the other; neighbours swapped count once. */
function distance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1;
      let best = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + same);
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) best = Math.min(best, beforeLast[column - 2]! + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length]!;
}

/** `--dataDir`, `--data-dir` and `DATA_DIR` have two words each. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/** How many words two names share, of those that the longer one has; 0 where too few. */
function kinship(typed: readonly string[], known: readonly string[]): number {
  const shared = typed.filter((word) => known.includes(word)).length;
  const isInside = shared > 0 && shared === Math.min(typed.length, known.length);
  const alike = shared / Math.max(typed.length, known.length);
  return isInside || alike >= 0.5 ? alike : 0;
}

/** Near in letters, ending in what was typed, or what was typed ends in it. */
function nearest(typed: string, known: Iterable<string>): string | undefined {
  const wanted = typed.toLowerCase();
  const parted = wordsOf(typed).join(' ');
  let best: string | undefined;
  let bestScore = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const word of known) {
    const candidate = word.toLowerCase();
    const isTail = candidate.endsWith(`.${wanted}`) || wanted.endsWith(`.${candidate}`);
    const isSame = parted !== '' && parted === wordsOf(word).join(' ');
    const score = isTail || isSame ? 0 : distance(wanted, candidate);
    if (score < bestScore) {
      best = word;
      bestScore = score;
    }
  }
  return best;
}

/** The known word that was probably meant: one that is spelt nearly so, else the one that has most of its parts. */
export function suggest(typed: string, known: Iterable<string>): string | undefined {
  const all = [...known];
  const words = wordsOf(typed);
  const kin = all
    .map((word) => ({ word, score: kinship(words, wordsOf(word)) }))
    .filter(({ score }) => score > 0)
    .map((one) => ({ ...one, edits: distance(typed.toLowerCase(), one.word.toLowerCase()) }))
    .sort((left, right) => right.score - left.score || left.edits - right.edits);
  return nearest(typed, all) ?? kin[0]?.word;
}
