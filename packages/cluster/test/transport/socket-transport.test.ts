import { ManualClock, settle, SteadyClock, takeOwnLoopback, type OwnLoopback } from '@vibrissa/testkit';
import { createSocket } from 'node:dgram';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import { HELLO_BYTES } from '../../src/transport/handshake.ts';
import { SocketTransport } from '../../src/transport/socket-transport.ts';
import { KeyRing } from '../../src/wire/key-ring.ts';
import { encodePacket } from '../../src/wire/packet-codec.ts';
import type { Packet } from '../../src/wire/packet.ts';
import { sealDatagram } from '../../src/wire/seal.ts';
import { examplePackets } from '../wire/example-packets.ts';
import { packetOf, requestsOf, SECRET, Transports, type OpenTransport } from './open-transport.ts';
import { openRelay, type Relay } from './relay.ts';

const transports = new Transports();
const relays: Relay[] = [];
const OTHER_SECRET = 'another secret that is long enough';
const PATIENCE = { timeout: 25_000, interval: 10 };
const reliable = { reliable: true };
const datagram = { reliable: false };

/** For what listens at the same address twice: a port that is free for a moment may be somebody else's then. */
let loopback: OwnLoopback;
const ownAddress = (number: number) => ({ host: loopback.host(number), port: 7946 });

beforeAll(async () => {
  loopback = await takeOwnLoopback();
});
afterAll(() => loopback.close());
afterEach(async () => {
  await transports.close();
  await Promise.all(relays.splice(0).map((relay) => relay.close()));
});

async function relayTo(port: number): Promise<Relay> {
  const relay = await openRelay(port);
  relays.push(relay);
  return relay;
}

describe('two instances with the same secret', () => {
  test.each([true, false])('exchange packets (reliable: %s)', async (isReliable) => {
    const [a, b] = [await transports.open(), await transports.open()];
    a.transport.send(b.address, packetOf(1), { reliable: isReliable });
    b.transport.send(a.address, packetOf(2), { reliable: isReliable });
    await vi.waitFor(() => {
      expect(b.packets).toEqual([packetOf(1)]);
      expect(a.packets).toEqual([packetOf(2)]);
    }, PATIENCE);
    expect([...a.refused, ...b.refused]).toEqual([]);
  });

  test('and different versions pass over what they do not know, and keep their connection', async () => {
    const [a, b] = [await transports.open(), await transports.open()];
    const newer = JSON.parse(JSON.stringify(packetOf(2)).replace('"ping"', '"wish"')) as Packet;
    for (const packet of [packetOf(1), newer, packetOf(3)]) a.transport.send(b.address, packet, reliable);
    await vi.waitFor(() => expect(requestsOf(b.packets)).toEqual([1, 3]), PATIENCE);
    expect(b.refused).toEqual([{ from: newer.from.address, why: 'other-version', count: 1 }]);
    expect(a.refused).toEqual([]);
  });

  test('reach each other by IPv6, and by the name of a host', async () => {
    const [a, b] = [await transports.open({ listen: { host: '::', port: 0 } }), await transports.open()];
    a.transport.send({ host: '::1', port: a.transport.port }, packetOf(1), datagram);
    a.transport.send({ host: '::1', port: a.transport.port }, packetOf(2), reliable);
    a.transport.send({ host: 'localhost', port: a.transport.port }, packetOf(3), datagram);
    for (const [request, how] of [[4, datagram] as const, [5, reliable] as const]) {
      a.transport.send(b.address, packetOf(request), how);
      b.transport.send({ host: 'localhost', port: a.transport.port }, packetOf(request + 2), how);
    }
    await vi.waitFor(() => {
      expect(new Set(requestsOf(a.packets))).toEqual(new Set([1, 2, 3, 6, 7]));
      expect(new Set(requestsOf(b.packets))).toEqual(new Set([4, 5]));
    }, PATIENCE);
  });

  test('a name that nobody knows loses the packet, and nothing else', async () => {
    const a = await transports.open();
    a.transport.send({ host: 'nobody.invalid', port: 1 }, packetOf(1), datagram);
    a.transport.send({ host: 'nobody.invalid', port: 1 }, packetOf(2), reliable);
    a.transport.send(a.address, packetOf(3), datagram);
    await vi.waitFor(() => expect(requestsOf(a.packets)).toEqual([3]), PATIENCE);
  });

  test('reliable packets keep their order, whatever their size', async () => {
    const [a, b] = [await transports.open(), await transports.open()];
    const sent = Array.from({ length: 500 }, (_, index) => index);
    for (const request of sent)
      a.transport.send(b.address, packetOf(request, (request * 997) % 40_000), reliable);
    await vi.waitFor(() => expect(requestsOf(b.packets)).toEqual(sent), PATIENCE);
  });

  test('what does not fit a datagram goes by TCP, though nobody asked for it', async () => {
    const [a, b] = [await transports.open(), await transports.open()];
    a.transport.send(b.address, packetOf(1, 1_300), datagram);
    a.transport.send(b.address, packetOf(2, 100_000), datagram);
    a.transport.send(b.address, packetOf(3, 8_000_000), reliable);
    await vi.waitFor(() => expect(requestsOf(b.packets)).toHaveLength(3), PATIENCE);
    expect(b.packets.find((packet) => requestsOf([packet])[0] === 3)).toEqual(packetOf(3, 8_000_000));
  });

  test('what is too large for a frame is told, because it can never be sent', async () => {
    const [a, b] = [await transports.open(), await transports.open()];
    a.transport.send(b.address, packetOf(1, 17 * 1024 * 1024), reliable);
    expect(a.unsendable).toEqual([
      { to: b.address, layer: 'swim', why: expect.stringContaining('at most 16777216') as string },
    ]);
    a.transport.send(b.address, packetOf(2), reliable);
    await vi.waitFor(() => expect(requestsOf(b.packets)).toEqual([2]), PATIENCE);
  });
});

describe('changing the secret', () => {
  test('instances that begin to know the new secret, or to forget the old one, understand their neighbours', async () => {
    const rounds = [[SECRET], [SECRET, OTHER_SECRET], [OTHER_SECRET, SECRET], [OTHER_SECRET]];
    const opened: OpenTransport[] = [];
    for (const secrets of rounds) opened.push(await transports.open({ secrets }));
    for (const [at, one] of opened.entries()) {
      const next = opened[at + 1];
      if (!next) continue;
      for (const [from, to] of [[one, next] as const, [next, one] as const]) {
        from.transport.send(to.address, packetOf(1), reliable);
        from.transport.send(to.address, packetOf(2), datagram);
      }
    }
    await vi.waitFor(
      () => expect(opened.map(({ packets }) => packets.length)).toEqual([2, 4, 4, 2]),
      PATIENCE,
    );
    expect(opened.flatMap(({ refused }) => refused)).toEqual([]);
  });
});

describe('strangers', () => {
  test.each([
    ['another secret', { secrets: [OTHER_SECRET] }, 'unknown-key'],
    ['the same secret and another name', { name: 'other' }, 'other-cluster'],
  ] as const)('with %s are heard by nobody, and counted', async (_who, options, why) => {
    const [a, stranger] = [await transports.open(), await transports.open(options)];
    stranger.transport.send(a.address, packetOf(1), datagram);
    await vi.waitFor(() => expect(a.refused).toEqual([{ from: stranger.address, why, count: 1 }]), PATIENCE);
    stranger.transport.send(a.address, packetOf(2), reliable);
    await vi.waitFor(() => expect(a.refused).toHaveLength(2), PATIENCE);
    a.transport.send(stranger.address, packetOf(3), reliable);
    await vi.waitFor(() => expect(stranger.refused).toHaveLength(1), PATIENCE);
    expect([...a.packets, ...stranger.packets]).toEqual([]);
  });

  test('who sends 1,000 datagrams of garbage is told of in few words, and disturbs nobody', async () => {
    const clock = new ManualClock();
    const [a, b] = [await transports.open({ clock }), await transports.open()];
    const socket = createSocket('udp4');
    for (let sent = 0; sent < 1_000; sent++) {
      const bytes = randomBytes(1 + (sent % 1_400));
      await new Promise((resolve) => socket.send(bytes, a.transport.port, '127.0.0.1', resolve));
      // So that the kernel's buffer never overflows: the receiver lives in this process.
      await settle();
    }
    socket.close();
    const count = () => a.refused.reduce((sum, refused) => sum + (refused.count ?? 1), 0);
    let seconds = 0;
    await vi.waitFor(async () => {
      seconds += 1;
      await clock.advance(1_000);
      expect(count()).toBe(1_000);
    }, PATIENCE);
    const reasons = new Set(a.refused.map(({ why }) => why)).size;
    expect(a.refused.length).toBeLessThanOrEqual(reasons * (1 + seconds));
    b.transport.send(a.address, packetOf(1), datagram);
    await vi.waitFor(() => expect(requestsOf(a.packets)).toEqual([1]), PATIENCE);
  });

  test('who connects and says nothing is cut off, and at once when there are too many of them', async () => {
    const clock = new ManualClock();
    const a = await transports.open({ clock, limits: { strangers: 4 } });
    const cut: number[] = [];
    for (let nth = 0; nth < 6; nth++) {
      const socket = connect(a.transport.port, '127.0.0.1');
      socket.on('error', () => {}).once('close', () => cut.push(nth));
      await once(socket, 'connect');
    }
    await vi.waitFor(() => expect(cut).toEqual([0, 1]), PATIENCE);
    const b = await transports.open();
    b.transport.send(a.address, packetOf(1), reliable);
    await vi.waitFor(() => expect(requestsOf(a.packets)).toEqual([1]), PATIENCE);
    await clock.advance(5_000);
    await vi.waitFor(() => expect(cut).toHaveLength(6), PATIENCE);
  });

  test('who announces a large frame before a proof is cut off, and nothing is kept for it', async () => {
    const a = await transports.open();
    const relay = await relayTo(a.transport.port);
    const b = await transports.open();
    b.transport.send(relay.address, packetOf(1), reliable);
    await vi.waitFor(() => expect(requestsOf(a.packets)).toEqual([1]), PATIENCE);
    const hello = relay.sentByClient().subarray(0, HELLO_BYTES);
    const socket = connect(a.transport.port, '127.0.0.1');
    socket.on('error', () => {}).write(hello);
    await once(socket, 'data');
    socket.write(Buffer.from([0, 0xff, 0xff, 0xff]));
    await once(socket, 'close');
    expect(a.refused).toMatchObject([{ why: 'forged' }]);
  });
});

describe('what was recorded and is sent again', () => {
  test('as a datagram is let in: gossip stands that', async () => {
    const a = await transports.open();
    const recorder = createSocket('udp4').bind(0, '127.0.0.1');
    await once(recorder, 'listening');
    const b = await transports.open();
    b.transport.send({ host: '127.0.0.1', port: recorder.address().port }, packetOf(1), datagram);
    const [bytes] = (await once(recorder, 'message')) as [Buffer];
    for (let time = 0; time < 2; time++) recorder.send(bytes, a.transport.port, '127.0.0.1');
    await vi.waitFor(() => expect(requestsOf(a.packets)).toEqual([1, 1]), PATIENCE);
    expect(a.refused).toEqual([]);
    recorder.close();
  });

  test('as a whole connection is refused, because it had other keys', async () => {
    const [a, b] = [await transports.open(), await transports.open()];
    const relay = await relayTo(a.transport.port);
    b.transport.send(relay.address, packetOf(1), reliable);
    await vi.waitFor(() => expect(requestsOf(a.packets)).toEqual([1]), PATIENCE);
    const socket = connect(a.transport.port, '127.0.0.1');
    socket.on('error', () => {}).write(relay.sentByClient());
    socket.resume();
    await once(socket, 'close');
    expect(requestsOf(a.packets)).toEqual([1]);
    expect(a.refused).toMatchObject([{ why: 'forged' }]);
  });

  test('as a frame of the same connection is refused, and the next connection works', async () => {
    const [a, b] = [await transports.open(), await transports.open()];
    const relay = await relayTo(a.transport.port);
    b.transport.send(relay.address, packetOf(1), reliable);
    await vi.waitFor(() => expect(requestsOf(a.packets)).toEqual([1]), PATIENCE);
    const before = relay.sentByClient().length;
    b.transport.send(relay.address, packetOf(2), reliable);
    await vi.waitFor(() => expect(requestsOf(a.packets)).toEqual([1, 2]), PATIENCE);
    relay.injectFromClient(relay.sentByClient().subarray(before));
    await vi.waitFor(() => expect(a.refused).toMatchObject([{ why: 'forged' }]), PATIENCE);
    expect(requestsOf(a.packets)).toEqual([1, 2]);
    await vi.waitFor(() => {
      b.transport.send(relay.address, packetOf(3), reliable);
      expect(requestsOf(a.packets)).toContain(3);
    }, PATIENCE);
  });
});

describe('a datagram', () => {
  test('that says more than gossip is refused, also from who has the secret: it may be an old one', async () => {
    const a = await transports.open();
    const ring = new KeyRing({ name: 'test', secrets: [SECRET] });
    const socket = createSocket('udp4');
    const recorded = examplePackets.filter(({ body }) => body.layer !== 'swim');
    for (const packet of recorded) {
      const sealed = sealDatagram(ring, encodePacket(packet));
      await new Promise((resolve) => socket.send(sealed, a.transport.port, '127.0.0.1', resolve));
    }
    socket.close();
    const count = () => a.refused.reduce((sum, { count: many = 1 }) => sum + many, 0);
    await vi.waitFor(() => expect(count()).toBe(recorded.length), PATIENCE);
    expect(a.packets).toEqual([]);
  });

  test('is not made of what would count twice: that goes by TCP, though nobody asked for it', async () => {
    const [a, b] = [await transports.open(), await transports.open()];
    for (const packet of examplePackets) b.transport.send(a.address, packet, datagram);
    await vi.waitFor(() => expect(a.packets).toHaveLength(examplePackets.length), PATIENCE);
    expect(a.refused).toEqual([]);
  });
});

describe('a peer that is gone', () => {
  test('and comes back at the same address is reached again', async () => {
    const a = await transports.open();
    const first = await transports.open({ listen: ownAddress(1) });
    a.transport.send(first.address, packetOf(1), reliable);
    await vi.waitFor(() => expect(requestsOf(first.packets)).toEqual([1]), PATIENCE);
    await first.transport.close();
    const second = await transports.open({ listen: first.address });
    await vi.waitFor(() => {
      a.transport.send(first.address, packetOf(2), reliable);
      expect(requestsOf(second.packets)).toContain(2);
    }, PATIENCE);
  });

  test('without a word is noticed, though its connection stays open, and reached by a new one', async () => {
    const [a, b] = [await transports.open({ limits: { stallMs: 300 } }), await transports.open()];
    const relay = await relayTo(b.transport.port);
    a.transport.send(relay.address, packetOf(1), reliable);
    await vi.waitFor(() => expect(requestsOf(b.packets)).toEqual([1]), PATIENCE);
    relay.swallow();
    let request = 2;
    await vi.waitFor(() => {
      a.transport.send(relay.address, packetOf(request++), reliable);
      expect(requestsOf(b.packets).length).toBeGreaterThan(1);
    }, PATIENCE);
    expect(relay.connections).toBeGreaterThan(1);
  });

  test('and does not read costs a bounded queue, and is cut', async () => {
    const [a, b] = [await transports.open({ limits: { queueBytes: 1_000_000 } }), await transports.open()];
    const relay = await relayTo(b.transport.port);
    a.transport.send(relay.address, packetOf(0), reliable);
    await vi.waitFor(() => expect(requestsOf(b.packets)).toEqual([0]), PATIENCE);
    relay.pause();
    const ended = relay.clientEnded();
    for (let sent = 0; sent < 100; sent++) a.transport.send(relay.address, packetOf(1, 500_000), reliable);
    await ended;
    a.transport.send(b.address, packetOf(7), datagram);
    await vi.waitFor(() => expect(requestsOf(b.packets)).toContain(7), PATIENCE);
  });

  test('and never answers the hello is given up', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const a = await transports.open({ limits: { handshakeMs: 200 } });
    a.transport.send(
      { host: '127.0.0.1', port: (silent.address() as AddressInfo).port },
      packetOf(1),
      reliable,
    );
    await vi.waitFor(() => expect(sockets.length).toBeGreaterThan(0), PATIENCE);
    await once(sockets[0]!.resume(), 'close');
    silent.close();
  });
});

test('a peer that refuses every connection is tried again less and less often', async () => {
  const clock = new ManualClock();
  const triedAtMs: number[] = [];
  const rude = createServer((socket) => {
    triedAtMs.push(clock.monotonicMs());
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(rude, 'listening');
  const a = await transports.open({ clock });
  const to = { host: '127.0.0.1', port: (rude.address() as AddressInfo).port };
  while (triedAtMs.length < 8) {
    a.transport.send(to, packetOf(1), reliable);
    await clock.advance(10);
  }
  // At least: a connection takes its time, in which this clock goes on. Half of each pause is left to chance.
  const pausesMs = triedAtMs.slice(1).map((atMs, nth) => atMs - triedAtMs[nth]!);
  for (const [nth, pauseMs] of pausesMs.entries())
    expect(pauseMs).toBeGreaterThanOrEqual(Math.min(1_000, 100 * 2 ** nth) / 2);
  await a.transport.close();
  await new Promise((resolve) => rude.close(resolve));
});

describe('a connection that nobody uses', () => {
  test('is closed after a while, and opened again when there is something to send', async () => {
    const clock = new ManualClock();
    const [a, b] = [await transports.open({ clock }), await transports.open()];
    const relay = await relayTo(b.transport.port);
    a.transport.send(relay.address, packetOf(1), reliable);
    await vi.waitFor(() => expect(requestsOf(b.packets)).toEqual([1]), PATIENCE);
    await clock.advance(60_000);
    a.transport.send(relay.address, packetOf(2), reliable);
    await vi.waitFor(() => expect(requestsOf(b.packets)).toEqual([1, 2]), PATIENCE);
    await clock.advance(60_000);
    expect(relay.connections).toBe(1);
    const ended = relay.clientEnded();
    await clock.advance(60_000);
    await ended;
    a.transport.send(relay.address, packetOf(3), reliable);
    await vi.waitFor(() => expect(requestsOf(b.packets)).toEqual([1, 2, 3]), PATIENCE);
    expect(relay.connections).toBe(2);
  });
});

describe('opening and closing', () => {
  test.each(['tcp', 'udp'] as const)(
    'a port that another program has for %s is named, with what to do',
    async (kind) => {
      const taken = kind === 'tcp' ? createServer() : createSocket('udp4');
      if ('listen' in taken) taken.listen(0, '127.0.0.1');
      else taken.bind(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      await expect(transports.open({ listen: { host: '127.0.0.1', port } })).rejects.toMatchObject({
        code: 'ADDRESS_IN_USE',
        message: expect.stringMatching(
          new RegExp(`127\\.0\\.0\\.1:${port}.*another program.*ss -lntup`),
        ) as string,
      });
      taken.close();
    },
  );

  test.each(['203.0.113.7', 'nobody.invalid'])(
    'an address that this machine does not have is refused: %s',
    async (host) => {
      await expect(transports.open({ listen: { host, port: 0 } })).rejects.toMatchObject({
        code: 'ADDRESS_UNAVAILABLE',
      });
    },
  );

  test('what was sent last reaches a peer whose answer to what came before is not read yet', async () => {
    const a = await transports.open();
    let closing: Promise<void> | undefined;
    const goOn = () => {
      a.transport.send(b.address, packetOf(2, 100_000), reliable);
      closing = a.transport.close();
    };
    // It is asked whether it reads after the first packet, and has answered when this turn ends.
    const onPacket = () => {
      if (!closing) process.nextTick(goOn);
    };
    const b = await transports.open({ onPacket });
    a.transport.send(b.address, packetOf(1), reliable);
    await vi.waitFor(() => expect(requestsOf(b.packets)).toEqual([1, 2]), PATIENCE);
    await closing;
  });

  test('what was sent last leaves the process, then nothing goes in or out', async () => {
    // It waits for a quarter of a second at most until what it has sent is gone; the machine's stalls are no part of that.
    const clock = new SteadyClock(10);
    const [a, b] = [await transports.open({ clock, listen: ownAddress(2) }), await transports.open()];
    a.transport.send(b.address, packetOf(1), reliable);
    await vi.waitFor(() => expect(requestsOf(b.packets)).toEqual([1]), PATIENCE);
    a.transport.send(b.address, packetOf(2, 100_000), reliable);
    await Promise.all([a.transport.close(), a.transport.close()]);
    a.transport.send(b.address, packetOf(3), reliable);
    a.transport.send(b.address, packetOf(4), datagram);
    await vi.waitFor(() => expect(requestsOf(b.packets)).toEqual([1, 2]), PATIENCE);
    const again = await transports.open({ listen: a.address });
    expect(again.transport).toBeInstanceOf(SocketTransport);
  });
});
