import type { Position } from './problems.ts';

/** A value of a YAML file that knows where it stands. Members are a map, so that `__proto__` is a name like any other. */
export type Located = LocatedMap | LocatedList | LocatedScalar;

export interface LocatedMap {
  readonly type: 'map';
  readonly at: Position;
  readonly members: ReadonlyMap<string, Member>;
}

/** A value under its name. */
export interface Member {
  readonly keyAt: Position;
  readonly value: Located;
}

export interface LocatedList {
  readonly type: 'list';
  readonly at: Position;
  readonly items: readonly Located[];
}

export interface LocatedScalar {
  readonly type: 'scalar';
  readonly at: Position;
  /** `number` holds the digits as JSON writes them. */
  readonly kind: 'string' | 'number' | 'boolean' | 'null';
  /** As the user meant it: the string itself, digits, `true`, `false` or `null`. */
  readonly text: string;
}

/** The value as JSON text, digit for digit. */
export function jsonOf(located: Located): string {
  switch (located.type) {
    case 'scalar':
      return located.kind === 'string' ? JSON.stringify(located.text) : located.text;
    case 'list':
      return `[${located.items.map(jsonOf).join(',')}]`;
    case 'map':
      return `{${Array.from(located.members, ([name, { value }]) => `${JSON.stringify(name)}:${jsonOf(value)}`).join(',')}}`;
  }
}

/** What a user would call it. */
export function nounOf(located: Located): string {
  switch (located.type) {
    case 'map':
      return 'a map';
    case 'list':
      return 'a list';
    case 'scalar':
      return located.kind === 'null' ? 'nothing' : `the ${located.kind} ${JSON.stringify(located.text)}`;
  }
}
