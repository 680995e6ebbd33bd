import { isObject } from './correspondence.ts';

/** Numbers and texts that no two runs share: only their type is compared. */
const volatile = new Set(['timestamp', 'nanoseconds', 'executor_pid', 'start_time', 'ip', 'port']);

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

/**
 * How a simulated document's shape differs from a recorded one's: other types, fields that a real Mesos does not
 * have. `missing` are the fields that it has and the simulator lacks.
 */
export function shapeDifferences(
  recorded: unknown,
  simulated: unknown,
  path = '',
): { wrong: string[]; missing: string[] } {
  if (Array.isArray(recorded) && Array.isArray(simulated)) {
    if (recorded.length === 0) return { wrong: [], missing: [] };
    const merged = recorded.reduce((all: unknown, each: unknown) => merge(all, each));
    return join(simulated.map((each) => shapeDifferences(merged, each, `${path}[]`)));
  }
  if (isObject(recorded) && isObject(simulated)) {
    const keys = Object.keys(simulated);
    return join([
      ...keys.map((key) =>
        key in recorded
          ? shapeDifferences(recorded[key], simulated[key], `${path}.${key}`)
          : { wrong: [`${path}.${key}: a real Mesos has no such field`], missing: [] },
      ),
      {
        wrong: [],
        missing: Object.keys(recorded)
          .filter((key) => !(key in simulated))
          .map((key) => `${path}.${key}`),
      },
    ]);
  }
  const same = kindOf(recorded) === kindOf(simulated);
  return {
    wrong: same ? [] : [`${path}: recorded ${kindOf(recorded)}, simulated ${kindOf(simulated)}`],
    missing: [],
  };
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

/** An element of an array may lack what another has: the shape of all together. */
function merge(left: unknown, right: unknown): unknown {
  if (Array.isArray(left) && Array.isArray(right)) return [...(left as unknown[]), ...(right as unknown[])];
  if (!isObject(left) || !isObject(right)) return left;
  const shared = Object.keys(left).filter((key) => key in right);
  return {
    ...left,
    ...right,
    ...Object.fromEntries(shared.map((key) => [key, merge(left[key], right[key])])),
  };
}

function join(parts: readonly { wrong: string[]; missing: string[] }[]): {
  wrong: string[];
  missing: string[];
} {
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
