import type { Located, LocatedMap, Member } from './located.ts';
import type { Position, Problems } from './problems.ts';

/** Where `$NAME` finds its value; `undefined`: it is not set. */
export type Lookup = (name: string) => string | undefined;

const reference = /\$(?:\$(?=[A-Za-z_{])|\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)/g;

/** Inline code is full of `$`, which are the language's own. */
function isCode(name: string, path: readonly string[]): boolean {
  return name === 'code' && path.at(-2) === 'actions';
}

interface Interpolation {
  readonly lookup: Lookup;
  readonly problems: Problems;
}

/** Puts values in place of `$NAME` and `${NAME}`; `$$NAME` is a plain `$NAME`. */
export function interpolateText(text: string, at: Position, { lookup, problems }: Interpolation): string {
  return text.replace(reference, (written) => {
    if (written === '$$') return '$';
    const name = written.replace(/[${}]/g, '');
    const value = lookup(name);
    if (value !== undefined) return value;
    problems.add(
      at,
      `the environment variable ${name} is not set; set it, or give it with: --param ${name} VALUE`,
    );
    // Its name stands for it, so that one mistake is not told twice.
    return name;
  });
}

function interpolateMap(map: LocatedMap, given: Interpolation, path: readonly string[]): LocatedMap {
  const members = Array.from(map.members, ([name, { keyAt, value }]): [string, Member] => [
    name,
    { keyAt, value: isCode(name, path) ? value : interpolate(value, given, [...path, name]) },
  ]);
  return { ...map, members: new Map(members) };
}

/** Interpolates every string value; names stay as they are. `path` holds the names on the way to the value. */
export function interpolate(located: Located, given: Interpolation, path: readonly string[] = []): Located {
  switch (located.type) {
    case 'map':
      return interpolateMap(located, given, path);
    case 'list':
      return { ...located, items: located.items.map((item) => interpolate(item, given, path)) };
    case 'scalar':
      if (located.kind !== 'string') return located;
      return { ...located, text: interpolateText(located.text, located.at, given) };
  }
}

/** Names of packages may stand in variables too. */
export function interpolateNames(map: LocatedMap, given: Interpolation): LocatedMap {
  const members = Array.from(map.members, ([name, member]): [string, Member] => [
    interpolateText(name, member.keyAt, given),
    member,
  ]);
  return { ...map, members: new Map(members) };
}
