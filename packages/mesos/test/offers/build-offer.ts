import { compileConstraint } from '../../src/offers/constraints.ts';
import type { PlacementRequest, ResourceNeed } from '../../src/offers/placement.ts';
import { toMilli } from '../../src/offers/resource-amounts.ts';
import type { Constraint } from '../../src/tasks/task-spec.ts';
import type { WireAttribute, WireOffer, WireResource } from '../../src/wire/index.ts';

let offers = 0;
let requests = 0;

/** What a resource says besides its amount: `reservations`, `role`, `disk`, … */
export type ResourceWords = Omit<Partial<WireResource>, 'name' | 'type' | 'scalar' | 'ranges' | 'set'>;

export function scalar(name: string, value: number, words: ResourceWords = {}): WireResource {
  return { name, type: 'SCALAR', scalar: { value }, ...words };
}

export function ports(...ranges: readonly (readonly [number, number])[]): WireResource {
  return { name: 'ports', type: 'RANGES', ranges: { range: ranges.map(([begin, end]) => ({ begin, end })) } };
}

export function reservedFor(role: string): ResourceWords {
  return { reservations: [{ type: 'STATIC', role }] };
}

export function text(name: string, value: string): WireAttribute {
  return { name, type: 'TEXT', text: { value } };
}

/** Role `web`, agent `a1`, 8 cpus, 16,384 MB and 10,000 MB of disk, ports 31000–32000, unless told otherwise. */
export function anOffer(
  given: Partial<WireOffer> & { readonly agent?: string; readonly role?: string } = {},
): WireOffer {
  offers += 1;
  const { agent = 'a1', role = 'web', ...rest } = given;
  return {
    id: { value: `O${offers}` },
    framework_id: { value: 'F' },
    agent_id: { value: agent },
    hostname: `${agent}.example.com`,
    resources: [scalar('cpus', 8), scalar('mem', 16_384), scalar('disk', 10_000), ports([31_000, 32_000])],
    allocation_info: { role },
    ...rest,
  };
}

export interface RequestWords {
  readonly id?: string;
  readonly role?: string;
  readonly cpus?: number;
  readonly mem?: number;
  readonly disk?: number;
  readonly gpus?: number;
  readonly ports?: number;
  readonly constraints?: readonly Constraint[];
}

/** Role `web`, 1 cpu, 128 MB, unless told otherwise. */
export function aRequest(given: RequestWords = {}): PlacementRequest {
  requests += 1;
  return {
    id: given.id ?? `T${requests}`,
    role: given.role ?? 'web',
    units: [aNeed(given)],
    constraints: (given.constraints ?? []).map(compileConstraint),
  };
}

export function aNeed(given: RequestWords = {}): ResourceNeed {
  return {
    cpusMilli: toMilli(given.cpus ?? 1),
    memMilli: toMilli(given.mem ?? 128),
    diskMilli: toMilli(given.disk ?? 0),
    gpusMilli: toMilli(given.gpus ?? 0),
    ports: given.ports ?? 0,
  };
}
