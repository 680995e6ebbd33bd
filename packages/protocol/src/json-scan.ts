const QUOTE = 34;
const BACKSLASH = 92;

/**
 * Is no object or array of the text nested deeper than `maxDepth`? One linear pass without recursion, before anything
 * parses the text. Says nothing about whether the text is JSON.
 */
export function isShallow(text: string, maxDepth: number): boolean {
  // A text nested deeper than that is longer than that: most requests end here.
  if (text.length <= maxDepth) return true;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index);
    // `[` is 91 and `{` 123, the closing ones two further.
    else if (code === 91 || code === 123) {
      if (++depth > maxDepth) return false;
    } else if (code === 93 || code === 125) depth--;
  }
  return true;
}

/** Position of the quote that closes the string that opens at `start`; the text's length when none does. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end, start)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

/** An odd number of backslashes before it makes a quote part of the string. */
function isEscaped(text: string, position: number, start: number): boolean {
  let backslashes = 0;
  for (let index = position - 1; index > start && text.charCodeAt(index) === BACKSLASH; index--)
    backslashes++;
  return backslashes % 2 === 1;
}

/**
 * The text of one member of a compact JSON object that the platform itself has written, copied as it stands: parsing
 * and printing again would change numbers that a double cannot hold.
 */
export function memberText(json: string, key: string): string | undefined {
  let depth = 0;
  let found = -1;
  for (let index = 0; index < json.length; index++) {
    const code = json.charCodeAt(index);
    if (code === QUOTE) {
      const end = endOfString(json, index);
      if (
        depth === 1 &&
        found === -1 &&
        json.charCodeAt(end + 1) === 58 &&
        json.slice(index + 1, end) === key
      ) {
        found = end + 2;
      }
      index = end;
    } else if (code === 91 || code === 123) depth++;
    else if (code === 93 || code === 125) {
      if (--depth === 0 && found !== -1) return json.slice(found, index);
    } else if (code === 44 && depth === 1 && found !== -1) return json.slice(found, index);
  }
  return undefined;
}
