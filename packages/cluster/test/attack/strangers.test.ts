import { SteadyClock } from '@vibrissa/testkit';
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Address } from '../../src/membership/member.ts';
import type { ClusterNode } from '../../src/node/cluster-node.ts';
import { makeHello } from '../../src/transport/handshake.ts';
import { KeyRing } from '../../src/wire/key-ring.ts';
import { encodePacket } from '../../src/wire/packet-codec.ts';
import type { Packet, PacketBody } from '../../src/wire/packet.ts';
import { sealDatagram } from '../../src/wire/seal.ts';
import { Instances, SECRET, until } from '../node/instances.ts';
import { Flood } from './flood.ts';

const ring = new KeyRing({ name: 'test', secrets: [SECRET] });
/** Longer than a lease: a leader that is not heard for so long has lost its office. */
const FLOOD_MS = 2_000;
const LEAST_WRITES = 11;
/** Of the machine, which is not the flood's doing. A turn of the event loop that the flood makes as long counts in full. */
const LONGEST_STALL_MS = 50;
const MOST_GROWTH_BYTES = 150 * 1024 * 1024;

let instances: Instances;
let udp: UdpSocket;
const sockets = new Set<Socket>();
const lines: string[] = [];
const logger = {
  info: (_: object, line: string) => lines.push(line),
  warn: (_: object, line: string) => lines.push(line),
  error: (_: object, line: string) => lines.push(line),
};

beforeEach(() => {
  instances = new Instances();
  udp = createSocket('udp4');
  lines.length = 0;
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  udp.close();
  await instances.close();
});

async function three(timing: 'fast' | 'default' = 'fast'): Promise<ClusterNode> {
  await instances.reserve(3);
  const time = timing === 'fast' ? {} : { clock: new SteadyClock(LONGEST_STALL_MS) };
  await Promise.all([0, 1, 2].map((slot) => instances.start(slot, { logger, timing, ...time })));
  const leader = await until(() => instances.leader());
  for (const node of instances.all) {
    await until(() => node.members().filter(({ state }) => state === 'alive').length === 3);
    await until(() => node.view().leader?.id === leader.id);
  }
  return leader;
}

/** As a member would have sent it: what a stranger can have recorded. */
function recorded(from: Packet['from'], body: PacketBody, more: Partial<Packet> = {}): Buffer {
  return sealDatagram(ring, encodePacket({ from, at: 1_700_000_000_000, body, ...more }));
}

function dial({ host, port }: Address): Socket {
  const socket = connect(port, host);
  sockets.add(socket);
  socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  return socket.resume();
}

/** What goes on beside the writes of a leader. */
interface Attack {
  readonly eachTurn?: () => void;
  /** It has come to so much that it means something. */
  readonly isEnough: () => boolean;
}

/** Writes through the map for a while, and for as long as it takes until that is enough. */
async function writeFor(node: ClusterNode, { eachTurn, isEnough }: Attack): Promise<{ seconds: number }> {
  const began = performance.now();
  for (let written = 0; ; written += 1) {
    const tookMs = performance.now() - began;
    if (tookMs > FLOOD_MS && written >= LEAST_WRITES && isEnough()) return { seconds: tookMs / 1000 };
    eachTurn?.();
    await node.map.write({ put: { written } });
  }
}

describe('a stranger without the secret, on the same network,', () => {
  const member = { id: 'of old', generation: 1, address: { host: '127.0.0.1', port: 9 } };
  const gossip: PacketBody = {
    layer: 'swim',
    message: { kind: 'ping-request', probe: 1, target: 'x', at: member.address, news: [] },
  };
  const replayed = recorded(member, gossip);
  const forged = Buffer.from(replayed.map((byte, at) => (at === 40 ? byte ^ 1 : byte)));
  const foreign = sealDatagram(new KeyRing({ name: 'other', secrets: [SECRET] }), Buffer.from('{}'));
  const hello = makeHello(ring.first);
  const openings = [
    Buffer.alloc(0),
    hello.subarray(0, 20),
    hello,
    Buffer.concat([hello, randomBytes(2_000)]),
    Buffer.concat([hello, Buffer.from('ffffffff', 'hex')]),
  ];

  /** Office and lines stay as they were, and so does memory, as far as a collector allows to say. */
  async function attacked(leader: ClusterNode, attack: Attack): Promise<void> {
    const { epoch } = leader.lease.current!;
    const before = process.memoryUsage();
    lines.length = 0;
    const { seconds } = await writeFor(leader, attack);
    expect(leader.lease.current?.epoch).toBe(epoch);
    // Gossip can't be heard through a flood: it tells what it takes for true, as often as it probes.
    expect(lines.filter((line) => !line.startsWith('member ')).length).toBeLessThan(20);
    expect(lines.length).toBeLessThan(50 * seconds);
    const now = process.memoryUsage();
    expect(now.heapUsed + now.external - before.heapUsed - before.external).toBeLessThan(MOST_GROWTH_BYTES);
  }

  async function recovers(leader: ClusterNode): Promise<void> {
    for (const node of instances.all) {
      await until(() => node.members().filter(({ state }) => state === 'alive').length === 3);
      await until(() => node.view().leader?.id === leader.id);
    }
  }

  test.each([
    ['garbage', randomBytes(600), true],
    ['forged datagrams', forged, true],
    ['datagrams of another cluster', foreign, true],
    ['a datagram that was recorded', replayed, false],
  ])('floods three instances with %s: the leader stays, and writes go on', async (_, bytes, isRefused) => {
    const leader = await three('default');
    const flood = new Flood(bytes, instances.addresses);
    const isRead = () => !isRefused || leader.view().refusedPackets > 1_000;
    try {
      await attacked(leader, { isEnough: () => flood.sent > 5_000 && isRead() });
    } finally {
      await flood.stop();
    }
    expect(flood.sent).toBeGreaterThan(5_000);
    await recovers(leader);
  });

  test('opens connections without end, that say nothing, or too little, or too much: the leader stays, and writes go on', async () => {
    const leader = await three('default');
    let opened = 0;
    const eachTurn = () => {
      for (const address of sockets.size > 600 ? [] : instances.addresses) {
        opened += 1;
        dial(address).write(openings[opened % openings.length] ?? hello);
      }
    };
    await attacked(leader, { eachTurn, isEnough: () => opened > 300 });
    expect(opened).toBeGreaterThan(300);
    await recovers(leader);
  });

  test('sends back what an instance has sent, and what its former life has sent, and nobody is misled', async () => {
    const leader = await three();
    const [a, b] = instances.all as [ClusterNode, ClusterNode];
    const { clusterId } = a.view();
    const goodbye: PacketBody = {
      layer: 'swim',
      message: {
        kind: 'news',
        hint: { leader: 'of old', epoch: 1 },
        news: [
          { id: a.id, address: instances.address(0), generation: 0, incarnation: 9, state: 'left', meta: {} },
          {
            id: b.id,
            address: { host: '127.0.0.1', port: 9 },
            generation: 0,
            incarnation: 9,
            state: 'dead',
            meta: {},
          },
        ],
      },
    };
    const old = recorded({ id: a.id, generation: 0, address: instances.address(0) }, goodbye, {
      clusterId: clusterId!,
    });
    const own = recorded({ id: a.id, generation: 1, address: instances.address(0) }, goodbye, {
      clusterId: clusterId!,
    });
    for (const { host, port } of instances.addresses) udp.send(old, port, host);
    udp.send(own, instances.address(0).port, instances.address(0).host);
    await leader.map.write({ put: { after: 1 } });
    for (const node of instances.all) {
      await until(() => node.members().filter(({ state }) => state === 'alive').length === 3);
      expect(node.view()).toMatchObject({ leader: { id: leader.id }, problems: [] });
    }
  });

  test('repeats what was said at the foundation of a former cluster, and those who begin found their own', async () => {
    await instances.reserve(3);
    const voters = ['x', 'y', 'z'].map((id, nth) => ({ id, address: { host: '127.0.0.1', port: 10 + nth } }));
    const foundation = { clusterId: 'former', voters, epochFloor: 0 };
    const { address } = member;
    const said: PacketBody[] = [
      { layer: 'founding', message: { kind: 'here', address, instances: 3, foundation } },
      { layer: 'founding', message: { kind: 'prepare', ballot: '000000000009:z' } },
      { layer: 'founding', message: { kind: 'accept', ballot: '000000000009:z', foundation } },
    ];
    const repeating = setInterval(() => {
      for (const body of said)
        for (const { host, port } of instances.addresses) udp.send(recorded(member, body), port, host);
    }, 5);
    try {
      await Promise.all([0, 1, 2].map((slot) => instances.start(slot)));
      const leader = await until(() => instances.leader());
      expect(leader.view().clusterId).not.toBe('former');
    } finally {
      clearInterval(repeating);
    }
  });
});

test('the secret stands in nothing that an instance shows or logs', async () => {
  const node = await three();
  const shown = [
    inspect(node, { depth: 20, showHidden: true }),
    JSON.stringify(node.view()),
    ...lines,
  ].join();
  for (const secret of [SECRET, ring.first.secret.toString('hex'), JSON.stringify([...ring.first.secret])])
    expect(shown).not.toContain(secret);
  expect(process.argv.join()).not.toContain(SECRET);
});
