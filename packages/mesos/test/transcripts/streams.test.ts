import { describe, expect, test } from 'vitest';
import { readEvent } from '../../src/wire/read-event.ts';
import { encodeRecord, RecordIoDecoder } from '../../src/wire/record-io.ts';
import { callOf, header, payloadReads, recordedStreams, type RecordedStream } from './recorded-streams.ts';

const eventTypes = [
  'SUBSCRIBED',
  'HEARTBEAT',
  'OFFERS',
  'RESCIND',
  'UPDATE',
  'UPDATE_OPERATION_STATUS',
  'INVERSE_OFFERS',
  'MESSAGE',
  'FAILURE',
  'ERROR',
];

const streams = recordedStreams();
const schedulers = streams.filter((each) => isScheduler(each) && isJson(each));
const operators = streams.filter((each) => callOf(each.exchange)?.type === 'SUBSCRIBE' && !isScheduler(each));

/** A subscription of a framework; a mistyped path is answered by the operator API. */
function isScheduler({ exchange }: RecordedStream): boolean {
  return ['/api/v1/scheduler', '/api/v1/scheduler/', '/master/api/v1/scheduler'].includes(
    exchange.request?.path ?? '',
  );
}

function isJson({ exchange }: RecordedStream): boolean {
  return header(exchange, 'content-type') === 'application/json';
}

function decode(pieces: readonly Buffer[]): string[] {
  const decoder = new RecordIoDecoder();
  return pieces.flatMap((piece) => [...decoder.push(piece)].map((record) => record.toString()));
}

describe('what a real master sent', () => {
  test.each(transcriptsOf(streams))(
    '%s: RecordIO gives each record, read by read as it was received (O3)',
    (name) => {
      for (const { connection, exchange } of streams.filter((each) => each.transcript === name)) {
        const records = exchange.records.map((record) => record.toString());
        expect(decode(payloadReads(connection))).toEqual(records);
        const framed = exchange.records.map((record) => Buffer.from(encodeRecord(record)));
        expect(decode([Buffer.concat(framed)])).toEqual(records);
        expect(Buffer.concat(payloadReads(connection))).toEqual(Buffer.concat(framed));
      }
    },
  );

  test.each(transcriptsOf(schedulers))('%s: each event is understood', (name) => {
    for (const { exchange } of schedulers.filter((each) => each.transcript === name)) {
      for (const record of exchange.records) {
        const event = readEvent(record.toString());
        expect(eventTypes).toContain(event?.type);
        expect(event).toEqual(JSON.parse(record.toString()));
      }
    }
  });

  test('every type of event but RESCIND_INVERSE_OFFER was seen', () => {
    const seen = schedulers.flatMap((each) => each.exchange.records.map((record) => readEvent(`${record}`)));
    expect(new Set(seen.map((event) => event?.type))).toEqual(new Set(eventTypes));
  });

  test('SUBSCRIBED or ERROR comes first; HEARTBEAT and OFFERS follow it in either order (O3)', () => {
    const starts = schedulers.map((each) =>
      each.exchange.records.slice(0, 3).map((record) => readEvent(record.toString())?.type),
    );
    const accepted = starts.filter(([first]) => first === 'SUBSCRIBED');
    expect(starts.every(([first]) => first === 'SUBSCRIBED' || first === 'ERROR')).toBe(true);
    expect(accepted.some(([, second]) => second === 'HEARTBEAT')).toBe(true);
    expect(accepted.some(([, second]) => second === 'OFFERS')).toBe(true);
  });

  test('the events of the operator API, where a mistyped path leads, are no events of a subscription (O6)', () => {
    expect(operators.map((each) => each.transcript)).toEqual(['s14-bad-calls', 's20-operator-master']);
    for (const { exchange } of operators) {
      const [first, ...others] = exchange.records.map((record) => record.toString());
      expect(() => readEvent(first ?? '')).toThrow(/SUBSCRIBED/);
      const types = new Set(others.map((record) => (JSON.parse(record) as { type: string }).type));
      for (const record of others.filter((each) => !each.includes('"HEARTBEAT"'))) {
        expect(readEvent(record)).toBeUndefined();
      }
      expect(types).toContain('HEARTBEAT');
    }
  });

  test('an event in protobuf, which this client does not ask for, is refused as what is no JSON', () => {
    const binary = streams.filter((each) => isScheduler(each) && !isJson(each));
    expect(binary.map((each) => each.transcript)).toEqual(['s18-content-types', 's18-content-types']);
    for (const { exchange } of binary) {
      for (const record of exchange.records) expect(() => readEvent(record.toString())).toThrow();
    }
  });
});

function transcriptsOf(of: readonly RecordedStream[]): string[] {
  return [...new Set(of.map((each) => each.transcript))];
}
