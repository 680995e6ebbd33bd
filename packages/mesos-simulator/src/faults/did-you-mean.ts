/** How many letters must be changed, added or left out to get from one word to the other. */
function distance(from: string, to: string): number {
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (last[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    last = current;
  }
  return last[to.length] ?? 0;
}

/** The end of a sentence about a word that isn't known: the one that was probably meant, or else all. */
export function didYouMean(typed: string, known: readonly string[]): string {
  // What somebody gives may be long by mistake; long names are no misspellings.
  const tolerated = typed.length > 40 ? 0 : Math.max(2, Math.floor(typed.length / 3));
  const wanted = typed.toLowerCase();
  const [best] = known
    .map((word) => ({ word, changes: distance(wanted.slice(0, 40), word.toLowerCase()) }))
    .toSorted((a, b) => a.changes - b.changes);
  if (best && best.changes <= tolerated) return `did you mean ${best.word}?`;
  return known.length === 0 ? 'none is taken here.' : `there are ${known.join(', ')}.`;
}
