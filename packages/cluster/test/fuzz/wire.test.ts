import { settle } from '@vibrissa/testkit';
import { fuzzSeconds, fuzzSeed } from '@vibrissa/testkit/fuzzing';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

import { ByteQueue } from '../../src/transport/byte-queue.ts';
import { FrameOpener, FrameSealer } from '../../src/transport/frames.ts';
import { HELLO_BYTES, makeHello, readHello } from '../../src/transport/handshake.ts';
import { readJournal, encodeRecord } from '../../src/storage/journal-record.ts';
import { KeyRing } from '../../src/wire/key-ring.ts';
import { decodePacket, encodePacket } from '../../src/wire/packet-codec.ts';
import { openDatagram, sealDatagram } from '../../src/wire/seal.ts';
import { packetOf, requestsOf, SECRET, Transports } from '../transport/open-transport.ts';
import { examplePackets } from '../wire/example-packets.ts';

const shareMs = fuzzSeconds * 1000;
const MOST_GROWTH_BYTES = 100 * 1024 * 1024;
const timeout = shareMs + 300_000;

const ring = new KeyRing({ name: 'fuzz', secrets: ['the first secret of all', 'the second secret of all'] });
/** The secret of the transports. */
const known = new KeyRing({ name: 'test', secrets: [SECRET] });
const stranger = new KeyRing({ name: 'fuzz', secrets: ['nobody knows this secret'] });

/** Checks a property until its share of the time is over, and says how often. */
function fuzz<T>(name: string, given: fc.Arbitrary<T>, holds: (value: T) => void): void {
  let rounds = 0;
  const property = fc.property(given, (value) => {
    rounds += 1;
    holds(value);
  });
  fc.assert(property, {
    seed: fuzzSeed,
    numRuns: 10_000_000,
    interruptAfterTimeLimit: shareMs,
    markInterruptAsFailure: false,
  });
  console.log(`fuzzed ${name}: ${rounds} rounds, seed ${fuzzSeed}`);
  expect(rounds).toBeGreaterThan(10);
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));

interface Damage {
  readonly kind: 'flip' | 'cut' | 'insert' | 'repeat';
  readonly at: number;
  readonly more: Buffer;
}

const damages = fc.array(
  fc.record<Damage>({
    kind: fc.constantFrom('flip' as const, 'cut' as const, 'insert' as const, 'repeat' as const),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    more: bytes,
  }),
  { maxLength: 4 },
);

function damaged(whole: Buffer, all: readonly Damage[]): Buffer {
  let now = Buffer.from(whole);
  for (const { kind, at, more } of all) {
    const place = Math.floor(at * now.length);
    const before = now.subarray(0, place);
    const after = now.subarray(place);
    if (kind === 'flip')
      now = Buffer.concat([before, Buffer.of((after[0] ?? 0) ^ (1 << (more.length % 8))), after.subarray(1)]);
    else if (kind === 'cut') now = Buffer.concat([before, after.subarray(more.length)]);
    else now = Buffer.concat([before, kind === 'insert' ? more : before.subarray(-20), after]);
  }
  return now;
}

const packet = fc.constantFrom(...examplePackets);

/** Replaces values anywhere in a packet by others that JSON can say. */
const changedPacket = fc
  .tuple(
    packet,
    fc.array(fc.tuple(fc.nat(200), fc.jsonValue({ maxDepth: 3 })), { minLength: 1, maxLength: 3 }),
  )
  .map(([original, changes]) => {
    const copy = structuredClone(original) as unknown;
    for (const [nth, value] of changes) {
      const places = [...placesIn(copy)];
      const place = places[nth % places.length];
      if (place) place.parent[place.name] = value;
    }
    return copy;
  });

function* placesIn(value: unknown): Generator<{ parent: Record<string, unknown>; name: string }> {
  if (typeof value !== 'object' || value === null) return;
  const parent = value as Record<string, unknown>;
  for (const name of Object.keys(parent)) {
    yield { parent, name };
    yield* placesIn(parent[name]);
  }
}

describe(`fuzzing the cluster's formats (SOAK_SEED=${fuzzSeed})`, () => {
  test(
    'a datagram is opened as it was sealed, or refused, with the right key and without',
    () => {
      fuzz('datagrams', fc.tuple(bytes, damages, fc.boolean()), ([plain, damage, isOurs]) => {
        const sealed = sealDatagram(isOurs ? ring : stranger, plain);
        const changed = damaged(sealed, damage);
        const opened = openDatagram(ring, changed);
        if (isOurs && changed.equals(sealed)) expect(opened).toEqual({ kind: 'opened', plain });
        else expect(opened.kind).toBe('refused');
        expect(openDatagram(ring, plain).kind).toBe('refused');
      });
    },
    timeout,
  );

  test(
    'what somebody with the secret sends is a packet as a core expects it, or nothing',
    () => {
      const before = Object.getOwnPropertyNames(Object.prototype).join();
      let understood = 0;
      const given = fc.oneof(changedPacket, packet, fc.jsonValue());
      fuzz('packets', fc.tuple(given, damages), ([value, damage]) => {
        const text = Buffer.from(JSON.stringify(value));
        const read = decodePacket(damaged(text, damage));
        if (read) {
          understood += 1;
          // As texts: JSON says -0, and then 0.
          expect(JSON.stringify(decodePacket(encodePacket(read)))).toBe(JSON.stringify(read));
          expect(Number.isSafeInteger(read.from.generation) && read.from.address.port > 0).toBe(true);
        }
        expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
      });
      expect(understood).toBeGreaterThan(0);
    },
    timeout,
  );

  test(
    'frames mean the same in whatever pieces they come, and end at the first that is not right',
    () => {
      const key = Buffer.alloc(32, 7);
      const given = fc.tuple(
        fc.array(bytes, { maxLength: 5 }),
        damages,
        fc.array(fc.nat(50), { minLength: 1, maxLength: 5 }),
      );
      fuzz('frames', given, ([plains, damage, sizes]) => {
        const sealer = new FrameSealer(key);
        const whole = Buffer.concat(plains.map((plain) => sealer.seal(plain)));
        const changed = damaged(whole, damage);
        const atOnce = framesOf([changed], key);
        expect(framesOf(inPieces(changed, sizes), key)).toEqual(atOnce);
        const sent = plains.map((plain) => plain.toString('hex'));
        expect(sent.slice(0, atOnce.frames.length)).toEqual(atOnce.frames);
        if (changed.equals(whole)) expect(atOnce).toEqual({ frames: sent, isBroken: false });
        // A length that nobody allows is never waited for.
        const waits = framesOf([Buffer.concat([whole, Buffer.from('ffffffff', 'hex')])], key);
        expect(waits.isBroken).toBe(true);
      });
    },
    timeout,
  );

  test(
    'a hello names one of our keys or is refused',
    () => {
      fuzz('hellos', fc.uint8Array({ minLength: HELLO_BYTES, maxLength: HELLO_BYTES }), (hello) => {
        expect(['malformed', 'unknown-key', 'other-cluster', 'other-version']).toContain(
          readHello(ring, Buffer.from(hello)),
        );
      });
    },
    timeout,
  );

  test(
    'a journal gives back a beginning of what was written, or says that it is damaged',
    () => {
      const given = fc.tuple(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 }), damages);
      fuzz('journals', given, ([values, damage]) => {
        const written = values.map((value) => JSON.parse(JSON.stringify(value)) as object);
        const whole = Buffer.concat(written.map(encodeRecord));
        const changed = damaged(whole, damage);
        const { values: read, goodBytes, isDamaged } = readJournal(changed);
        expect(goodBytes).toBeLessThanOrEqual(changed.length);
        // A record that is there twice, or cut out as a whole, has a good checksum.
        for (const value of read) expect(written).toContainEqual(value);
        if (changed.equals(whole)) expect({ read, isDamaged }).toEqual({ read: written, isDamaged: false });
      });
    },
    timeout,
  );

  test(
    'a transport outlives whatever strangers send to it, keeps little of it, and goes on to serve its peers',
    async () => {
      const transports = new Transports();
      const [a, b] = [await transports.open(), await transports.open()];
      const udp = createSocket('udp4');
      const heap = process.memoryUsage().heapUsed + process.memoryUsage().external;
      const until = performance.now() + shareMs;
      const given = fc.tuple(bytes, damages, fc.boolean(), fc.boolean());
      let rounds = 0;
      for (; performance.now() < until; rounds++) {
        const [[plain, damage, knowsKey, isDatagram]] = fc.sample(given, {
          seed: fuzzSeed + rounds,
          numRuns: 1,
        }) as [[Buffer, Damage[], boolean, boolean]];
        const keys = knowsKey ? known : stranger;
        if (isDatagram) {
          const sent = damaged(sealDatagram(keys, plain), damage);
          await new Promise((resolve) => udp.send(sent, a.transport.port, '127.0.0.1', resolve));
          await settle();
          continue;
        }
        const socket = connect(a.transport.port, '127.0.0.1');
        socket.on('error', () => {}).resume();
        socket.write(Buffer.concat([damaged(makeHello(keys.first), damage), plain]));
        await settle();
        if (rounds % 3 > 0) socket.destroy();
      }
      console.log(`fuzzed strangers: ${rounds} rounds, seed ${fuzzSeed}`);
      for (const reliable of [true, false]) b.transport.send(a.address, packetOf(1), { reliable });
      await vi.waitFor(() => expect(requestsOf(a.packets)).toEqual([1, 1]), { timeout: 20_000 });
      const now = process.memoryUsage().heapUsed + process.memoryUsage().external;
      expect(now - heap).toBeLessThan(MOST_GROWTH_BYTES);
      expect(rounds).toBeGreaterThan(10);
      udp.close();
      await transports.close();
    },
    timeout,
  );
});

function framesOf(pieces: readonly Buffer[], key: Buffer) {
  const queue = new ByteQueue();
  const opener = new FrameOpener(key, { queue, maxBytes: 1_000 });
  const frames: string[] = [];
  for (const piece of pieces) {
    queue.push(piece);
    for (let frame = opener.next(); frame; frame = opener.next()) frames.push(frame.toString('hex'));
  }
  return { frames, isBroken: opener.isBroken };
}

function inPieces(whole: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, nth = 0; at < whole.length; nth++) {
    const size = 1 + (sizes[nth % sizes.length] ?? 0);
    pieces.push(whole.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
