import { suggestField } from './suggest-field.ts';

/**
 * Says what is wrong with the value at a place of a spec, why, and how to mend it, in one sentence; undefined when
 * nothing is. TypeScript checks most of this for its own callers; programs in JavaScript and specs read from files
 * have nothing else.
 */
export type Shape = (value: unknown, at: string) => string | undefined;

/** A value as it is quoted in a sentence: short, and never a whole object. */
export function quoted(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function wrong(at: string, value: unknown, mend: string): string {
  return value === undefined ? `${at} is missing: ${mend}.` : `${at} is ${quoted(value)}: ${mend}.`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Bounds {
  readonly min?: number;
  readonly max?: number;
  /** Less than that is nothing; 0 is allowed. */
  readonly smallest?: number;
  readonly whole?: boolean;
  /** What to give instead: the end of the sentence. */
  readonly give: string;
}

function amount({ min = 0, max = 1e12, smallest = 0, whole = false, give }: Bounds): Shape {
  return (value, at) => {
    if (typeof value !== 'number') return wrong(at, value, `give ${give}, as a number`);
    if (!Number.isFinite(value)) return wrong(at, value, `Mesos takes finite numbers only; give ${give}`);
    if (value < min) return wrong(at, value, `it can't be less than ${min}; give ${give}`);
    if (value > 0 && value < smallest) {
      return wrong(at, value, `the smallest amount that Mesos counts is ${smallest}; give ${give}`);
    }
    if (value > max) return wrong(at, value, `it can't be more than ${max}; give ${give}`);
    if (whole && !Number.isInteger(value)) return wrong(at, value, `it must be whole; give ${give}`);
    return undefined;
  };
}

/** A text that isn't empty (unless `mayBeEmpty`) and holds no NUL, which ends a text for the system's calls. */
function text(give: string, { mayBeEmpty = false } = {}): Shape {
  return (value, at) => {
    if (typeof value !== 'string') return wrong(at, value, `give ${give}, as a text`);
    if (value === '' && !mayBeEmpty) return wrong(at, value, `it can't be empty; give ${give}`);
    return value.includes('\0') ? `${at} holds a NUL character, where a text ends: leave it out.` : undefined;
  };
}

function flag(value: unknown, at: string): string | undefined {
  return typeof value === 'boolean' ? undefined : wrong(at, value, 'give true or false');
}

function callback(value: unknown, at: string): string | undefined {
  return typeof value === 'function' ? undefined : wrong(at, value, 'give a function');
}

function word(...words: readonly string[]): Shape {
  const choice = words.map((each) => `"${each}"`).join(' or ');
  return (value, at) => (words.includes(value as string) ? undefined : wrong(at, value, `give ${choice}`));
}

function list(item: Shape): Shape {
  return (value, at) => {
    if (!Array.isArray(value)) return wrong(at, value, 'give a list');
    for (let index = 0; index < value.length; index += 1) {
      const problem = item(value[index], `${at}[${index}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

/** An object of any keys: `key` checks the name, `item` the value. */
function map(key: Shape, item: Shape): Shape {
  return (value, at) => {
    if (!isObject(value)) return wrong(at, value, 'give an object of names and texts');
    for (const [name, each] of Object.entries(value)) {
      const problem = key(name, `a name in ${at}`) ?? item(each, `${at}.${name}`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

/** An object of known fields. A field that is undefined counts as absent. */
function object(required: Readonly<Record<string, Shape>>, optional: Readonly<Record<string, Shape>>): Shape {
  const known = [...Object.keys(required), ...Object.keys(optional)];
  return (value, at) => {
    if (!isObject(value)) return wrong(at || 'the spec', value, 'give an object');
    const inside = (name: string) => (at === '' ? name : `${at}.${name}`);
    for (const name of Object.keys(value)) {
      if (known.includes(name)) continue;
      const meant = suggestField(name, known);
      const mend = meant === undefined ? `known are ${known.join(', ')}` : `did you mean ${inside(meant)}?`;
      return `${inside(name)} is no field of ${at || 'a spec'}: ${mend}${mend.endsWith('?') ? '' : '.'}`;
    }
    for (const [name, shape] of Object.entries(required)) {
      const problem = shape(value[name], inside(name));
      if (problem !== undefined) return problem;
    }
    for (const [name, shape] of Object.entries(optional)) {
      if (value[name] === undefined) continue;
      const problem = shape(value[name], inside(name));
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

/** A text, or else an object. */
function textOr(asText: Shape, asObject: Shape): Shape {
  return (value, at) => (isObject(value) ? asObject(value, at) : asText(value, at));
}

/** What specs are made of. */
export const shapes = { amount, text, flag, callback, word, list, map, object, textOr };
