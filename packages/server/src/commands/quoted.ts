/** A word as a shell takes it, whatever it is made of. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
