/** What authors of other schedulers and users of other tools call it. */
const otherNames: Readonly<Record<string, string>> = {
  mem: 'memoryMb',
  memory: 'memoryMb',
  ram: 'memoryMb',
  cpu: 'cpus',
  disk: 'diskMb',
  gpu: 'gpus',
  cmd: 'command',
  args: 'arguments',
  docker: 'image',
  container: 'image',
  environment: 'env',
  uris: 'fetch',
  attributes: 'constraints',
  user_name: 'user',
  path: 'hostPath',
};

/** How many letters must be changed, added or left out to get from one word to the other. */
function distance(from: string, to: string): number {
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const change = from[row - 1] === to[column - 1] ? 0 : 1;
      const replaced = (last[column - 1] ?? 0) + change;
      const longer = (last[column] ?? 0) + 1;
      const shorter = (current[column - 1] ?? 0) + 1;
      current.push(Math.min(replaced, longer, shorter));
    }
    last = current;
  }
  return last[to.length] ?? 0;
}

/** The known field that was probably meant by an unknown one. */
export function suggestField(typed: string, known: readonly string[]): string | undefined {
  // A caller's object may be large by mistake; long names are no misspellings.
  if (typed.length > 40) return undefined;
  const wanted = typed.toLowerCase();
  const other = Object.hasOwn(otherNames, wanted) ? otherNames[wanted] : undefined;
  if (other !== undefined && known.includes(other)) return other;
  let best: string | undefined;
  let least = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const word of known) {
    const candidate = word.toLowerCase();
    const score = candidate.startsWith(wanted) && wanted.length > 2 ? 1 : distance(wanted, candidate);
    if (score < least) {
      best = word;
      least = score;
    }
  }
  return best;
}
