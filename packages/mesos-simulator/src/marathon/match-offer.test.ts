import type { WireOffer } from '@vibrissa/mesos/wire';
import { describe, expect, it } from 'vitest';

import type { AppSpec, Json } from './app-spec.ts';
import { matchOffer, placeOf, restOf } from './match-offer.ts';
import { readApp } from './read-app.ts';

const random = { next: () => 0.5 };

function app(definition: Json = {}): AppSpec {
  const read = readApp({ id: '/web', cmd: 'true', ...definition }, random);
  if (read.kind === 'refused') throw new Error(JSON.stringify(read.problems));
  return read.app;
}

function offer(rack: string, zone: string): WireOffer {
  const scalar = (name: string, value: number) => ({ name, type: 'SCALAR' as const, scalar: { value } });
  return {
    id: { value: `offer-${rack}` },
    framework_id: { value: 'marathon' },
    agent_id: { value: `agent-${rack}` },
    hostname: `host-${rack}`,
    domain: { fault_domain: { region: { name: 'r' }, zone: { name: zone } } },
    attributes: [{ name: 'rack', type: 'TEXT', text: { value: rack } }],
    resources: [
      scalar('cpus', 0.3),
      scalar('mem', 1024),
      { ...scalar('cpus', 8), reservations: [{ role: 'other' }] },
      { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31_000, end: 31_002 }] } },
    ],
  };
}

const places = (...racks: readonly string[]) => racks.map((rack) => placeOf(restOf(offer(rack, 'z1'))));

describe('an offer', () => {
  it('takes tasks while its own resources last, not those that are reserved for others', () => {
    const rest = restOf(offer('a', 'z1'));
    const match = () => matchOffer(rest, { app: app({ cpus: 0.1 }), others: [] }, random);
    const ports = [match(), match(), match()].flatMap((each) => each ?? []);
    expect(ports.toSorted((a, b) => a - b)).toEqual([31_000, 31_001, 31_002]);
    expect(match()).toBeUndefined();
  });

  it('is left whole by a task that does not fit', () => {
    const rest = restOf(offer('a', 'z1'));
    const greedy = app({ portDefinitions: [1, 2, 3, 4].map(() => ({ port: 0 })) });
    expect(matchOffer(rest, { app: greedy, others: [] }, random)).toBeUndefined();
    expect(matchOffer(rest, { app: app(), others: [] }, random)).toHaveLength(1);
  });

  it.each([
    [['rack', 'UNIQUE'], [], true],
    [['rack', 'UNIQUE'], ['a'], false],
    [['hostname', 'UNIQUE'], ['b'], true],
    [['rack', 'MAX_PER', '2'], ['a'], true],
    [['rack', 'MAX_PER', '2'], ['a', 'a'], false],
    [['rack', 'CLUSTER'], ['a', 'a'], true],
    [['rack', 'CLUSTER'], ['b'], false],
    [['rack', 'CLUSTER', 'b'], [], false],
    [['rack', 'IS', 'a'], [], true],
    [['rack', 'LIKE', 'a|b'], [], true],
    [['rack', 'LIKE', 'aa'], [], false],
    [['rack', 'UNLIKE', 'a'], [], false],
    [['rack', 'GROUP_BY', '2'], ['a'], false],
    [['rack', 'GROUP_BY', '2'], ['a', 'b'], true],
    [['rack', 'GROUP_BY', '2'], ['a', 'a', 'b'], false],
    [['@zone', 'IS', 'z1'], [], true],
    [['@region', 'IS', 'elsewhere'], [], false],
    [['row', 'LIKE', '.*'], [], false],
    [['row', 'UNLIKE', '.*'], [], true],
  ])('meets the constraint %j beside tasks on racks %j: %s', (constraint, racks, isMet) => {
    const rest = restOf(offer('a', 'z1'));
    const others = places(...racks);
    const found = matchOffer(rest, { app: app({ constraints: [constraint] }), others }, random);
    expect(found !== undefined).toBe(isMet);
  });
});
