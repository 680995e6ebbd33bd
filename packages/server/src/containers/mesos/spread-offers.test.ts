import type { MatchInput, OfferMatcher, TaskRecord } from '@vibrissa/mesos';
import { expect, test } from 'vitest';

import { spreadOffers } from './spread-offers.ts';

type Offer = MatchInput['offers'][number];
type Request = MatchInput['requests'][number];

function offer(agent: string, mem: number, id = `o-${agent}`): Offer {
  return {
    id: { value: id },
    framework_id: { value: 'f' },
    agent_id: { value: agent },
    hostname: agent,
    allocation_info: { role: '*' },
    resources: [
      { name: 'cpus', type: 'SCALAR', scalar: { value: 4 }, allocation_info: { role: '*' } },
      { name: 'mem', type: 'SCALAR', scalar: { value: mem }, allocation_info: { role: '*' } },
    ],
  };
}

function request(id: string, mem = 256): Request {
  const unit = { cpusMilli: 100, memMilli: mem * 1000, diskMilli: 0, gpusMilli: 0, ports: 0 };
  return { id, role: '*', units: [unit], constraints: [] };
}

function requests(count: number, mem?: number): readonly Request[] {
  return Array.from({ length: count }, (_, index) => request(`r${index}`, mem));
}

function running(...agents: readonly string[]): () => readonly TaskRecord[] {
  return () =>
    agents.map((agentId, index) => ({
      id: `t${index}`,
      mesosTaskId: `t${index}`,
      attempt: 1,
      placement: { agentId, hostname: agentId, hostPorts: [] },
    }));
}

/** Request → agent. */
function placesOf({ launches }: ReturnType<OfferMatcher>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    launches.flatMap(({ agentId, placed }) => placed.map(({ requestId }) => [requestId, agentId])),
  );
}

const three = [offer('a', 2048), offer('b', 1024), offer('c', 4096)];

test('tasks that come together go to different agents, the fullest first', () => {
  const result = spreadOffers(running())({ requests: requests(3), offers: three, epochMs: 0 });
  expect(placesOf(result)).toEqual({ r0: 'b', r1: 'a', r2: 'c' });
  expect(result.unplaced).toEqual([]);
  expect(result.launches.map(({ offers }) => offers.map(({ id }) => id.value))).toEqual([
    ['o-b'],
    ['o-a'],
    ['o-c'],
  ]);
});

test('an agent with fewer of our tasks comes first', () => {
  const match = spreadOffers(running('b', 'a', 'b'));
  expect(placesOf(match({ requests: requests(4), offers: three, epochMs: 0 }))).toEqual({
    r0: 'c',
    r1: 'a',
    r2: 'c',
    r3: 'b',
  });
});

test('what does not fit there goes where there is room, beside what goes there already', () => {
  const match = spreadOffers(running('c', 'c', 'c', 'c', 'c', 'c', 'c'));
  const both = [request('small'), request('huge', 3000), request('large', 1500)];
  const result = match({ requests: both, offers: three, epochMs: 0 });
  expect(placesOf(result)).toEqual({ small: 'b', huge: 'c', large: 'a' });
});

test('whatever fits some agent is placed in the round, and nothing twice', () => {
  const many = [...Array(8).keys()].map((n) => offer(`s${n}`, 300)).concat(offer('z', 2000));
  const match = spreadOffers(running(...Array<string>(20).fill('z')));
  const result = match({ requests: requests(4, 600), offers: many, epochMs: 0 });
  expect(placesOf(result)).toEqual({ r0: 'z', r1: 'z', r2: 'z' });
  expect(result.unplaced.map(({ id }) => id)).toEqual(['r3']);
  const [launch] = result.launches;
  const mem = launch?.placed.flatMap(({ units }) => units.flatMap(({ resources }) => resources));
  expect(mem?.filter(({ name }) => name === 'mem')).toHaveLength(3);
});

test('offers of one agent are used together', () => {
  const two = [offer('a', 200, 'o1'), offer('a', 200, 'o2')];
  const result = spreadOffers(running())({ requests: requests(1), offers: two, epochMs: 0 });
  expect(result.launches).toHaveLength(1);
  expect(result.launches[0]?.offers.map(({ id }) => id.value)).toEqual(['o1', 'o2']);
});
