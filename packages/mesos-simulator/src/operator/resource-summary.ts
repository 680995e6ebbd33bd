import type { WireResource } from '@vibrissa/mesos/wire';
import { Resources, reservedFor } from '../master/resources/resources.ts';

/** Resources as the older endpoints show them: `{"disk":0,"mem":32,"gpus":0,"cpus":0.1,"ports":"[31000-31000]"}`. */
export type ResourceSummary = Readonly<Record<string, number | string>>;

const always = ['disk', 'mem', 'gpus', 'cpus'] as const;

/** The four that everybody looks for are always there. */
export function summarize(resources: readonly WireResource[] | undefined): ResourceSummary {
  const scalars = Resources.of(resources ?? []).scalarsMilli;
  const summary: Record<string, number | string> = {};
  for (const name of always) summary[name] = (scalars.get(name) ?? 0) / 1000;
  for (const [name, milli] of scalars) summary[name] = milli / 1000;
  for (const { resource } of Resources.of(resources ?? []).entries) {
    if (resource.type === 'RANGES') {
      const text = resource.ranges.range.map(({ begin, end }) => `${begin}-${end}`).join(', ');
      const before = summary[resource.name];
      summary[resource.name] =
        before === undefined ? `[${text}]` : `${String(before).slice(0, -1)}, ${text}]`;
    } else if (resource.type === 'SET') summary[resource.name] = `{${resource.set.item.join(', ')}}`;
  }
  return summary;
}

/** Only what is there, and ranges by how many they hold: as the roles' endpoint and metrics have it. */
export function quantities(resources: readonly WireResource[] | undefined): Record<string, number> {
  const all = Resources.of(resources ?? []);
  const found: Record<string, number> = {};
  for (const [name, milli] of all.scalarsMilli) found[name] = milli / 1000;
  for (const { resource } of all.entries) {
    if (resource.type !== 'RANGES') continue;
    const size = resource.ranges.range.reduce((sum, { begin, end }) => sum + end - begin + 1, 0);
    found[resource.name] = (found[resource.name] ?? 0) + size;
  }
  return Object.fromEntries(Object.entries(found).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export interface SplitResources {
  readonly unreserved: readonly WireResource[];
  readonly reserved: ReadonlyMap<string, readonly WireResource[]>;
}

/** What belongs to nobody, and what to each role. */
export function splitReserved(resources: readonly WireResource[]): SplitResources {
  const reserved = new Map<string, WireResource[]>();
  const unreserved: WireResource[] = [];
  for (const resource of resources) {
    const role = reservedFor(resource) ?? (resource.role === '*' ? undefined : resource.role);
    if (role === undefined) unreserved.push(resource);
    else reserved.set(role, [...(reserved.get(role) ?? []), resource]);
  }
  return { unreserved, reserved };
}

/** As `splitReserved`, under the names that an agent's state has. */
export function reservationFields(resources: readonly WireResource[]): Record<string, unknown> {
  const { reserved, unreserved } = splitReserved(resources);
  return {
    reserved_resources: Object.fromEntries([...reserved].map(([role, list]) => [role, summarize(list)])),
    unreserved_resources: summarize(unreserved),
  };
}

/** The same in full, as `/slaves` and an agent's own state show it. */
export function fullReservationFields(resources: readonly WireResource[]): Record<string, unknown> {
  const { reserved, unreserved } = splitReserved(resources);
  return {
    reserved_resources_full: Object.fromEntries(reserved),
    unreserved_resources_full: unreserved.map((resource) => ({ ...resource, role: '*' })),
  };
}
