import type {
  Configuration,
  LogEntry,
  LogPosition,
  Participant,
  RaftMessage,
  Snapshot,
} from '../consensus/raft-messages.ts';
import type { Foundation } from '../founding/foundation.ts';
import type { FoundingMessage } from '../founding/founding-messages.ts';
import type { MapMessage } from '../map/map-messages.ts';
import type { Address, Json, Member } from '../membership/member.ts';
import type { SwimMessage } from '../membership/swim-messages.ts';
import type { FoundingPromise } from '../storage/consensus-storage.ts';
import {
  count,
  flag,
  id,
  listOf,
  literal,
  number,
  optional,
  printable,
  recordOf,
  shape,
  text,
  union,
  type Check,
} from './check.ts';
import { isMapCommand } from './command-shape.ts';
import { isJson } from './json-shape.ts';
import type { Packet, PacketBody } from './packet.ts';

/** DNS allows no more. */
const LONGEST_HOST = 255;

const json: Check<Json> = isJson;

const HIGHEST_FLOOR = 2 ** 52;

const host: Check<string> = (value): value is string => printable(value) && value.length <= LONGEST_HOST;

const port: Check<number> = (value): value is number => count(value) && value > 0 && value < 65_536;

const address = shape<Address>({ host, port });

const member = shape<Member>({
  id,
  address,
  generation: count,
  incarnation: count,
  state: literal('alive', 'suspect', 'dead', 'left'),
  meta: recordOf(json),
});

const carry = {
  news: listOf(member),
  doubts: optional(recordOf(listOf(text))),
  hint: optional(json),
};

const swim = union<SwimMessage, 'kind'>('kind', {
  /** `to` is empty where the sender has only an address. */
  ping: { ...carry, probe: count, to: text },
  ack: { ...carry, probe: count, from: id },
  'ping-request': { ...carry, probe: count, target: id, at: address },
  join: { ...carry, self: member },
  members: { ...carry, members: listOf(member) },
  news: carry,
});

const participant = shape<Participant>({ id, address });

/** Terms are counted on from there, up to 2⁵³. */
const epochFloor: Check<number> = (value): value is number => count(value) && value <= HIGHEST_FLOOR;

const foundation = shape<Foundation>({ clusterId: id, voters: listOf(participant), epochFloor });

const accepted = shape<NonNullable<FoundingPromise['accepted']>>({ ballot: text, foundation });

const founding = union<FoundingMessage, 'kind'>('kind', {
  hello: {},
  here: { address, foundation: optional(foundation), instances: count },
  prepare: { ballot: text },
  promised: { ballot: text, accepted: optional(accepted) },
  accept: { ballot: text, foundation },
  accepted: { ballot: text },
  refused: { ballot: text, promised: text },
});

const position = { index: count, term: count };

const logPosition = shape<LogPosition>(position);

const configuration = shape<Configuration>({ voters: listOf(participant), learners: listOf(participant) });

/** To consensus it is any JSON. */
const command: Check<Json> = (value): value is Json => isMapCommand(value);

const entry = union<LogEntry, 'kind'>('kind', {
  command: { ...position, command },
  configuration: { ...position, configuration },
  'term-begins': position,
});

const snapshot = shape<Snapshot>({ ...position, configuration, state: json });

const raft = union<RaftMessage, 'kind'>('kind', {
  'vote-request': { term: count, last: logPosition, pre: flag, handedOver: flag },
  vote: { term: count, pre: flag, granted: flag },
  append: { term: count, previous: logPosition, entries: listOf(entry), committed: count, round: count },
  appended: { term: count, round: count, match: count, accepted: flag },
  snapshot: { term: count, round: count, snapshot },
  'take-over': { term: count },
});

const map = union<MapMessage, 'kind'>('kind', {
  write: { command: isMapCommand },
  read: { request: count },
  readable: { request: count, index: count },
});

const body = union<PacketBody, 'layer'>('layer', {
  swim: { message: swim },
  founding: { message: founding },
  raft: { message: raft },
  map: { message: map },
});

const envelope = {
  from: shape<Packet['from']>({ id, generation: count, address }),
  to: optional(id),
  clusterId: optional(id),
  at: number,
};

/** Checks an opened JSON value so deeply that no core ever sees a wrong type, a negative index or an unknown kind. */
export const isPacket = shape<Packet>({
  ...envelope,
  body,
});

/** What a packet of any version has. Those of later ones may have other layers, kinds and fields, but no other envelope. */
export const isEnvelope = shape<Omit<Packet, 'body'> & { readonly body: unknown }>({
  ...envelope,
  body: shape<{ readonly layer: string; readonly message: { readonly kind: string } }>({
    layer: text,
    message: shape<{ readonly kind: string }>({ kind: text }),
  }),
});
