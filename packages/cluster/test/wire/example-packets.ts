import type { Configuration, RaftMessage } from '../../src/consensus/raft-messages.ts';
import type { FoundingMessage } from '../../src/founding/founding-messages.ts';
import type { MapMessage } from '../../src/map/map-messages.ts';
import type { Member } from '../../src/membership/member.ts';
import type { SwimMessage } from '../../src/membership/swim-messages.ts';
import type { Packet, PacketBody } from '../../src/wire/packet.ts';

const address = { host: '10.0.0.1', port: 7946 };
const participant = { id: 'a', address };
const member: Member = {
  id: 'a',
  address: { host: '::1', port: 7946 },
  generation: 3,
  incarnation: 0,
  state: 'suspect',
  meta: { roles: ['x'], seed: 'task.1', deep: { a: [1, null, true] } },
};
const foundation = { clusterId: 'c', voters: [participant], epochFloor: 0 };
const configuration: Configuration = { voters: [participant], learners: [{ id: 'b', address }] };
const carry = { news: [member], doubts: { a: ['b', 'c'] }, hint: { leader: 'a', epoch: 4 } };

const swim: SwimMessage[] = [
  { kind: 'ping', probe: 1, to: 'b', news: [] },
  { kind: 'ack', probe: 1, from: 'b', ...carry },
  { kind: 'ping-request', probe: 2, target: 'c', at: address, news: [member] },
  { kind: 'join', self: member, news: [] },
  { kind: 'members', members: [member, { ...member, state: 'left' }], news: [] },
  { kind: 'news', ...carry },
];

const founding: FoundingMessage[] = [
  { kind: 'hello' },
  { kind: 'here', address, instances: 3 },
  { kind: 'here', address, instances: 3, foundation },
  { kind: 'prepare', ballot: '1.a' },
  { kind: 'promised', ballot: '1.a' },
  { kind: 'promised', ballot: '2.a', accepted: { ballot: '1.b', foundation } },
  { kind: 'accept', ballot: '2.a', foundation },
  { kind: 'accepted', ballot: '2.a' },
  { kind: 'refused', ballot: '1.a', promised: '2.b' },
];

const raft: RaftMessage[] = [
  { kind: 'vote-request', term: 2, last: { index: 1, term: 1 }, pre: true, handedOver: false },
  { kind: 'vote', term: 2, pre: false, granted: true },
  {
    kind: 'append',
    term: 2,
    previous: { index: 0, term: 0 },
    entries: [
      { kind: 'command', index: 1, term: 1, command: { id: 'x', change: {} } },
      { kind: 'configuration', index: 2, term: 1, configuration },
      { kind: 'term-begins', index: 3, term: 2 },
    ],
    committed: 1,
    round: 9,
  },
  { kind: 'appended', term: 2, round: 9, match: 3, accepted: true },
  {
    kind: 'snapshot',
    term: 2,
    round: 9,
    snapshot: { index: 3, term: 2, configuration, state: { keys: {} } },
  },
  { kind: 'take-over', term: 2 },
];

const map: MapMessage[] = [
  {
    kind: 'write',
    command: {
      id: 'w1',
      change: { if: [{ key: 'a', version: 0 }], epoch: 2, put: { a: 1, b: { c: [] } }, remove: ['d'] },
    },
  },
  { kind: 'read', request: 2 },
  { kind: 'readable', request: 2, index: 7 },
];

const bodies: PacketBody[] = [
  ...swim.map((message) => ({ layer: 'swim' as const, message })),
  ...founding.map((message) => ({ layer: 'founding' as const, message })),
  ...raft.map((message) => ({ layer: 'raft' as const, message })),
  ...map.map((message) => ({ layer: 'map' as const, message })),
];

/** One packet of each kind, and of each shape that a kind has. */
export const examplePackets: readonly Packet[] = bodies.map((body, at) => ({
  from: { id: 'a', generation: 1, address },
  ...(at % 2 === 0 && { to: 'b', clusterId: 'c' }),
  at: 1_700_000_000_000,
  body,
}));
