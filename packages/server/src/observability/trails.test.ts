import { ManualClock, SeededIds } from '@vibrissa/testkit';
import { describe, expect, it } from 'vitest';
import type { Logger } from '../base/logger.ts';
import { ObservedTrails, type Span } from './trails.ts';

const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

interface Given {
  readonly isDebug?: boolean;
  readonly sampling?: number;
  readonly random?: number;
}

function open({ isDebug = false, sampling, random = 0.5 }: Given) {
  const clock = new ManualClock();
  const lines: object[] = [];
  const spans: Span[] = [];
  const note = (fields: object, message: string) => void lines.push({ ...fields, message });
  const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
  const tracing =
    sampling === undefined ? undefined : { sampling, sink: { add: (span: Span) => void spans.push(span) } };
  const trails = new ObservedTrails({
    clock,
    logger,
    isDebug,
    tracing,
    ids: new SeededIds(),
    random: () => random,
  });
  return { clock, lines, spans, trails };
}

describe('a request', () => {
  it('is followed by nobody at level info without traces', () => {
    const { trails } = open({});
    expect(trails.receive({ transactionId: 't' })).toBeUndefined();
    expect(trails.resume({ transactionId: 't' })).toBeUndefined();
  });

  it('that has extra logging is logged at any level, with the time of each step', async () => {
    const { clock, lines, trails } = open({});
    const trail = trails.receive({ transactionId: 't', extraLogging: true })!;
    const beganMs = trail.now();
    await clock.advance(5);
    trail.step('resolve', beganMs, { action: 'guest/hello' });
    trail.end({ status: 200 });
    trail.end({ status: 500 });
    expect(trail.traceparent).toBeUndefined();
    expect(lines).toEqual([
      {
        transactionId: 't',
        step: 'resolve',
        tookMs: 5,
        action: 'guest/hello',
        message: 'Action or trigger looked up',
      },
      { transactionId: 't', step: 'receive', tookMs: 5, status: 200, message: 'Request answered' },
    ]);
  });

  it('goes on with the trace of its caller, and its steps lie below it', () => {
    const { spans, trails } = open({ sampling: 0 });
    const trail = trails.receive({ transactionId: 't', traceparent: parent })!;
    trail.step('entitle', trail.now());
    const part = trail.branch('activation', { action: 'guest/part' });
    part.step('run', part.now());
    part.end();
    trail.end();
    const [entitle, run, activation, receive] = spans;
    expect(spans.map(({ name }) => name)).toEqual(['entitle', 'run', 'activation', 'receive']);
    expect(new Set(spans.map(({ context }) => context.traceId))).toEqual(new Set(['a'.repeat(32)]));
    expect(receive?.parentSpanId).toBe('b'.repeat(16));
    expect(entitle?.parentSpanId).toBe(receive?.context.spanId);
    expect(activation?.parentSpanId).toBe(receive?.context.spanId);
    expect(run?.parentSpanId).toBe(activation?.context.spanId);
    expect(run?.fields).toMatchObject({ transactionId: 't', action: 'guest/part' });
    expect(new Set(spans.map(({ context }) => context.spanId)).size).toBe(4);
  });

  it.each([
    [0.1, 0.05, '01', 1],
    [0.1, 0.15, '00', 0],
    [0, 0, '00', 0],
    [1, 0.999, '01', 1],
  ])('with sampling %d and chance %d has the flags %s', (sampling, random, flags, sent) => {
    const { spans, trails } = open({ sampling, random });
    const trail = trails.receive({ transactionId: 't' })!;
    expect(trail.traceparent).toMatch(new RegExp(`^00-[0-9a-f]{32}-[0-9a-f]{16}-${flags}$`));
    trail.end();
    expect(spans).toHaveLength(sent);
  });

  it('that turns out to have extra logging keeps its span, and is told of once', () => {
    const { lines, spans, trails } = open({ sampling: 1 });
    const first = trails.receive({ transactionId: 't', traceparent: parent })!;
    const second = trails.insist(first, { transactionId: 't', extraLogging: true })!;
    expect(second.traceparent).toBe(first.traceparent);
    second.end();
    expect(lines).toHaveLength(1);
    expect(spans).toHaveLength(1);
    expect(trails.insist(second, { transactionId: 't', extraLogging: true })).toBe(second);
  });
});
