import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WireOffer, WireResource } from '../wire/index.ts';
import { aRequest, anOffer, ports, reservedFor, scalar, text } from '../../test/offers/build-offer.ts';
import { compileConstraint, satisfies } from './constraints.ts';
import { matchOffers } from './match-offers.ts';
import type { MatchResult, PlacementRequest } from './placement.ts';
import { readOffer } from './read-offer.ts';
import { amountsOf, covers, toMilli } from './resource-amounts.ts';

const roles = ['web', 'db'] as const;
const tenths = fc.integer({ min: 0, max: 40 }).map((count) => count / 10);

/** Two offers of one agent never name the same port; each index has ports of its own. */
function offerOf(index: number): fc.Arbitrary<WireOffer> {
  const first = 10_000 + index * 10;
  return fc
    .record({
      agent: fc.constantFrom('a1', 'a2', 'a3'),
      role: fc.constantFrom(...roles),
      owner: fc.constantFrom('*', ...roles),
      cpus: tenths,
      reservedCpus: tenths,
      mem: fc.integer({ min: 0, max: 400 }),
      gpus: fc.integer({ min: 0, max: 1 }),
      portCount: fc.integer({ min: 0, max: 4 }),
    })
    .map(({ agent, role, owner, cpus, reservedCpus, mem, gpus, portCount }) =>
      anOffer({
        id: { value: `offer-${index}` },
        agent,
        role,
        attributes: [text('rack', agent === 'a1' ? 'r1' : 'r2')],
        resources: [
          scalar('cpus', cpus),
          scalar('cpus', reservedCpus, owner === '*' ? {} : reservedFor(owner)),
          scalar('mem', mem),
          scalar('gpus', gpus),
          ...(portCount === 0 ? [] : [ports([first, first + portCount - 1])]),
        ],
      }),
    );
}

const offersArbitrary = fc.tuple(offerOf(0), offerOf(1), offerOf(2), offerOf(3), offerOf(4), offerOf(5));

const requestsArbitrary: fc.Arbitrary<readonly PlacementRequest[]> = fc.array(
  fc
    .record({
      role: fc.constantFrom(...roles),
      units: fc.array(
        fc.record({
          cpusMilli: fc.integer({ min: 0, max: 3000 }),
          memMilli: fc.integer({ min: 0, max: 300 }).map((mb) => mb * 1000),
          diskMilli: fc.constant(0),
          gpusMilli: fc.constantFrom(0, 0, 0, 1000),
          ports: fc.integer({ min: 0, max: 3 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      onRack: fc.constantFrom(undefined, 'r1', 'r2'),
    })
    .map(({ role, units, onRack }) => ({
      ...aRequest({ role }),
      units,
      constraints:
        onRack === undefined
          ? []
          : [compileConstraint({ attribute: 'rack', operator: 'LIKE', value: onRack })],
    })),
  { maxLength: 12 },
);

/** What entries hold, by all that tells them apart. */
function sums(resources: readonly WireResource[]): Map<string, number> {
  const sum = new Map<string, number>();
  for (const resource of resources) {
    const { name, reservations = [] } = resource;
    const key = JSON.stringify([name, reservations]);
    const amount =
      resource.type === 'SCALAR'
        ? toMilli(resource.scalar.value)
        : resource.type === 'RANGES'
          ? resource.ranges.range.reduce((count, { begin, end }) => count + end - begin + 1, 0)
          : 0;
    sum.set(key, (sum.get(key) ?? 0) + amount);
  }
  return sum;
}

function portsIn(resources: readonly WireResource[]): readonly number[] {
  return resources.flatMap((resource) =>
    resource.type === 'RANGES'
      ? resource.ranges.range.flatMap(({ begin, end }) =>
          Array.from({ length: end - begin + 1 }, (_, index) => begin + index),
        )
      : [],
  );
}

function check(
  property: (
    offers: readonly WireOffer[],
    requests: readonly PlacementRequest[],
    result: MatchResult,
  ) => void,
) {
  fc.assert(
    fc.property(offersArbitrary, requestsArbitrary, (offers, requests) => {
      property(offers, requests, matchOffers({ offers, requests, epochMs: 0 }));
    }),
    { numRuns: 500 },
  );
}

test('tasks never take more than their offers hold, of any reservation, and their ports are the offers’ own', () => {
  check((_offers, _requests, { launches }) => {
    for (const { offers, placed } of launches) {
      const taken = placed.flatMap(({ units }) => units.flatMap(({ resources }) => resources));
      const offered = offers.flatMap(({ resources }) => resources);
      const most = sums(offered);
      for (const [key, amount] of sums(taken)) expect(amount).toBeLessThanOrEqual(most.get(key) ?? 0);
      const hostPorts = placed.flatMap(({ units }) => units.flatMap((unit) => unit.hostPorts));
      expect(new Set(hostPorts).size).toBe(hostPorts.length);
      expect(portsIn(taken)).toEqual(hostPorts);
      expect(portsIn(offered)).toEqual(expect.arrayContaining(hostPorts));
    }
  });
});

test('an offer goes into one ACCEPT at most, which holds offers of one agent and one role', () => {
  check((_offers, _requests, { launches }) => {
    const used = launches.flatMap(({ offers }) => offers.map(({ id }) => id.value));
    expect(new Set(used).size).toBe(used.length);
    for (const { agentId, role, offers, placed } of launches) {
      expect(offers.length).toBeGreaterThan(0);
      for (const offer of offers) {
        expect([offer.agent_id.value, offer.allocation_info?.role]).toEqual([agentId, role]);
      }
      for (const { offer } of placed) expect(offers).toContain(offer);
    }
  });
});

test('every task is placed once, whole and where it may be, or is left over', () => {
  check((_offers, requests, { launches, unplaced }) => {
    const placed = launches.flatMap((launch) => launch.placed.map((at) => ({ ...at, launch })));
    expect([...placed.map(({ requestId }) => requestId), ...unplaced.map(({ id }) => id)].toSorted()).toEqual(
      requests.map(({ id }) => id).toSorted(),
    );
    for (const { requestId, units, offer, launch } of placed) {
      const request = requests.find(({ id }) => id === requestId);
      expect(launch.role).toBe(request?.role);
      expect(request?.constraints.every((constraint) => satisfies(constraint, offer))).toBe(true);
      const got = units.map(({ resources, hostPorts }) => {
        const whole = readOffer({ ...offer, resources }, launch.role).free;
        expect(whole[4]).toBe(hostPorts.length);
        return whole;
      });
      expect(got).toEqual(request?.units.map((unit) => amountsOf([unit])));
    }
  });
});

test('no task is left over while an untouched offer has all that it needs', () => {
  check((offers, _requests, { launches, unplaced }) => {
    const used = new Set(launches.flatMap((launch) => launch.offers.map(({ id }) => id.value)));
    for (const request of unplaced) {
      for (const offer of offers) {
        const { free } = readOffer(offer, request.role);
        const fits =
          offer.allocation_info?.role === request.role &&
          request.constraints.every((constraint) => satisfies(constraint, offer)) &&
          covers(free, amountsOf(request.units));
        expect(fits && !used.has(offer.id.value)).toBe(false);
      }
    }
  });
});

test('what is taken from an offer and what is left are together the offer (#42)', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4000 }), { maxLength: 20 }), (needs) => {
      const whole = needs.reduce((sum, need) => sum + need, 0) + 7;
      const offer = anOffer({ resources: [scalar('cpus', whole / 1000)] });
      const requests = needs.map((cpusMilli) => ({
        ...aRequest(),
        units: [{ cpusMilli, memMilli: 0, diskMilli: 0, gpusMilli: 0, ports: 0 }],
      }));
      const left = {
        ...aRequest(),
        units: [{ cpusMilli: 7, memMilli: 0, diskMilli: 0, gpusMilli: 0, ports: 0 }],
      };
      const crumb = { ...left, units: [{ cpusMilli: 1, memMilli: 0, diskMilli: 0, gpusMilli: 0, ports: 0 }] };
      const { unplaced } = matchOffers({ requests: [...requests, left, crumb], offers: [offer], epochMs: 0 });
      expect(unplaced).toEqual([crumb]);
    }),
  );
});

test('a round gives the same result whenever it is played again', () => {
  check((offers, requests, result) => {
    expect(matchOffers({ offers, requests, epochMs: 0 })).toEqual(result);
  });
});
