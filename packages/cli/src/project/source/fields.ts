import { didYouMean } from '../../command/suggest.ts';
import { jsonOf, nounOf, type Located, type LocatedMap } from './located.ts';
import type { Position, Problems } from './problems.ts';

/** A named map inside a map. */
export interface Child {
  readonly name: string;
  readonly at: Position;
  readonly fields: Fields;
}

/** Reads the members of one map, and says what is wrong with them. A member that is wrong counts as absent. */
export class Fields {
  readonly #problems: Problems;
  readonly #what: string;
  readonly map: LocatedMap;

  constructor(map: LocatedMap, what: string, problems: Problems) {
    this.map = map;
    this.#what = what;
    this.#problems = problems;
  }

  get at(): Position {
    return this.map.at;
  }

  /** Reports every name that is not known, with the one that was probably meant. */
  check(known: readonly string[]): this {
    for (const [name, { keyAt }] of this.map.members) {
      if (known.includes(name)) continue;
      const [meant = `It may have: ${known.join(', ')}`] = didYouMean(name, known);
      this.#problems.add(keyAt, `${this.#what} has no '${name}'. ${meant}`);
    }
    return this;
  }

  get(name: string): Located | undefined {
    const value = this.map.members.get(name)?.value;
    return value?.type === 'scalar' && value.kind === 'null' ? undefined : value;
  }

  keyAt(name: string): Position {
    return this.map.members.get(name)?.keyAt ?? this.at;
  }

  #wrong(name: string, value: Located, right: string): undefined {
    this.#problems.add(value.at, `'${name}' of ${this.#what} must be ${right}, and is ${nounOf(value)}`);
    return undefined;
  }

  text(name: string): string | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (value.type !== 'scalar') return this.#wrong(name, value, 'a word');
    return value.text;
  }

  flag(name: string): boolean | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    const word = value.type === 'scalar' ? value.text.toLowerCase() : '';
    if (word === 'true' || word === 'yes') return true;
    if (word === 'false' || word === 'no') return false;
    return this.#wrong(name, value, 'true or false');
  }

  /** A member that is a map; an absent or empty one is `undefined`. */
  fields(name: string, what: string): Fields | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (value.type !== 'map') return this.#wrong(name, value, 'a map');
    return new Fields(value, what, this.#problems);
  }

  /** The members of this map, each a map itself; one without a value is an empty map. */
  *each(noun: string): Generator<Child> {
    for (const [name, { keyAt, value }] of this.map.members) {
      const what = `${noun} '${name}'`;
      const isEmpty = value.type === 'scalar' && value.kind === 'null';
      const map = isEmpty ? ({ type: 'map', at: keyAt, members: new Map() } as const) : value;
      if (map.type === 'map') yield { name, at: keyAt, fields: new Fields(map, what, this.#problems) };
      else this.#problems.add(value.at, `${what} must be a map, and is ${nounOf(value)}`);
    }
  }

  /** {@link each} of a member that is a map. */
  *children(name: string, noun: string): Generator<Child> {
    yield* this.fields(name, `'${name}'`)?.each(noun) ?? [];
  }

  /** The members of a map as JSON text. */
  json(name: string): Map<string, string> {
    const members = this.fields(name, `'${name}' of ${this.#what}`)?.map.members ?? [];
    return new Map(Array.from(members, ([key, { value }]) => [key, jsonOf(value)]));
  }

  /** A list of words, or words in one string with commas between them. */
  words(name: string): string[] | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (value.type === 'scalar') return value.text.split(',').map((word) => word.trim());
    if (value.type === 'map') return this.#wrong(name, value, 'a list of names');
    return value.items.flatMap((item) =>
      item.type === 'scalar' ? [item.text] : (this.#wrong(name, item, 'a list of names') ?? []),
    );
  }

  problem(message: string, at: Position = this.at): void {
    this.#problems.add(at, message);
  }

  warn(message: string, at: Position = this.at): void {
    this.#problems.warn(at, message);
  }
}
