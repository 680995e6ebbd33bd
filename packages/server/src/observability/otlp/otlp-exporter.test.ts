import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { ManualClock } from '@vibrissa/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Logger } from '../../base/logger.ts';
import type { Metrics } from '../../base/metrics.ts';
import type { Span } from '../trails.ts';
import { OtlpExporter } from './otlp-exporter.ts';

const span: Span = {
  context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), sampled: true },
  parentSpanId: undefined,
  name: 'run',
  startMs: 1_700_000_000_000.25,
  endMs: 1_700_000_000_001.5,
  fields: { action: 'guest/hello', statusCode: 0, ratio: 0.5, timedOut: false, containerId: undefined },
};

interface Body {
  resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[];
}

let server: Server;
let bodies: Body[];
let answer: (number: number) => number | 'nothing';
let clock: ManualClock;
let counts: Map<string | undefined, number>;
let messages: string[];
let exporter: OtlpExporter;

beforeEach(async () => {
  bodies = [];
  answer = () => 200;
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => {
      bodies.push(JSON.parse(text) as Body);
      const status = answer(bodies.length);
      if (status !== 'nothing') response.writeHead(status, { location: '/elsewhere' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  clock = new ManualClock();
  counts = new Map();
  messages = [];
  const metrics: Metrics = {
    counter: (_name, label) => ({ add: (by = 1) => void counts.set(label, (counts.get(label) ?? 0) + by) }),
    gauge() {},
    histogram: () => ({ observe() {} }),
  };
  const note = (_fields: object, message: string) => void messages.push(message);
  const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
  exporter = OtlpExporter.open(
    { clock, logger, metrics },
    { url, resource: { version: '1', instance: 'here' } },
  );
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

const settled = (count: number) =>
  expect.poll(() => (counts.get('sent') ?? 0) + (counts.get('dropped') ?? 0)).toBe(count);

describe('spans', () => {
  it('are sent once a second, as OTLP wants them', async () => {
    exporter.add(span);
    exporter.add({
      ...span,
      name: 'receive',
      parentSpanId: 'c'.repeat(16),
      fields: { status: 503, error: 'Full.' },
    });
    await clock.advance(1000);
    await settled(2);
    expect(bodies).toHaveLength(1);
    expect(bodies[0]?.resourceSpans[0]?.scopeSpans[0]?.spans).toEqual([
      {
        traceId: 'a'.repeat(32),
        spanId: 'b'.repeat(16),
        name: 'run',
        kind: 1,
        startTimeUnixNano: '1700000000000250000',
        endTimeUnixNano: '1700000000001500000',
        attributes: [
          { key: 'vibrissa.action', value: { stringValue: 'guest/hello' } },
          { key: 'vibrissa.statusCode', value: { intValue: '0' } },
          { key: 'vibrissa.ratio', value: { doubleValue: 0.5 } },
          { key: 'vibrissa.timedOut', value: { boolValue: false } },
        ],
      },
      expect.objectContaining({
        kind: 2,
        parentSpanId: 'c'.repeat(16),
        status: { code: 2, message: 'Full.' },
      }),
    ]);
    await clock.advance(5000);
    expect(bodies).toHaveLength(1);
  });

  it('that are too many are dropped and counted, and so are those that a collector refuses', async () => {
    for (let index = 0; index < 8192 + 5; index++) exporter.add(span);
    expect(counts.get('dropped')).toBe(5);
    answer = (number) => (number === 1 ? 200 : 302);
    await clock.advance(1000);
    await settled(8192 + 5);
    expect(counts.get('sent')).toBe(1024);
    expect(messages).toEqual(['The collector takes no traces; they are dropped until it does']);
    answer = () => 200;
    exporter.add(span);
    await clock.advance(1000);
    await settled(8192 + 6);
    expect(messages).toHaveLength(2);
    expect(messages[1]).toBe('The collector takes traces again');
  });

  it('wait for nobody: a collector that says nothing costs its own spans only', async () => {
    answer = () => 'nothing';
    exporter.add(span);
    await clock.advance(1000);
    await expect.poll(() => bodies.length).toBe(1);
    exporter.add(span);
    await clock.advance(1000);
    expect(bodies).toHaveLength(1);
    answer = () => 200;
    await clock.advance(4000);
    await settled(1);
    await clock.advance(1000);
    await settled(2);
    expect(counts.get('sent')).toBe(1);
  });

  it('hold nobody up at the end, though the collector says nothing', async () => {
    answer = () => 'nothing';
    exporter.add(span);
    await clock.advance(1000);
    await expect.poll(() => bodies.length).toBe(1);
    exporter.add(span);
    const closed = exporter.close();
    await clock.advance(1000);
    await expect.poll(() => bodies.length).toBe(2);
    await clock.advance(1000);
    await closed;
    expect(counts.get('dropped')).toBe(2);
  });

  it('that are left are sent at the end', async () => {
    exporter.add(span);
    await exporter.close();
    expect(counts.get('sent')).toBe(1);
    expect(bodies).toHaveLength(1);
  });
});
