import {
  readTranscript,
  recordedConnections,
  transcriptNames,
  type RecordedExchange,
} from '@vibrissa/testkit';
import { describe, expect, test } from 'vitest';
import { judgeAnswer, judgeError, judgeRefusal } from '../../src/session/judge.ts';
import { readEvent } from '../../src/wire/read-event.ts';
import { callOf } from './recorded-streams.ts';

const exchanges = transcriptNames()
  .filter((name) => name !== 's18-content-types')
  .flatMap((name) => recordedConnections(readTranscript(name)).flatMap((connection) => connection.exchanges))
  .filter((exchange) => exchange.request?.path === '/api/v1/scheduler' && exchange.request.method === 'POST');

const subscribes = exchanges.filter((exchange) => callOf(exchange)?.type === 'SUBSCRIBE');
const calls = exchanges.filter((exchange) => callOf(exchange) && callOf(exchange)?.type !== 'SUBSCRIBE');

function textOf(exchange: RecordedExchange): string {
  return exchange.body?.toString() ?? '';
}

type Row<Verdict> = readonly [status: number, text: RegExp, verdict: Verdict];

/** Each recorded answer meets the first row that knows its text; each row must meet one. */
function judged<Verdict>(
  answers: readonly { readonly status: number; readonly text: string }[],
  rows: readonly Row<Verdict>[],
  judge: (status: number, text: string) => Verdict,
): { wrong: unknown[]; unmet: readonly Row<Verdict>[] } {
  const met = new Set<Row<Verdict> | undefined>();
  const wrong = answers.flatMap(({ status, text }) => {
    const row = rows.find(([expected, pattern]) => expected === status && pattern.test(text));
    met.add(row);
    const verdict = judge(status, text);
    return row?.[2] === verdict ? [] : [{ status, text, verdict, expected: row?.[2] }];
  });
  return { wrong, unmet: rows.filter((row) => !met.has(row)) };
}

const asExpected = { wrong: [], unmet: [] };

describe('refusals of a real master', () => {
  test('a SUBSCRIBE refused by status: the framework must be mended, or the credentials (O2, O4, O8, O10)', () => {
    const refused = subscribes
      .filter(({ status }) => status !== 200 && status !== 307)
      .map((exchange) => ({ status: exchange.status, text: textOf(exchange) }));
    const verdicts = judged(
      refused,
      [
        [400, /^Failed to validate scheduler::Call: 'framework_id' differs from/, 'refused'],
        [400, /^Failed to validate scheduler::Call: Expecting 'subscribe' to be present/, 'refused'],
        [400, /^Failed to validate scheduler::Call: Authenticated principal 'fw' does not match/, 'refused'],
        [400, /^Failed to convert JSON into Call protobuf/, 'refused'],
        [400, /^Subscribe calls should not include the 'Mesos-Stream-Id' header/, 'refused'],
        [400, /^Expecting 'Content-Type' to be present/, 'refused'],
        [400, /^Failed to parse body into Call protobuf/, 'refused'],
        [401, /^401 Unauthorized\.$/, 'unauthorized'],
        [406, /^Expecting 'Accept' to allow/, 'alien'],
        [415, /^Expecting 'Content-Type' of/, 'alien'],
      ],
      judgeRefusal,
    );
    expect(verdicts).toEqual(asExpected);
  });

  test('a SUBSCRIBE refused by an ERROR after a 200: each says what became of the framework (O2, O11, O14)', () => {
    const errors = subscribes
      .flatMap(({ records }) => records.map((record) => readEvent(record.toString())))
      .flatMap((event) => (event?.type === 'ERROR' ? [{ status: 200, text: event.error.message }] : []));
    const verdicts = judged(
      errors,
      [
        [200, /^Framework failed over$/, 'failed-over'],
        [200, /^Framework has been removed$/, 'removed'],
        [200, /^Changing framework's principal is not allowed\.$/, 'other'],
        [200, /^'FrameworkInfo\.role' must not be set when the framework is MULTI_ROLE capable$/, 'other'],
        [200, /^'FrameworkInfo\.roles' must not be set when the framework is not MULTI_ROLE/, 'other'],
        [200, /^'FrameworkInfo\.roles' contains duplicate items: /, 'other'],
        [200, /^'FrameworkInfo\.roles' contains invalid role: /, 'other'],
        [200, /^The framework failover_timeout \(1e\+300\) is invalid$/, 'other'],
        [200, /^Suppressed roles \{ zzz \} are not contained in the set of roles$/, 'other'],
      ],
      (_status, text) => judgeError(text),
    );
    expect(verdicts).toEqual(asExpected);
  });

  test('a refused call: the session is lost, taken over, or the call alone was wrong (O8, O9, O11)', () => {
    const refused = calls
      .filter(({ status }) => status >= 300)
      .map((exchange) => ({ status: exchange.status, text: textOf(exchange) }));
    const verdicts = judged(
      refused,
      [
        [307, /^$/, 'lost'],
        [400, /^Framework cannot be found$/, 'lost'],
        [400, /^The stream ID '.*' included in this request didn't match the stream ID/, 'taken-over'],
        [400, /^All non-subscribe calls should include the 'Mesos-Stream-Id' header$/, 'fine'],
        [400, /^Failed to validate scheduler::Call: /, 'fine'],
        [400, /^Failed to convert JSON into Call protobuf: /, 'fine'],
        [400, /^FrameworkInfo update is not valid: Updating 'FrameworkInfo\.user' is unsupported/, 'fine'],
        [401, /^401 Unauthorized\.$/, 'lost'],
        [403, /^Framework is not subscribed$/, 'lost'],
        [415, /^Expecting 'Content-Type' of/, 'fine'],
        [503, /^Master has not finished recovery$/, 'lost'],
      ],
      (status, text) => judgeAnswer({ callId: 1, status, text }),
    );
    expect(verdicts).toEqual(asExpected);
  });

  test('an accepted call has 202 and no body, UPDATE_FRAMEWORK 200; none is taken for a loss (O7, O15)', () => {
    const accepted = calls.filter(({ status }) => status < 300);
    expect(accepted.length).toBeGreaterThan(400);
    for (const exchange of accepted) {
      expect(exchange.status).toBe(callOf(exchange)?.type === 'UPDATE_FRAMEWORK' ? 200 : 202);
      expect(textOf(exchange)).toBe('');
      expect(judgeAnswer({ callId: 1, status: exchange.status, text: '' })).toBe('fine');
    }
  });
});
