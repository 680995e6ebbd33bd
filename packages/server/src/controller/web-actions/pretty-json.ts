/** Deeper members are not moved further to the right, so that nesting can't make a small text a huge one. */
const MAX_INDENT = 32;

const breaks = Array.from({ length: MAX_INDENT + 1 }, (_, depth) => `\n${'  '.repeat(depth)}`);

const PLAIN_END = /[\s"{}[\],:]|$/g;
const SPACE = /\s/;

/** The position behind the string that opens at `start`. */
function behindString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let before = end - 1;
    while (json[before] === '\\') before--;
    if ((end - before) % 2 === 1) return end + 1;
  }
  return json.length;
}

/** The position behind the number or word that begins at `start`. */
function behindPlain(json: string, start: number): number {
  PLAIN_END.lastIndex = start + 1;
  return PLAIN_END.exec(json)?.index ?? json.length;
}

/**
 * JSON text as people read it, and as OpenWhisk prints it: a line for each member of an object, arrays in one. Takes any
 * JSON text and keeps its numbers and strings to the letter. One pass, without recursion.
 */
export function prettyJson(json: string): string {
  const parts: string[] = [];
  /** What encloses the current position: an object each time it is true. */
  const enclosing: boolean[] = [];
  let depth = 0;
  let isFresh = false;
  const line = (): string => breaks[Math.min(depth, MAX_INDENT)] as string;
  for (let at = 0; at < json.length;) {
    const mark = json[at] as string;
    let end = at + 1;
    if (SPACE.test(mark)) {
      at = end;
      continue;
    }
    if (isFresh && mark !== '}') parts.push(line());
    if (mark === '{') depth += 1;
    if (mark === '{' || mark === '[') enclosing.push(mark === '{');
    else if (mark === '}' || mark === ']') enclosing.pop();
    if (mark === '}') {
      depth -= 1;
      parts.push(isFresh ? '\n' : '', line(), mark);
    } else if (mark === ',') parts.push(enclosing.at(-1) === true ? `,${line()}` : ', ');
    else if (mark === ':') parts.push(': ');
    else if (mark === '{' || mark === '[' || mark === ']') parts.push(mark);
    else {
      end = mark === '"' ? behindString(json, at) : behindPlain(json, at);
      parts.push(json.slice(at, end));
    }
    isFresh = mark === '{';
    at = end;
  }
  return parts.join('');
}
