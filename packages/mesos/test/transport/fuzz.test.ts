import { readTranscript, recordedConnections, transcriptNames } from '@vibrissa/testkit';
import { fuzz, fuzzSeconds, fuzzSeed, inPieces, mutate, pick } from '@vibrissa/testkit/fuzzing';
import { describe, expect, it } from 'vitest';
import { EventReader } from '../../src/transport/event-reader.ts';
import { contendersOf, readMasterZnode } from '../../src/transport/detectors/master-znode.ts';
import { InvalidMasters } from '../../src/transport/detectors/detector-error.ts';
import { parseMasters } from '../../src/transport/detectors/parse-masters.ts';
import { leaderOf } from '../../src/transport/master-url.ts';
import { MalformedEvent, readEvent } from '../../src/wire/read-event.ts';
import { encodeRecord, RecordIoDecoder, type MesosEvent } from '../../src/wire/index.ts';

const timeout = fuzzSeconds * 1000 + 60_000;
const MAX_RECORD_BYTES = 5000;

const words = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  'null',
  '-1',
  '1e999',
  '"5"',
  '\\u0000',
  '\\ud800',
  '\n',
  '0\n',
  '7\n',
  '99999999999999999999\n',
  '"__proto__":{"type":"HEARTBEAT"},',
  '"constructor":{"prototype":{}},',
  '"type":"OFFERS",',
];

/** Records of real streams, one of each shape. */
const records = [
  ...new Map(
    transcriptNames()
      .flatMap((name) => recordedConnections(readTranscript(name)))
      .flatMap(({ exchanges }) => exchanges.flatMap((exchange) => exchange.records))
      .filter((record) => record.length < MAX_RECORD_BYTES)
      .map((record) => [record.toString().replace(/[\d.-]+|"value":"[^"]*"/g, ''), record] as const),
  ).values(),
];

/** What reading in these pieces gives: records, and why it stopped. */
function decode(pieces: readonly Buffer[]) {
  const decoder = new RecordIoDecoder({ maxRecordBytes: MAX_RECORD_BYTES });
  const read = pieces.flatMap((piece) => decoder.push(piece)).map((record) => record.toString('latin1'));
  return { read, error: decoder.error?.message, isWithin: decoder.isWithinRecord };
}

describe(`fuzzing (SOAK_SEED=${fuzzSeed})`, () => {
  it(
    'RecordIO means the same in whatever pieces it comes, and never throws',
    async () => {
      await fuzz('RecordIO', (random) => {
        const several = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
          encodeRecord(pick(random, records)),
        );
        const bytes = mutate(Buffer.concat(several), words, random);
        const whole = decode([bytes]);
        expect(decode(inPieces(bytes, random))).toEqual(whole);
        // What was understood is what was sent, up to where it stopped.
        const again = Buffer.concat(whole.read.map((record) => encodeRecord(Buffer.from(record, 'latin1'))));
        expect(decode([again]).read).toEqual(whole.read);
      });
    },
    timeout,
  );

  it(
    'event JSON is understood as it is or refused with one kind of error, and changes no prototype',
    async () => {
      const before = Object.getOwnPropertyNames(Object.prototype).join();
      await fuzz('event JSON', (random) => {
        const text = mutate(pick(random, records), words, random).toString();
        try {
          const event = readEvent(text);
          if (event) useAll(event);
        } catch (error) {
          if (!(error instanceof MalformedEvent)) throw error;
          expect(error.message.length).toBeLessThan(300);
        }
        expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
      });
    },
    timeout,
  );

  it(
    'a stream tells the same events in whatever pieces it comes, and whenever its reader pauses',
    async () => {
      await fuzz('streams', (random) => {
        const several = Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
          encodeRecord(pick(random, records)),
        );
        const first = encodeRecord('{"type":"SUBSCRIBED","subscribed":{"framework_id":{"value":"F"}}}');
        const bytes = mutate(Buffer.concat([first, ...several]), words, random);
        const whole = hear([bytes], () => false);
        expect(hear(inPieces(bytes, random), () => random() < 0.3)).toEqual(whole);
      });
    },
    timeout,
  );

  it(
    'addresses of masters and what ZooKeeper and redirects say are understood or refused',
    async () => {
      const addresses = [
        'http://a:5050,b:5050',
        'zk://u:p@h1:2181,h2/mesos',
        'dns://10.0.0.2:53/leader.mesos:5050',
        'https://[::1]:5050',
        '//10.0.0.4:5050/master/api/v1/scheduler',
        'json.info_0000000001',
      ];
      const znode =
        '{"address":{"hostname":"h","ip":"10.0.0.3","port":5050},"pid":"master@10.0.0.3:5050","port":5050}';
      const parts = [
        '/',
        '//',
        ':',
        '@',
        ',',
        '[',
        ']',
        'zk:',
        '%2f',
        '..',
        '_',
        '-',
        ' ',
        '0',
        '65536',
        ...words,
      ];
      let understood = 0;
      await fuzz('addresses', (random) => {
        const text = mutate(Buffer.from(pick(random, addresses)), parts, random).toString();
        const leader = leaderOf(text, 'http://10.0.0.3:5050');
        if (leader !== undefined) expect(new URL(leader).origin).toBe(leader);
        contendersOf([text]);
        const master = readMasterZnode(mutate(Buffer.from(znode), [...parts], random), 'http');
        if (master !== undefined) expect(new URL(master).pathname).toBe('/');
        try {
          parseMasters(text);
          understood += 1;
        } catch (error) {
          if (!(error instanceof InvalidMasters)) throw error;
        }
      });
      expect(understood).toBeGreaterThan(0);
    },
    timeout,
  );
});

/** Reads what the type promises, as the rest of the client does. */
function useAll(event: MesosEvent): void {
  if (event.type === 'OFFERS') {
    for (const offer of event.offers.offers) {
      expect(typeof offer.id.value + typeof offer.agent_id.value + typeof offer.hostname).toBe(
        'stringstringstring',
      );
      for (const resource of offer.resources) {
        if (resource.type === 'SCALAR') expect(Number.isFinite(resource.scalar.value)).toBe(true);
        else if (resource.type === 'RANGES')
          for (const { begin, end } of resource.ranges.range) expect(Number.isFinite(begin + end)).toBe(true);
        else expect(resource.set.item.every((item) => typeof item === 'string')).toBe(true);
      }
    }
  } else if (event.type === 'UPDATE') {
    const { status } = event.update;
    expect(status.state).toMatch(/^TASK_[A-Z_]+$/);
    expect([typeof status.task_id.value, typeof (status.uuid ?? '')]).toEqual(['string', 'string']);
    for (const network of status.container_status?.network_infos ?? [])
      for (const address of network.ip_addresses ?? [])
        expect(typeof (address.ip_address ?? '')).toBe('string');
  } else if (event.type === 'SUBSCRIBED') expect(typeof event.subscribed.framework_id.value).toBe('string');
  else if (event.type === 'ERROR') expect(typeof event.error.message).toBe('string');
}

function hear(pieces: readonly Buffer[], pauses: () => boolean) {
  const heard: string[] = [];
  const reader = new EventReader({
    maxRecordBytes: MAX_RECORD_BYTES,
    onEvent: (event) => {
      heard.push(JSON.stringify(event));
      if (pauses()) reader.pause();
    },
    onGarbage: (error) => heard.push(error.message),
  });
  for (const piece of pieces) {
    reader.push(piece);
    if (pauses()) reader.resume();
  }
  while (reader.isPaused) reader.resume();
  return { heard, isWithinRecord: reader.isWithinRecord };
}
