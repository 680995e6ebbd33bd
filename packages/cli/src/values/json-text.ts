/**
 * JSON handled as text. What a user wrote and what the server answered is passed on digit for digit: a number
 * beyond 2^53 or a member called `__proto__` would not survive JavaScript's own objects.
 */
const punctuation = '{}[]:,';
const word = /[^\s[\]{}:,"]+/y;

/** The index after a string that begins at `start`: its closing quote follows an even number of backslashes. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  for (;;) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return end + 1;
    end = json.indexOf('"', end + 1);
  }
}

/** The tokens of valid JSON. Strings are found by search, since an action's code may have megabytes. */
function tokensOf(json: string): string[] {
  const tokens: string[] = [];
  let index = 0;
  while (index < json.length) {
    const character = json[index] ?? '';
    let end = index + 1;
    if (character === '"') end = endOfString(json, index);
    else if (!punctuation.includes(character)) {
      word.lastIndex = index;
      end += (word.exec(json)?.[0].length ?? 0) - 1;
      if (end === index) {
        index++;
        continue;
      }
    }
    tokens.push(json.slice(index, end));
    index = end;
  }
  return tokens;
}

/** Says whether the text is one JSON value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Says whether the text is a JSON object. */
export function isJsonObject(text: string): boolean {
  return isJson(text) && text.trimStart().startsWith('{');
}

function isContainerOpen(text: string): boolean {
  return text === '{' || text === '[';
}

/** Valid JSON indented by four spaces, as `wsk` prints it. Empty objects and arrays stay on one line. */
export function prettyJson(json: string): string {
  const tokens = tokensOf(json);
  const parts: string[] = [];
  let depth = 0;
  const newLine = (): void => void parts.push('\n', '    '.repeat(depth));
  for (const [index, text] of tokens.entries()) {
    const next = tokens[index + 1];
    if (isContainerOpen(text)) {
      parts.push(text);
      depth++;
      if (next !== '}' && next !== ']') newLine();
    } else if (text === '}' || text === ']') {
      depth--;
      if (!isContainerOpen(tokens[index - 1] ?? '')) newLine();
      parts.push(text);
    } else if (text === ',') {
      parts.push(text);
      newLine();
    } else parts.push(text === ':' ? ': ' : text);
  }
  return parts.join('');
}

/** Valid JSON without white space between its tokens. */
export function compactJson(json: string): string {
  return tokensOf(json).join('');
}

/** The values directly inside a valid JSON array or object, as text; the members' names too. */
function* children(json: string): Generator<{ name: string | undefined; value: string }> {
  const isObject = json.trimStart().startsWith('{');
  let depth = 0;
  let name: string | undefined;
  let value = '';
  for (const text of tokensOf(json)) {
    const opens = isContainerOpen(text);
    const closes = text === '}' || text === ']';
    if (depth === 1 && !opens && (closes || text === ',')) {
      if (value !== '') yield { name, value };
      name = undefined;
      value = '';
    } else if (depth === 1 && isObject && name === undefined) name = JSON.parse(text) as string;
    else if (depth > 1 || (depth === 1 && (text !== ':' || value !== ''))) value += text;
    if (opens) depth++;
    else if (closes) depth--;
  }
}

/** The members of a JSON object in order, with their values as text; the last of equal names wins. */
export function jsonMembers(json: string): Map<string, string> {
  const members = new Map<string, string>();
  for (const { name, value } of children(json)) if (name !== undefined) members.set(name, value);
  return members;
}

/** The elements of a JSON array as text. */
export function jsonElements(json: string): string[] {
  return Array.from(children(json), ({ value }) => value);
}

/** An object's text from its members' texts; those that are `undefined` are left out. */
export function jsonObject(members: Iterable<readonly [string, string | undefined]>): string {
  const parts: string[] = [];
  for (const [name, value] of members)
    if (value !== undefined) parts.push(`${JSON.stringify(name)}:${value}`);
  return `{${parts.join(',')}}`;
}

/** OpenWhisk's list of `{"key":…,"value":…}` from named values. */
export function keyValueJson(entries: ReadonlyMap<string, string>): string {
  const items = Array.from(entries, ([key, value]) => `{"key":${JSON.stringify(key)},"value":${value}}`);
  return `[${items.join(',')}]`;
}

/** Named values from OpenWhisk's list of `{"key":…,"value":…}`. */
export function readKeyValues(json: string | undefined): Map<string, string> {
  const entries = new Map<string, string>();
  for (const item of json === undefined ? [] : jsonElements(json)) {
    const members = jsonMembers(item);
    const key = members.get('key');
    if (key !== undefined) entries.set(JSON.parse(key) as string, members.get('value') ?? 'null');
  }
  return entries;
}
