import type { Fields } from '../source/fields.ts';

/** Names in a manifest, those of the platform, and the units that may follow the number, in the platform's unit. */
const limits: Readonly<
  Record<string, { readonly field: string; readonly units: Readonly<Record<string, number>> }>
> = {
  timeout: { field: 'timeout', units: { ms: 1, s: 1000, m: 60_000 } },
  memorySize: { field: 'memory', units: { mb: 1, gb: 1024 } },
  logSize: { field: 'logs', units: { mb: 1, gb: 1024 } },
  concurrency: { field: 'concurrency', units: {} },
  instances: { field: 'instances', units: {} },
};

/** Part of the specification of manifests, and nothing that a platform lets its users choose. */
const fixed = ['concurrentActivations', 'userInvocationRate', 'codeSize', 'parameterSize'];

function amount(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor =
    unit === '' ? 1 : Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  return digits === '' || factor === undefined ? undefined : Number(digits) * factor;
}

/** The limits of an action as fields of an entity. */
export function readLimits(action: Fields): [string, string][] {
  const given = action.fields('limits', "'limits'")?.check([...Object.keys(limits), ...fixed]);
  const found: [string, string][] = [];
  for (const [name, { field, units }] of Object.entries(limits)) {
    const written = given?.text(name);
    if (given === undefined || written === undefined) continue;
    const value = amount(written, units);
    if (value !== undefined) found.push([`limits.${field}`, String(value)]);
    else {
      const allowed = Object.keys(units).join(', ');
      given.problem(
        `'${name}' must be a whole number${allowed === '' ? '' : `, with ${allowed} or no unit`}, and is '${written}'`,
        given.get(name)?.at,
      );
    }
  }
  for (const name of fixed) {
    if (given?.get(name))
      given.warn(`'${name}' is a limit that the platform sets; it is left out`, given.keyAt(name));
  }
  return found;
}
