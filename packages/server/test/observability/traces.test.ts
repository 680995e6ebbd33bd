import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ask,
  cleanUp,
  guestOf,
  runVibrissa,
  startPlatform,
  temporaryDirectory,
  type PlatformProcess,
} from '../platform/platform-process.ts';
import { Collector, type CollectedSpan } from './collector.ts';

const collection = '/api/v1/namespaces/_';
const trace = (digit: string) => digit.repeat(32);
const parent = 'b'.repeat(16);

let collector: Collector;
let platform: PlatformProcess;
let guest: ReturnType<typeof guestOf>;

beforeAll(async () => {
  collector = await Collector.open();
  platform = await startPlatform({ args: ['--set', `tracing.endpoint=${collector.endpoint}`] });
  guest = guestOf(platform);
  await guest.create('context', `exports.main = () => ({ context: process.env.__OW_TRACE_CONTEXT })`);
  const components = ['/_/context', '/_/context'];
  await guest.call(`PUT ${collection}/actions/both`, { exec: { kind: 'sequence', components } });
});
afterAll(async () => {
  await cleanUp();
  collector.close();
});

const post = (path: string, traceparent: string) =>
  ask({ port: platform.port, key: platform.key, headers: { traceparent } }, `POST ${collection}/${path}`, {});

/** The spans of a trace, once its first has ended and `records` activations are recorded. */
async function collected(traceId: string, records: number): Promise<CollectedSpan[]> {
  const own = () => collector.spans.filter((span) => span.traceId === traceId);
  const count = (name: string) => own().filter((span) => span.name === name).length;
  await collector.until(() => count('receive') === 1 && count('record') === records);
  return own();
}

const named = (spans: readonly CollectedSpan[], name: string) => spans.filter((span) => span.name === name);
const one = (spans: readonly CollectedSpan[], name: string) => named(spans, name)[0] as CollectedSpan;

describe('with tracing.endpoint, an invocation', () => {
  it('is a trace of the steps it takes, below the span of its client', async () => {
    const reply = await post('actions/context?blocking=true', `00-${trace('1')}-${parent}-01`);
    expect(reply.status).toBe(200);
    const spans = await collected(trace('1'), 1);
    expect(spans.map(({ name }) => name).toSorted()).toEqual(
      [
        'receive',
        'authenticate',
        'entitle',
        'resolve',
        'schedule',
        'publish',
        'container',
        'init',
        'run',
        'record',
      ].toSorted(),
    );
    const receive = one(spans, 'receive');
    expect(receive).toMatchObject({ parentSpanId: parent, kind: 2 });
    expect(receive.attributes).toMatchObject({
      'vibrissa.status': 200,
      'vibrissa.route': '/api/v1/namespaces/:ns/actions/:name',
    });
    const others = spans.filter((span) => span !== receive);
    expect(new Set(others.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([receive.spanId]));
    const { activationId } = reply.body as { activationId: string };
    expect(one(spans, 'run').attributes).toMatchObject({
      'vibrissa.activationId': activationId,
      'vibrissa.action': 'guest/context',
      'vibrissa.statusCode': 0,
    });
    for (const { startTimeUnixNano, endTimeUnixNano } of spans) {
      expect(BigInt(startTimeUnixNano)).toBeLessThanOrEqual(BigInt(endTimeUnixNano));
    }
    expect(collector.requests[0]).toEqual({ url: '/v1/traces', type: 'application/json' });
    expect(collector.services[0]).toMatchObject({ 'service.name': 'vibrissa' });
  });

  it('tells its code the span that it runs in, warm or cold', async () => {
    const reply = await post('actions/context?blocking=true&result=true', `00-${trace('2')}-${parent}-01`);
    const run = one(await collected(trace('2'), 1), 'run');
    expect(reply.body).toEqual({ context: `00-${trace('2')}-${run.spanId}-01` });
  });

  it('of a sequence is one trace, in which each part has its own span', async () => {
    await post('actions/both?blocking=true', `00-${trace('3')}-${parent}-01`);
    const spans = await collected(trace('3'), 3);
    const parts = named(spans, 'activation');
    expect(parts).toHaveLength(2);
    expect(new Set(parts.map((span) => span.parentSpanId))).toEqual(new Set([one(spans, 'receive').spanId]));
    expect(named(spans, 'run').map((span) => span.parentSpanId)).toEqual(parts.map(({ spanId }) => spanId));
  });

  it('by a trigger is one trace, in which each rule has its own span', async () => {
    await guest.call(`PUT ${collection}/triggers/event`, {});
    await guest.call(`PUT ${collection}/rules/rule`, { trigger: '/_/event', action: '/_/context' });
    await post('triggers/event', `00-${trace('4')}-${parent}-01`);
    const spans = await collected(trace('4'), 2);
    const rule = one(spans, 'activation');
    expect(rule.attributes).toMatchObject({ 'vibrissa.rule': 'guest/rule' });
    expect(one(spans, 'run').parentSpanId).toBe(rule.spanId);
  });

  it('is not sent when its client did not sample it, and its code is told so', async () => {
    const reply = await post('actions/context?blocking=true&result=true', `00-${trace('5')}-${parent}-00`);
    expect((reply.body as { context: string }).context).toMatch(/^00-5{32}-[0-9a-f]{16}-00$/);
    await post('actions/context?blocking=true', `00-${trace('6')}-${parent}-01`);
    await collected(trace('6'), 1);
    expect(collector.spans.filter((span) => span.traceId === trace('5'))).toEqual([]);
  });

  it.each(['', 'x', `00-${'0'.repeat(32)}-${parent}-01`, `ff-${trace('7')}-${parent}-01`, 'é'.repeat(300)])(
    'with the traceparent %j begins a trace of its own',
    async (traceparent) => {
      const reply = await post('actions/context?blocking=true&result=true', encodeURI(traceparent));
      expect((reply.body as { context: string }).context).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      expect((reply.body as { context: string }).context).not.toContain(trace('7'));
    },
  );
});

describe('without a collector that answers', () => {
  it('everything works, and the spans that were lost are counted', async () => {
    const deaf = await startPlatform({ args: ['--set', 'tracing.endpoint=http://127.0.0.1:9'] });
    await guestOf(deaf).create('hello', 'exports.main = () => ({ ok: true })');
    for (let times = 0; times < 5; times++) expect((await guestOf(deaf).invoke('hello')).status).toBe(200);
    const dropped = /counter_tracing_spans_total\{outcome="dropped"\} [1-9]/;
    for (;;) {
      if (dropped.test((await ask({ port: deaf.port }, 'GET /metrics')).text)) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await guestOf(deaf).invoke('hello')).status).toBe(200);
    expect((await deaf.stop()).code).toBe(0);
    expect(deaf.stderr.match(/The collector takes no traces/g)).toHaveLength(1);
  });
});

describe('tracing.endpoint', () => {
  it.each(['ftp://127.0.0.1', 'collector:4318', 'http://me:secret@127.0.0.1:4318', 'http://'])(
    '%s is refused at the start, and no secret of it is shown',
    async (endpoint) => {
      const args = ['start', '--port', '0', '--data-dir', temporaryDirectory()];
      const { code, stderr, stdout } = await runVibrissa([...args, '--set', `tracing.endpoint=${endpoint}`]);
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain('tracing.endpoint is no http:// or https:// address');
      expect(stdout + stderr).not.toContain('secret');
    },
  );
});
