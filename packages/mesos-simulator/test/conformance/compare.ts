import { isObject } from './correspondence.ts';

/** Numbers and texts that no two runs share: only their type is compared. `data` is what `docker inspect` says. */
const volatile = new Set(['timestamp', 'nanoseconds', 'executor_pid', 'start_time', 'ip', 'port', 'data']);

/** Where two JSON values differ, each as `path: recorded … ≠ simulated …`. */
export function differences(recorded: unknown, simulated: unknown, path = ''): string[] {
  if (Array.isArray(recorded) && Array.isArray(simulated)) {
    return compareArrays(recorded, simulated, path);
  }
  if (isObject(recorded) && isObject(simulated)) return compareObjects(recorded, simulated, path);
  const key = path.slice(path.lastIndexOf('.') + 1);
  if (volatile.has(key) && typeof recorded === typeof simulated) return [];
  return recorded === simulated ? [] : [`${path}: recorded ${show(recorded)} ≠ simulated ${show(simulated)}`];
}

/** What is wrong with a document's shape. */
export interface ShapeDifferences {
  /** Other types, and fields that a real Mesos does not have. */
  readonly wrong: readonly string[];
  /** Fields that it always has and the simulator lacks. */
  readonly missing: readonly string[];
}

/** How a simulated document's shape differs from a recorded one's. */
export function shapeDifferences(recorded: unknown, simulated: unknown): ShapeDifferences {
  return compareShapes({ allowed: recorded, required: recorded }, simulated, '');
}

/** What elements of an array have all together, and what each of them has. */
interface Shape {
  readonly allowed: unknown;
  readonly required: unknown;
}

function compareShapes({ allowed, required }: Shape, simulated: unknown, path: string): ShapeDifferences {
  if (Array.isArray(allowed) && Array.isArray(simulated)) {
    if (allowed.length === 0) return { wrong: [], missing: [] };
    const shape = {
      allowed: allowed.reduce((all: unknown, each: unknown) => unite(all, each)),
      required: Array.isArray(required) && required.length > 0 ? required.reduce(intersect) : undefined,
    };
    return join(simulated.map((each) => compareShapes(shape, each, `${path}[]`)));
  }
  if (isObject(allowed) && isObject(simulated)) {
    return compareFields({ allowed, required: isObject(required) ? required : {} }, simulated, path);
  }
  const same = kindOf(allowed) === kindOf(simulated);
  return {
    wrong: same ? [] : [`${path}: recorded ${kindOf(allowed)}, simulated ${kindOf(simulated)}`],
    missing: [],
  };
}

type Fields = Readonly<Record<string, unknown>>;

function compareFields(
  { allowed, required }: { readonly allowed: Fields; readonly required: Fields },
  simulated: Fields,
  path: string,
): ShapeDifferences {
  const parts = Object.entries(simulated).map(([key, value]) =>
    key in allowed
      ? compareShapes({ allowed: allowed[key], required: required[key] }, value, `${path}.${key}`)
      : { wrong: [`${path}.${key}: a real Mesos has no such field`], missing: [] },
  );
  const missing = Object.keys(required).filter((key) => !(key in simulated));
  return join([...parts, { wrong: [], missing: missing.map((key) => `${path}.${key}`) }]);
}

function compareArrays(recorded: readonly unknown[], simulated: readonly unknown[], path: string): string[] {
  if (recorded.length !== simulated.length) {
    return [`${path}: recorded ${recorded.length} elements, simulated ${simulated.length}`];
  }
  return recorded.flatMap((each, index) => differences(each, simulated[index], `${path}[${index}]`));
}

function compareObjects(
  recorded: Readonly<Record<string, unknown>>,
  simulated: Readonly<Record<string, unknown>>,
  path: string,
): string[] {
  const keys = new Set([...Object.keys(recorded), ...Object.keys(simulated)]);
  return [...keys].flatMap((key) => {
    if (!(key in simulated)) return [`${path}.${key}: recorded ${show(recorded[key])}, simulated not there`];
    if (!(key in recorded)) return [`${path}.${key}: not recorded, simulated ${show(simulated[key])}`];
    return differences(recorded[key], simulated[key], `${path}.${key}`);
  });
}

function unite(left: unknown, right: unknown): unknown {
  if (Array.isArray(left) && Array.isArray(right)) return [...(left as unknown[]), ...(right as unknown[])];
  if (!isObject(left) || !isObject(right)) return left;
  const shared = Object.keys(left).filter((key) => key in right);
  const united = Object.fromEntries(shared.map((key) => [key, unite(left[key], right[key])]));
  return { ...left, ...right, ...united };
}

function intersect(left: unknown, right: unknown): unknown {
  if (Array.isArray(left) && Array.isArray(right)) {
    const all = [...(left as unknown[]), ...(right as unknown[])];
    return all.length === 0 ? [] : [all.reduce(intersect)];
  }
  if (!isObject(left) || !isObject(right)) return left;
  const shared = Object.keys(left).filter((key) => key in right);
  return Object.fromEntries(shared.map((key) => [key, intersect(left[key], right[key])]));
}

function join(parts: readonly ShapeDifferences[]): ShapeDifferences {
  return {
    wrong: [...new Set(parts.flatMap((part) => part.wrong))],
    missing: [...new Set(parts.flatMap((part) => part.missing))],
  };
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  return value === null ? 'null' : typeof value;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
