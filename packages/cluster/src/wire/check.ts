/** Says whether an opened JSON value is what a core expects. Never throws. */
export type Check<T> = (value: unknown) => value is T;

/** A check for each field, so that a field which nobody checks does not compile. */
export type Fields<T> = { readonly [K in keyof T]-?: Check<T[K]> };

export const text: Check<string> = (value): value is string => typeof value === 'string';

const LONGEST_ID = 256;
/** Ids and hosts stand in lines for people: no line breaks, and nothing that a terminal obeys. */
const PRINTABLE = /^[^\p{C}\p{Z}]+$/u;

export const printable: Check<string> = (value): value is string => text(value) && PRINTABLE.test(value);

export const id: Check<string> = (value): value is string => printable(value) && value.length <= LONGEST_ID;

export const flag: Check<boolean> = (value): value is boolean => typeof value === 'boolean';

export const number: Check<number> = (value): value is number => Number.isFinite(value);

/** Indexes, terms, numbers of requests: 0 to 2^53 - 1. */
export const count: Check<number> = (value): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

/** The field may be absent; it is never null. */
export function optional<T>(check: Check<T>): Check<T> {
  return (value): value is T => value === undefined || check(value);
}

export function listOf<T>(check: Check<T>): Check<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every((item) => check(item));
}

export function recordOf<T>(check: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value): value is Readonly<Record<string, T>> =>
    isObject(value) && Object.values(value).every((item) => check(item));
}

/** Fields that it does not know are let pass: a newer version may tell more. */
export function shape<T>(fields: Fields<T>): Check<T> {
  const checks = Object.entries<Check<unknown>>(fields);
  return (value): value is T => isObject(value) && checks.every(([name, check]) => check(own(value, name)));
}

/** As {@link shape}, but a field that it does not know is refused: who passes over it does not do what was asked. */
export function exactShape<T>(fields: Fields<T>): Check<T> {
  const known = new Set(Object.keys(fields));
  const isShape = shape<T>(fields);
  return (value): value is T =>
    isShape(value) && Object.keys(value as object).every((name) => known.has(name));
}

/** One of several shapes, told apart by a field. A kind that it does not know is refused. */
export function union<T, Tag extends keyof T>(
  tag: Tag,
  kinds: { readonly [K in T[Tag] & string]: Fields<Omit<Extract<T, Record<Tag, K>>, Tag>> },
): Check<T> {
  const shapes = new Map(
    Object.entries<Fields<unknown>>(kinds).map(([kind, fields]) => [kind, shape(fields)] as const),
  );
  return (value): value is T => {
    if (!isObject(value)) return false;
    const kind = own(value, String(tag));
    return typeof kind === 'string' && shapes.get(kind)?.(value) === true;
  };
}

export function literal<T extends string>(...words: readonly T[]): Check<T> {
  const known = new Set<unknown>(words);
  return (value): value is T => known.has(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What an object inherits (`constructor`) is nothing that was sent. */
function own(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
