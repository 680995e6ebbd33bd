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

/** A member of a JSON object's text: `json.slice(from, to)` is its value. */
export interface JsonMember {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

const COMMA = 44;
const COLON = 58;

function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}

function afterSpace(json: string, from: number): number {
  let at = from;
  while (at < json.length && isSpace(json.charCodeAt(at))) at++;
  return at;
}

function endOfValue(json: string, from: number): number {
  let depth = 0;
  let at = from;
  for (; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(json, at);
      if (depth === 0) return at + 1;
    } else if (code === 91 || code === 123) depth++;
    else if (code === 93 || code === 125) {
      if (depth === 0) break;
      if (--depth === 0) return at + 1;
    } else if (code === COMMA && depth === 0) break;
  }
  // A number or a word: what separates it from the next is not part of it.
  while (isSpace(json.charCodeAt(at - 1))) at--;
  return at;
}

/**
 * Where the members of an object lie in its text, in their order, whoever wrote it; of two with one key both are told.
 * The text has been parsed before, and is an object.
 */
export function jsonMembersOf(json: string): readonly JsonMember[] {
  const members: JsonMember[] = [];
  let at = afterSpace(json, json.indexOf('{') + 1);
  while (json.charCodeAt(at) === QUOTE) {
    const keyEnd = endOfString(json, at) + 1;
    const key = JSON.parse(json.slice(at, keyEnd)) as string;
    const colon = afterSpace(json, keyEnd);
    if (json.charCodeAt(colon) !== COLON) break;
    const from = afterSpace(json, colon + 1);
    const to = endOfValue(json, from);
    members.push({ key, from, to });
    at = afterSpace(json, to);
    if (json.charCodeAt(at) === COMMA) at = afterSpace(json, at + 1);
  }
  return members;
}

/**
 * The members' own texts by key; of two with one key the later counts, as parsing has it. Putting these together again
 * keeps numbers that a double cannot hold. The text has been parsed before, and is an object.
 */
export function memberTextsOf(json: string): Map<string, string> {
  return new Map(jsonMembersOf(json).map(({ key, from, to }) => [key, json.slice(from, to)]));
}

/** The text of an object whose members have these texts. */
export function objectText(members: Iterable<readonly [key: string, json: string]>): string {
  return `{${Array.from(members, ([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;
}
