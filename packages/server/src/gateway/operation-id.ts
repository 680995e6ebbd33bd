/**
 * The name of an operation, made of its method and path: `get` and `/a/b-c` become `getAB-c`. What is neither letter,
 * digit, `_` nor `-` separates words; each word is capitalized. Two paths may get the same name (`/a/b` and `/a b`).
 */
export function operationIdOf(verb: string, path: string): string {
  const words = path.split(/[^0-9A-Za-z_-]+/).filter((word) => word !== '');
  return verb.toLowerCase() + words.map(camel).join('');
}

/** Leading hyphens are no part of the word that is capitalized. */
function camel(word: string): string {
  const start = word.search(/[0-9A-Za-z_]/);
  if (start === -1) return word;
  return word.slice(0, start) + word.charAt(start).toUpperCase() + word.slice(start + 1).toLowerCase();
}
