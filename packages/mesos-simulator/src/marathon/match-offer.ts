import type { WireAttribute, WireOffer, WireResource } from '@vibrissa/mesos/wire';

import type { RandomSource } from '../base/random.ts';
import type { AppSpec, ConstraintSpec } from './app-spec.ts';
import type { Instance } from './instance.ts';

/** What is left of an offer while tasks are put on it. */
export interface OfferRest {
  readonly offer: WireOffer;
  readonly scalars: Map<string, number>;
  readonly ports: Set<number>;
  readonly attributes: ReadonlyMap<string, string>;
}

type Placed = Pick<Instance, 'host' | 'region' | 'zone' | 'attributes'>;

/** Only what nobody has reserved. */
export function restOf(offer: WireOffer): OfferRest {
  const free = offer.resources.filter(
    ({ reservations = [], role = '*', revocable }) =>
      reservations.length === 0 && role === '*' && revocable === undefined,
  );
  const scalars = new Map<string, number>();
  const ports = new Set<number>();
  for (const resource of free) {
    if (resource.type === 'SCALAR')
      scalars.set(resource.name, (scalars.get(resource.name) ?? 0) + resource.scalar.value);
    else if (resource.type === 'RANGES' && resource.name === 'ports')
      for (const { begin, end } of resource.ranges.range)
        for (let port = begin; port <= end; port++) ports.add(port);
  }
  return { offer, scalars, ports, attributes: attributeTexts(offer.attributes ?? []) };
}

/** Where an offer comes from, in the shape of a task that would be there. */
export function placeOf({ offer, attributes }: OfferRest): Placed {
  const domain = offer.domain?.fault_domain;
  return { host: offer.hostname, region: domain?.region.name, zone: domain?.zone.name, attributes };
}

/** Host ports for one more task of `app`, taken from the rest with its other resources; undefined: it doesn't fit. */
export function matchOffer(
  rest: OfferRest,
  { app, others }: { readonly app: AppSpec; readonly others: readonly Placed[] },
  random: RandomSource,
): readonly number[] | undefined {
  const needs = { cpus: app.cpus, mem: app.mem, disk: app.disk, gpus: app.gpus };
  const entries = Object.entries(needs);
  // Sums of tenths are not exact; Mesos counts in thousandths.
  if (entries.some(([name, need]) => need > (rest.scalars.get(name) ?? 0) + 1e-6)) return undefined;
  if (!app.constraints.every((constraint) => isMet(constraint, placeOf(rest), others))) return undefined;
  const ports = choosePorts(app, rest.ports, random);
  if (ports === undefined) return undefined;
  for (const [name, need] of entries) rest.scalars.set(name, (rest.scalars.get(name) ?? 0) - need);
  for (const port of ports) rest.ports.delete(port);
  return ports;
}

function choosePorts(app: AppSpec, free: ReadonlySet<number>, random: RandomSource): number[] | undefined {
  const left = new Set(free);
  const fixed = app.ports.flatMap(({ hostPort }) => (hostPort ? [hostPort] : []));
  for (const port of fixed) if (!left.delete(port)) return undefined;
  const chosen: number[] = [];
  for (const { hostPort } of app.ports) {
    if (hostPort === undefined) continue;
    const port = hostPort === 0 ? [...left][Math.floor(random.next() * left.size)] : hostPort;
    if (port === undefined) return undefined;
    left.delete(port);
    chosen.push(port);
  }
  return chosen;
}

function attributeTexts(attributes: readonly WireAttribute[]): ReadonlyMap<string, string> {
  return new Map(
    attributes.flatMap((each) => {
      if (each.type === 'TEXT') return [[each.name, each.text.value] as const];
      return each.type === 'SCALAR' ? [[each.name, String(each.scalar.value)] as const] : [];
    }),
  );
}

function fieldOf(field: string, place: Placed): string | undefined {
  switch (field) {
    case 'hostname':
    case '@hostname':
      return place.host;
    case '@region':
      return place.region;
    case '@zone':
      return place.zone;
    default:
      return place.attributes.get(field);
  }
}

/** A place without the field only meets what asks for its absence. */
function isMet(
  { field, operator, value }: ConstraintSpec,
  place: Placed,
  others: readonly Placed[],
): boolean {
  const mine = fieldOf(field, place);
  if (mine === undefined) return operator === 'UNLIKE';
  const counts = new Map<string, number>();
  for (const other of others) {
    const theirs = fieldOf(field, other);
    if (theirs !== undefined) counts.set(theirs, (counts.get(theirs) ?? 0) + 1);
  }
  const here = counts.get(mine) ?? 0;
  switch (operator) {
    case 'UNIQUE':
      return here === 0;
    case 'MAX_PER':
      return here < Number(value);
    case 'CLUSTER':
      return value === '' ? here === others.length : mine === value;
    case 'IS':
      return mine === value;
    case 'LIKE':
      return new RegExp(`^(?:${value})$`).test(mine);
    case 'UNLIKE':
      return !new RegExp(`^(?:${value})$`).test(mine);
    case 'GROUP_BY':
      return here <= (counts.size < Math.max(1, Number(value)) ? 0 : Math.min(...counts.values()));
  }
}

/** What a task takes, as its resources travel. */
export function taskResources(app: AppSpec, ports: readonly number[]): WireResource[] {
  const scalars = Object.entries({ cpus: app.cpus, mem: app.mem, disk: app.disk, gpus: app.gpus })
    .filter(([, value]) => value > 0)
    .map(([name, value]): WireResource => ({ name, type: 'SCALAR', scalar: { value } }));
  const range = ports.map((port) => ({ begin: port, end: port }));
  return [
    ...scalars,
    ...(range.length > 0 ? [{ name: 'ports', type: 'RANGES', ranges: { range } } as const] : []),
  ];
}
