/** Text is read here by position; the JSON grammar has no place for more state than a stack of containers. */
const space = /[ \t\r\n]*/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const startOfString = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

interface Break {
  readonly offset: number;
  readonly expected: string;
}

/** What may stand at a position: after a value comes what its container says. */
type Expecting = 'value' | 'first element' | 'first name' | 'name' | 'colon' | 'next';

const words: Readonly<Record<Exclude<Expecting, 'next'>, string>> = {
  value: 'a value',
  'first element': 'a value or ]',
  'first name': 'a name in double quotes or }',
  name: 'a name in double quotes',
  colon: 'a colon',
};

/** Finds the first place where the text stops being JSON; `undefined` where it is JSON. */
function findBreak(text: string): Break | undefined {
  const stack: ('{' | '[')[] = [];
  let index = 0;
  let expecting: Expecting = 'value';
  const match = (pattern: RegExp): boolean => {
    pattern.lastIndex = index;
    const found = pattern.exec(text);
    if (found === null || found[0] === '') return false;
    index = pattern.lastIndex;
    return true;
  };
  const brokenString = (): Break | undefined =>
    match(startOfString) ? { offset: index, expected: 'the rest of a string' } : undefined;
  for (;;) {
    match(space);
    const character = text[index];
    const top = stack.at(-1);
    if (expecting === 'next') {
      if (top === undefined)
        return character === undefined ? undefined : { offset: index, expected: 'the end' };
      const close = top === '{' ? '}' : ']';
      if (character === ',') expecting = top === '{' ? 'name' : 'value';
      else if (character === close) stack.pop();
      else return { offset: index, expected: `a comma or ${close}` };
      index++;
    } else if (expecting === 'colon') {
      if (character !== ':') return { offset: index, expected: words.colon };
      index++;
      expecting = 'value';
    } else if (expecting === 'name' || expecting === 'first name') {
      if (expecting === 'first name' && character === '}') {
        stack.pop();
        index++;
        expecting = 'next';
      } else if (match(string)) expecting = 'colon';
      else return brokenString() ?? { offset: index, expected: words[expecting] };
    } else if (expecting === 'first element' && character === ']') {
      stack.pop();
      index++;
      expecting = 'next';
    } else if (character === '{' || character === '[') {
      stack.push(character);
      index++;
      expecting = character === '{' ? 'first name' : 'first element';
    } else if (match(string) || match(scalar)) expecting = 'next';
    else return brokenString() ?? { offset: index, expected: words[expecting] };
  }
}

function foundAt(text: string, offset: number): string {
  if (offset >= text.length) return 'the text ends';
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  return `there is ${/\p{Cc}/u.test(character) ? JSON.stringify(character) : `'${character}'`}`;
}

/** `line 3, column 7: there is '}' where a value is expected`. Lines and columns count from 1. */
export function whereJsonBreaks(text: string): string {
  const found = findBreak(text);
  if (found === undefined) return 'no mistake can be found';
  const before = text.slice(0, found.offset).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  return `line ${before.length}, column ${column}: ${foundAt(text, found.offset)} where ${found.expected} is expected`;
}
