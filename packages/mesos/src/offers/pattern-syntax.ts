/** Inclusive ranges of code points, ascending. */
export type CodeRanges = readonly (readonly [from: number, to: number])[];

/** A regular expression, read. */
export type PatternNode =
  | { readonly kind: 'one-of'; readonly ranges: CodeRanges }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly node: PatternNode; readonly min: number; readonly max: number };

/** The expression can't be read, or means something that no matching in linear time can do. */
export class InvalidPattern extends Error {
  override readonly name = 'InvalidPattern';
}

const LAST_CODE = 0x10ffff;
const NEWLINE = 10;
const DIGITS: CodeRanges = [[48, 57]];
const WORD: CodeRanges = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const SPACE: CodeRanges = [
  [9, 10],
  [12, 13],
  [32, 32],
];
const ANY = complement([[NEWLINE, NEWLINE]]);
const CLASSES: Readonly<Record<string, CodeRanges>> = {
  d: DIGITS,
  D: complement(DIGITS),
  w: WORD,
  W: complement(WORD),
  s: SPACE,
  S: complement(SPACE),
};
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, f: 12, r: 13 };
const PUNCTUATION = /^[!-/:-@[-^`{-~]$/;

/**
 * Reads a regular expression: the part of the syntax that JavaScript, Java and RE2 (which Mesos uses) share and read
 * alike. No references to groups, no looking around, no word boundaries, no flags, no named groups.
 */
export function readPattern(source: string): PatternNode {
  const reader = new Reader(Array.from(source));
  const node = reader.choice();
  if (!reader.atEnd) throw new InvalidPattern('it closes a group that is not open: escape ")" as "\\)"');
  return node;
}

/** Recursive descent; each method reads what it is named after and stops before the rest. */
class Reader {
  readonly #chars: readonly string[];
  #at = 0;

  constructor(chars: readonly string[]) {
    this.#chars = chars;
  }

  get atEnd(): boolean {
    return this.#at >= this.#chars.length;
  }

  choice(): PatternNode {
    const nodes = [this.#sequence()];
    while (this.#skip('|')) nodes.push(this.#sequence());
    const [only] = nodes;
    return nodes.length === 1 && only !== undefined ? only : { kind: 'choice', nodes };
  }

  #sequence(): PatternNode {
    const nodes: PatternNode[] = [];
    while (!this.atEnd && this.#peek() !== '|' && this.#peek() !== ')') nodes.push(this.#repeated());
    return { kind: 'sequence', nodes };
  }

  #repeated(): PatternNode {
    const node = this.#atom();
    const bounds = this.#bounds();
    if (bounds === undefined) return node;
    if (node.kind === 'start' || node.kind === 'end')
      throw new InvalidPattern('it repeats a place, not a character');
    // Lazy or greedy makes no difference to whether the whole value matches.
    this.#skip('?');
    return { kind: 'repeat', node, ...bounds };
  }

  #bounds(): { readonly min: number; readonly max: number } | undefined {
    if (this.#skip('*')) return { min: 0, max: Infinity };
    if (this.#skip('+')) return { min: 1, max: Infinity };
    if (this.#skip('?')) return { min: 0, max: 1 };
    if (!this.#skip('{')) return undefined;
    const min = this.#number();
    const max = this.#skip(',') ? (this.#peek() === '}' ? Infinity : this.#number()) : min;
    if (!this.#skip('}') || max < min) throw new InvalidPattern('a count must read {n}, {n,} or {n,m}');
    return { min, max };
  }

  #number(): number {
    let digits = '';
    while (/^\d$/.test(this.#peek())) digits += this.#next();
    if (digits === '') throw new InvalidPattern('a "{" that is no count must be escaped as "\\{"');
    return Number(digits);
  }

  #atom(): PatternNode {
    const char = this.#next();
    if (char === '(') return this.#group();
    if (char === '[') return { kind: 'one-of', ranges: this.#charClass() };
    if (char === '.') return { kind: 'one-of', ranges: ANY };
    if (char === '^') return { kind: 'start' };
    if (char === '$') return { kind: 'end' };
    if (char === '\\') return { kind: 'one-of', ranges: this.#escape() };
    if ('*+?{'.includes(char)) throw new InvalidPattern(`there is nothing that "${char}" could repeat`);
    return { kind: 'one-of', ranges: single(codeOf(char)) };
  }

  #group(): PatternNode {
    if (this.#skip('?') && !this.#skip(':')) {
      throw new InvalidPattern('of groups that begin with "(?" only "(?:" is known');
    }
    const node = this.choice();
    if (!this.#skip(')')) throw new InvalidPattern('a "(" is never closed');
    return node;
  }

  #escape(): CodeRanges {
    if (this.atEnd) throw new InvalidPattern('it ends in the middle of an escape');
    const char = this.#next();
    const known = CLASSES[char];
    if (known !== undefined) return known;
    const control = CONTROLS[char];
    if (control !== undefined) return single(control);
    if (PUNCTUATION.test(char)) return single(codeOf(char));
    throw new InvalidPattern(`the escape "\\${char}" is not known`);
  }

  #charClass(): CodeRanges {
    const negated = this.#skip('^');
    const ranges: (readonly [number, number])[] = [];
    if (this.#peek() === ']') throw new InvalidPattern('a class "[…]" is empty');
    while (!this.#skip(']')) {
      if (this.atEnd) throw new InvalidPattern('a "[" is never closed');
      if (this.#peek() === '[' && this.#peek(1) === ':') {
        throw new InvalidPattern('named classes such as "[:alpha:]" are not known');
      }
      ranges.push(...this.#classItem());
    }
    const sorted = merged(ranges);
    return negated ? complement(sorted) : sorted;
  }

  #classItem(): CodeRanges {
    const from = this.#classChar();
    if (this.#peek() !== '-' || this.#peek(1) === ']' || this.#peek(1) === '') return from;
    this.#next();
    const to = this.#classChar();
    const low = onlyCode(from);
    const high = onlyCode(to);
    if (low === undefined || high === undefined || high < low) {
      throw new InvalidPattern('a range in "[…]" must go from a character to a later one');
    }
    return [[low, high]];
  }

  #classChar(): CodeRanges {
    const char = this.#next();
    return char === '\\' ? this.#escape() : single(codeOf(char));
  }

  #peek(ahead = 0): string {
    return this.#chars[this.#at + ahead] ?? '';
  }

  #next(): string {
    const char = this.#peek();
    this.#at += 1;
    return char;
  }

  #skip(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at += 1;
    return true;
  }
}

function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}

function single(code: number): CodeRanges {
  return [[code, code]];
}

/** The code of a class of one character. */
export function onlyCode(ranges: CodeRanges): number | undefined {
  const [range] = ranges;
  return ranges.length === 1 && range !== undefined && range[0] === range[1] ? range[0] : undefined;
}

function merged(ranges: CodeRanges): CodeRanges {
  const result: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((one, other) => one[0] - other[0])) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

function complement(ranges: CodeRanges): CodeRanges {
  const result: [number, number][] = [];
  let next = 0;
  for (const [from, to] of ranges) {
    if (from > next) result.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= LAST_CODE) result.push([next, LAST_CODE]);
  return result;
}
