import type { Parameter } from '@vibrissa/protocol';

/** Parameters by name: an upper one replaces a lower one in its place. */
export function overlayParameters(
  below: readonly Parameter[],
  above: readonly Parameter[],
): readonly Parameter[] {
  const byName = new Map<string, Parameter>();
  for (const parameter of below) byName.set(parameter.key, parameter);
  for (const parameter of above) byName.set(parameter.key, parameter);
  return [...byName.values()];
}
