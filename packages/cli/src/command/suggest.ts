/** Edits (insert, delete, replace, swap of neighbours) that turn one word into the other. */
export function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= to.length; column++) {
      const replace = at(row - 1, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      let best = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, replace);
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        best = Math.min(best, at(row - 2, column - 2) + 1);
      }
      current.push(best);
    }
  }
  return at(from.length, to.length);
}

/** The known words that a mistyped one most probably meant, best first, at most three. */
export function suggest(written: string, known: readonly string[]): string[] {
  const word = written.toLowerCase();
  const scored = known.map((candidate) => ({
    candidate,
    score: word.length > 1 && candidate.startsWith(word) ? 0 : editDistance(word, candidate.toLowerCase()),
  }));
  const limit = word.length <= 2 ? 1 : Math.max(1, Math.floor(word.length * 0.4));
  return scored
    .filter(({ score }) => score <= limit)
    .sort((left, right) => left.score - right.score)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** `Did you mean --kind?`, or nothing. */
export function didYouMean(
  written: string,
  known: readonly string[],
  search: typeof suggest = suggest,
): string[] {
  const found = search(written, known);
  return found.length === 0 ? [] : [`Did you mean ${found.join(' or ')}?`];
}
