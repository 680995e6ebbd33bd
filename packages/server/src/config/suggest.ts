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

/** The known word that was probably meant: near in letters, ending in what was typed, or what was typed ends in it. */
export function suggest(typed: string, known: Iterable<string>): string | undefined {
  const wanted = typed.toLowerCase();
  let best: string | undefined;
  let bestScore = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const word of known) {
    const candidate = word.toLowerCase();
    const isTail = candidate.endsWith(`.${wanted}`) || wanted.endsWith(`.${candidate}`);
    const score = isTail ? 0 : distance(wanted, candidate);
    if (score < bestScore) {
      best = word;
      bestScore = score;
    }
  }
  return best;
}
