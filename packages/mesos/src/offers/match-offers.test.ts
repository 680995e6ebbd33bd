import { describe, expect, test } from 'vitest';
import { anOffer, aNeed, aRequest, ports, reservedFor, scalar, text } from '../../test/offers/build-offer.ts';
import type { WireOffer } from '../wire/index.ts';
import { matchOffers } from './match-offers.ts';
import type { MatchInput, MatchResult } from './placement.ts';

const rack = (value: string) => [text('rack', value)];

function match(input: Pick<MatchInput, 'requests' | 'offers'> & Partial<MatchInput>): MatchResult {
  return matchOffers({ epochMs: 0, ...input });
}

/** Request → agent. */
function placesOf(result: MatchResult): Record<string, string> {
  return Object.fromEntries(
    result.launches.flatMap(({ agentId, placed }) => placed.map(({ requestId }) => [requestId, agentId])),
  );
}

function idsOf(offers: readonly WireOffer[]): readonly string[] {
  return offers.map(({ id }) => id.value);
}

describe('resources', () => {
  test('a task that needs all of an offer gets it (#28)', () => {
    const offer = anOffer({ resources: [scalar('cpus', 0.3), scalar('mem', 128), ports([31_000, 31_001])] });
    const result = match({ requests: [aRequest({ cpus: 0.3, mem: 128, ports: 2 })], offers: [offer] });
    expect(result.unplaced).toEqual([]);
    expect(result.launches[0]?.placed[0]?.units).toEqual([
      { resources: offer.resources, hostPorts: [31_000, 31_001] },
    ]);
  });

  test('a task without ports fits an offer without ports (#29)', () => {
    const offer = anOffer({ resources: [scalar('cpus', 1), scalar('mem', 128)] });
    const result = match({ requests: [aRequest(), aRequest({ id: 'served', ports: 1 })], offers: [offer] });
    expect(result.unplaced.map(({ id }) => id)).toEqual(['served']);
  });

  test('what is reserved for the role goes first, the rest comes from what is nobody’s (#30)', () => {
    const offer = anOffer({
      resources: [
        scalar('cpus', 4, { role: '*' }),
        scalar('cpus', 1, reservedFor('web')),
        scalar('mem', 64, reservedFor('web')),
        scalar('mem', 1024),
      ],
    });
    const [launch] = match({ requests: [aRequest({ cpus: 1.5, mem: 100 })], offers: [offer] }).launches;
    expect(launch?.placed[0]?.units[0]?.resources).toEqual([
      scalar('cpus', 1, reservedFor('web')),
      scalar('cpus', 0.5, { role: '*' }),
      scalar('mem', 64, reservedFor('web')),
      scalar('mem', 36),
    ]);
  });

  test('in the old format a resource names the role that it is reserved for (#30)', () => {
    const offer = anOffer({
      resources: [scalar('cpus', 2, { role: '*' }), scalar('cpus', 1, { role: 'web' })],
    });
    const [launch] = match({ requests: [aRequest({ cpus: 2, mem: 0 })], offers: [offer] }).launches;
    expect(launch?.placed[0]?.units[0]?.resources).toEqual([
      scalar('cpus', 1, { role: 'web' }),
      scalar('cpus', 1, { role: '*' }),
    ]);
  });

  test('what is reserved for another role is not touched, what is for a role above may be', () => {
    const offers = (role: string) => [
      anOffer({ role: 'eng/web', resources: [scalar('cpus', 1, reservedFor(role)), scalar('mem', 128)] }),
    ];
    const requests = [aRequest({ role: 'eng/web' })];
    expect(match({ requests, offers: offers('eng') }).unplaced).toEqual([]);
    expect(match({ requests, offers: offers('en') }).unplaced).toEqual(requests);
    expect(match({ requests, offers: offers('eng/w') }).unplaced).toEqual(requests);
    expect(match({ requests, offers: offers('eng/web/front') }).unplaced).toEqual(requests);
  });

  test('a reservation within a reservation belongs to the innermost role', () => {
    const reservations = [{ role: 'eng' }, { role: 'eng/web' }];
    const offered = (role: string) => anOffer({ role, resources: [scalar('cpus', 1, { reservations })] });
    const isPlaced = (role: string) =>
      match({ requests: [aRequest({ role, mem: 0 })], offers: [offered(role)] }).unplaced.length === 0;
    expect([isPlaced('eng'), isPlaced('eng/web')]).toEqual([false, true]);
  });

  test('volumes, revocable and shared resources are no plain amounts', () => {
    const requests = [aRequest({ disk: 10 })];
    const others = [scalar('cpus', 1), scalar('mem', 128)];
    for (const words of [{ disk: { persistence: { id: 'v' } } }, { revocable: {} }, { shared: {} }]) {
      const offers = [anOffer({ resources: [...others, scalar('disk', 10, words)] })];
      expect(match({ requests, offers }).unplaced).toEqual(requests);
    }
    const offers = [anOffer({ resources: [...others, scalar('disk', 10)] })];
    expect(match({ requests, offers }).unplaced).toEqual([]);
  });

  test('ten tasks of 0.1 cpus fit one cpu, and no eleventh does (#42)', () => {
    const offer = anOffer({ resources: [scalar('cpus', 1), scalar('mem', 2000)] });
    const requests = Array.from({ length: 11 }, () => aRequest({ cpus: 0.1 }));
    expect(match({ requests, offers: [offer] }).unplaced).toEqual(requests.slice(10));
  });

  test('resources say of their allocation what the offer said, also nothing (O21)', () => {
    const allocation_info = { role: 'web' };
    const spoken = anOffer({ resources: [scalar('cpus', 2, { allocation_info }), scalar('mem', 128)] });
    const [launch] = match({ requests: [aRequest()], offers: [spoken] }).launches;
    expect(launch?.placed[0]?.units[0]?.resources).toEqual([
      scalar('cpus', 1, { allocation_info }),
      scalar('mem', 128),
    ]);
  });

  test('offers without a role are those of the framework’s only one', () => {
    const { allocation_info: _, ...offer } = anOffer();
    expect(match({ requests: [aRequest({ role: 'old' })], offers: [offer] }).unplaced).toEqual([]);
  });

  test('a task that needs nothing is launched with an offer all the same', () => {
    const offer = anOffer();
    const [launch] = match({ requests: [aRequest({ cpus: 0, mem: 0 })], offers: [offer] }).launches;
    expect(launch?.offers).toEqual([offer]);
    expect(launch?.placed[0]).toEqual({
      requestId: expect.any(String),
      units: [{ resources: [], hostPorts: [] }],
      offer,
    });
  });
});

describe('offers of one agent', () => {
  const small = () => anOffer({ resources: [scalar('cpus', 1), scalar('mem', 64)] });
  const rest = () => anOffer({ resources: [scalar('cpus', 3), scalar('mem', 512)] });

  test('two of them carry together what neither carries alone (#31)', () => {
    const offers = [rest(), small()];
    const { launches, unplaced } = match({ requests: [aRequest({ cpus: 4, mem: 100 })], offers });
    expect(unplaced).toEqual([]);
    expect(launches).toHaveLength(1);
    expect(idsOf(launches[0]?.offers ?? []).toSorted()).toEqual(idsOf(offers).toSorted());
  });

  test('the rest of an offer and what ended tasks gave back are one place (O18)', () => {
    const offers = [rest(), small(), small()];
    const requests = [aRequest({ cpus: 3 }), aRequest({ cpus: 2, mem: 100 })];
    expect(match({ requests, offers }).unplaced).toEqual([]);
  });

  test('an offer that carries the task alone leaves the others in hand', () => {
    const large = rest();
    const [launch] = match({ requests: [aRequest({ cpus: 2 })], offers: [small(), large] }).launches;
    expect(launch?.offers).toEqual([large]);
  });

  test('of those that carry the task alone the one with reserved resources goes first, then the smallest', () => {
    const reserved = anOffer({ resources: [scalar('cpus', 4, reservedFor('web')), scalar('mem', 9_999)] });
    const large = anOffer({ resources: [scalar('cpus', 4), scalar('mem', 8_192)] });
    const little = anOffer({ resources: [scalar('cpus', 4), scalar('mem', 256)] });
    const used = (offers: readonly WireOffer[]) =>
      match({ requests: [aRequest()], offers }).launches[0]?.offers;
    expect(used([large, little, reserved])).toEqual([reserved]);
    expect(used([large, little])).toEqual([little]);
  });

  test('offers of two agents are never joined (O18)', () => {
    const offers = [small(), { ...small(), agent_id: { value: 'a2' } }];
    const requests = [aRequest({ cpus: 2, mem: 100 })];
    expect(match({ requests, offers })).toEqual({ launches: [], unplaced: requests });
  });

  test('offers of two roles are never joined, nor taken by the other role’s tasks (#32)', () => {
    const offers = [small(), anOffer({ role: 'db', resources: [scalar('cpus', 1), scalar('mem', 64)] })];
    const both = [aRequest({ cpus: 2, mem: 100 }), aRequest({ role: 'ops', mem: 64 })];
    expect(match({ requests: both, offers }).unplaced).toEqual(both);
    const own = [aRequest({ mem: 64, id: 'w' }), aRequest({ mem: 64, role: 'db', id: 'd' })];
    const { launches } = match({ requests: own, offers });
    expect(launches.map(({ role, offers: used }) => [role, used])).toEqual([
      ['web', [offers[0]]],
      ['db', [offers[1]]],
    ]);
  });

  test('an offer that is given twice is used once (O19)', () => {
    const offer = small();
    const requests = [aRequest({ mem: 10 }), aRequest({ mem: 10 })];
    const { launches, unplaced } = match({ requests, offers: [offer, offer] });
    expect(launches[0]?.offers).toEqual([offer]);
    expect(unplaced).toEqual([requests[1]]);
  });

  test('several tasks share one offer, and one ACCEPT', () => {
    const requests = [aRequest({ ports: 1 }), aRequest({ ports: 2 })];
    const { launches } = match({ requests, offers: [anOffer()] });
    expect(launches).toHaveLength(1);
    expect(launches[0]?.placed.map(({ units }) => units[0]?.hostPorts)).toEqual([[31_000], [31_001, 31_002]]);
  });

  test('a group’s units go to one agent, each with resources of its own, or none does', () => {
    const units = [aNeed({ cpus: 0.1, mem: 32, disk: 32 }), aNeed({ ports: 1 }), aNeed({ ports: 1 })];
    const group = { ...aRequest({ id: 'pod' }), units };
    const tight = anOffer({ agent: 'tight', resources: [scalar('cpus', 2), scalar('mem', 500)] });
    expect(
      match({
        requests: [group],
        offers: [tight, { ...tight, id: { value: 'x' }, agent_id: { value: 'y' } }],
      }).launches,
    ).toEqual([]);
    const [launch] = match({ requests: [group], offers: [tight, anOffer({ agent: 'wide' })] }).launches;
    expect(launch?.agentId).toBe('wide');
    expect(launch?.placed[0]?.units).toEqual([
      { resources: [scalar('cpus', 0.1), scalar('mem', 32), scalar('disk', 32)], hostPorts: [] },
      { resources: [scalar('cpus', 1), scalar('mem', 128), ports([31_000, 31_000])], hostPorts: [31_000] },
      { resources: [scalar('cpus', 1), scalar('mem', 128), ports([31_001, 31_001])], hostPorts: [31_001] },
    ]);
  });
});

describe('ports', () => {
  test('blocked ports are skipped, and an agent without others takes no task with ports (#37)', () => {
    const offer = anOffer({ resources: [scalar('cpus', 4), scalar('mem', 999), ports([31_000, 31_003])] });
    const isPortBlocked = (agent: string, port: number) =>
      agent === 'a1' && port !== 31_001 && port !== 31_003;
    const requests = [aRequest({ ports: 1 }), aRequest({ ports: 2 }), aRequest({ ports: 1 }), aRequest()];
    const { launches, unplaced } = match({ requests, offers: [offer], isPortBlocked });
    expect(launches[0]?.placed.map(({ units }) => units[0]?.hostPorts)).toEqual([[31_001], [31_003], []]);
    expect(unplaced).toEqual([requests[1]]);
  });

  test('the lowest ports go first, whatever the order of the ranges', () => {
    const offer = anOffer({
      resources: [scalar('cpus', 4), scalar('mem', 999), ports([32_000, 32_001], [31_005, 31_005])],
    });
    const [launch] = match({ requests: [aRequest({ ports: 2 })], offers: [offer] }).launches;
    expect(launch?.placed[0]?.units[0]).toEqual({
      hostPorts: [31_005, 32_000],
      resources: [scalar('cpus', 1), scalar('mem', 128), ports([31_005, 31_005], [32_000, 32_000])],
    });
  });

  test('reserved ports go before those that are nobody’s', () => {
    const reserved = { ...ports([31_500, 31_500]), ...reservedFor('web') };
    const offer = anOffer({
      resources: [scalar('cpus', 1), scalar('mem', 128), ports([31_000, 31_001]), reserved],
    });
    const [launch] = match({ requests: [aRequest({ ports: 2 })], offers: [offer] }).launches;
    expect(launch?.placed[0]?.units[0]?.hostPorts).toEqual([31_500, 31_000]);
  });

  test('a port that an offer names twice is dealt out once', () => {
    const offer = anOffer({
      resources: [
        scalar('cpus', 9),
        scalar('mem', 999),
        ports([31_001, 31_002], [31_000, 31_001], [31_002, 31_002]),
      ],
    });
    const [launch] = match({ requests: [aRequest({ ports: 3 })], offers: [offer] }).launches;
    expect(launch?.placed[0]?.units[0]?.hostPorts).toEqual([31_000, 31_001, 31_002]);
    expect(match({ requests: [aRequest({ ports: 4 })], offers: [offer] }).launches).toEqual([]);
  });

  test('with its own ports blocked, an agent’s second offer helps out', () => {
    const first = anOffer({ resources: [scalar('cpus', 1), scalar('mem', 128), ports([31_000, 31_000])] });
    const second = anOffer({ resources: [scalar('mem', 999), ports([31_001, 31_001])] });
    const { launches } = match({
      requests: [aRequest({ ports: 1 })],
      offers: [first, second],
      isPortBlocked: (_, port) => port === 31_000,
    });
    expect(launches[0]?.placed[0]?.units[0]?.hostPorts).toEqual([31_001]);
    expect(launches[0]?.offers).toHaveLength(2);
  });
});

describe('agents', () => {
  test('constraints say which ones are allowed (#36)', () => {
    const offers = [
      anOffer({ agent: 'a1', attributes: rack('r1') }),
      anOffer({ agent: 'a2', attributes: rack('r2') }),
    ];
    const like = aRequest({
      id: 'like',
      constraints: [{ attribute: 'rack', operator: 'LIKE', value: 'r[2-9]' }],
    });
    const unlike = aRequest({
      id: 'unlike',
      constraints: [{ attribute: 'rack', operator: 'UNLIKE', value: 'r2' }],
    });
    const missing = aRequest({ id: 'missing', constraints: [{ attribute: 'zone', operator: 'EXISTS' }] });
    const result = match({ requests: [like, unlike, missing], offers });
    expect(placesOf(result)).toEqual({ like: 'a2', unlike: 'a1' });
    expect(result.unplaced).toEqual([missing]);
  });

  test('those whose maintenance goes on or is near get nothing (#41)', () => {
    const hourMs = 3_600_000;
    const requests = [aRequest()];
    const offered = (startMs: number, duration?: number) => ({
      requests,
      offers: [
        anOffer({
          unavailability: {
            start: { nanoseconds: startMs * 1e6 },
            ...(duration === undefined ? {} : { duration: { nanoseconds: duration * 1e6 } }),
          },
        }),
      ],
    });
    const epochMs = 1_795_337_690_395;
    const isPlaced = (input: Pick<MatchInput, 'requests' | 'offers' | 'maintenanceHorizonMs'>) =>
      match({ ...input, epochMs }).unplaced.length === 0;
    expect(isPlaced(offered(epochMs + hourMs / 2))).toBe(false);
    expect(isPlaced(offered(epochMs + 2 * hourMs))).toBe(true);
    expect(isPlaced({ ...offered(epochMs + 2 * hourMs), maintenanceHorizonMs: 3 * hourMs })).toBe(false);
    expect(isPlaced(offered(epochMs - hourMs, 2 * hourMs))).toBe(false);
    expect(isPlaced(offered(epochMs - 2 * hourMs, hourMs))).toBe(true);
    expect(isPlaced(offered(epochMs - 2 * hourMs))).toBe(false);
  });

  test('an offer of the machine that is to be maintained is known by its unavailability (O42)', () => {
    const leaving = anOffer({
      agent: 'leaving',
      unavailability: {
        start: { nanoseconds: 1_795_337_690_395_044_352 },
        duration: { nanoseconds: 3.6e12 },
      },
    });
    const offers = [leaving, anOffer({ agent: 'staying' })];
    const requests = [aRequest({ id: 'one' })];
    expect(placesOf(match({ requests, offers, epochMs: 1_795_337_690_396 }))).toEqual({ one: 'staying' });
  });

  test('the fullest agent is filled first, so that large tasks find room later', () => {
    const full = anOffer({ agent: 'full', resources: [scalar('cpus', 2), scalar('mem', 300)] });
    const requests = [aRequest({ id: 'one' }), aRequest({ id: 'two' }), aRequest({ id: 'three' })];
    const result = match({ requests, offers: [anOffer({ agent: 'empty' }), full] });
    expect(placesOf(result)).toEqual({ one: 'full', two: 'full', three: 'empty' });
  });

  test('of agents that are equally full always the same one is first', () => {
    const offers = ['a3', 'a1', 'a2'].map((agent) => anOffer({ agent }));
    const requests = [aRequest({ id: 'one' })];
    expect(placesOf(match({ requests, offers }))).toEqual({ one: 'a1' });
    expect(placesOf(match({ requests, offers: offers.toReversed() }))).toEqual({ one: 'a1' });
  });

  test('launches wait for no agent that would be preferred: the next round has another one (#44)', () => {
    const preferred = anOffer({ agent: 'full', resources: [scalar('cpus', 1.5), scalar('mem', 256)] });
    const other = anOffer({ agent: 'empty' });
    expect(placesOf(match({ requests: [aRequest({ id: 'one' })], offers: [other, preferred] }))).toEqual({
      one: 'full',
    });
    expect(placesOf(match({ requests: [aRequest({ id: 'two' })], offers: [other] }))).toEqual({
      two: 'empty',
    });
  });

  test('agents with gpus are left to tasks that need some, as long as others have room', () => {
    const gpus = anOffer({
      agent: 'gpus',
      resources: [scalar('cpus', 1), scalar('mem', 200), scalar('gpus', 1)],
    });
    const requests = [aRequest({ id: 'plain' }), aRequest({ id: 'trains', gpus: 1 })];
    expect(placesOf(match({ requests, offers: [gpus, anOffer({ agent: 'plain' })] }))).toEqual({
      plain: 'plain',
      trains: 'gpus',
    });
    expect(placesOf(match({ requests: [aRequest({ id: 'alone' })], offers: [gpus] }))).toEqual({
      alone: 'gpus',
    });
  });

  test('a large task that fits nowhere holds no smaller one back', () => {
    const requests = [aRequest({ cpus: 100 }), aRequest({ id: 'small' })];
    const result = match({ requests, offers: [anOffer()] });
    expect(placesOf(result)).toEqual({ small: 'a1' });
    expect(result.unplaced).toEqual([requests[0]]);
  });
});
