import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answer } from './exchange.ts';
import { interpretInit, interpretRun, type ContainerAnswer } from './interpret-result.ts';

const limits = { timeoutMs: 60_000, maxBytes: 1_048_576 };

function answer(status: number, body: string, over: Partial<Answer> = {}): Answer {
  return { outcome: 'answered', status, body, length: Buffer.byteLength(body), truncated: false, ...over };
}

function error(message: string): string {
  return JSON.stringify({ error: message });
}

const timedOut: ContainerAnswer = { outcome: 'timed-out' };
const lost: ContainerAnswer = { outcome: 'lost', outOfMemory: false };
const ended: ContainerAnswer = { outcome: 'lost', outOfMemory: false, lost: 'The agent is lost.' };
const starved: ContainerAnswer = { outcome: 'lost', outOfMemory: true };
const long = answer(200, 'abc', { length: 2_000_000, truncated: true });
const invalid = 'The action did not produce a valid JSON or JSON Array response';

describe('/run', () => {
  const deep = `${'['.repeat(1001)}${']'.repeat(1001)}`;
  const table: readonly [string, ContainerAnswer, number, string][] = [
    ['an object', answer(200, '{"a":1}'), 0, '{"a":1}'],
    ['an array', answer(200, '[1,2]'), 0, '[1,2]'],
    ['an empty object', answer(200, '{}'), 0, '{}'],
    [
      'text as it came, numbers a double cannot hold included',
      answer(200, '{ "n": 12345678901234567890 }'),
      0,
      '{ "n": 12345678901234567890 }',
    ],
    ['an error', answer(200, '{"error":"no"}'), 1, '{"error":"no"}'],
    ['an error with an object', answer(200, '{"error":{"code":7}}'), 1, '{"error":{"code":7}}'],
    ['an error and more, which is dropped', answer(200, '{"x":1,"error":"no"}'), 1, '{"error":"no"}'],
    ['an error that is null', answer(200, '{"error":null}'), 1, '{"error":null}'],
    [
      'an error that is only inherited',
      answer(200, '{"__proto__":{"error":1}}'),
      0,
      '{"__proto__":{"error":1}}',
    ],
    ['an error deeper down', answer(200, '{"a":{"error":1}}'), 0, '{"a":{"error":1}}'],
    [
      '502 with an error',
      answer(502, '{"error":"An error has occurred: x"}'),
      2,
      '{"error":"An error has occurred: x"}',
    ],
    ['502 with an error and more', answer(502, '{"error":1,"b":2}'), 2, '{"error":1}'],
    ['502 with an object', answer(502, '{"a":1}'), 2, error(`${invalid}: {"a":1}`)],
    ['500 with text', answer(500, 'oops'), 2, error(`${invalid}: oops`)],
    ['500 with nothing', answer(500, ''), 2, error(`${invalid}.`)],
    ['403 with an array', answer(403, '[]'), 2, error(`${invalid}: []`)],
    ['200 with nothing', answer(200, ''), 2, error(`${invalid}.`)],
    ['200 with a scalar', answer(200, '42'), 2, error(`${invalid}: 42`)],
    ['200 with null', answer(200, 'null'), 2, error(`${invalid}: null`)],
    ['200 with a string', answer(200, '"a"'), 2, error(`${invalid}: "a"`)],
    ['200 with broken JSON', answer(200, '{"a":'), 2, error(`${invalid}: {"a":`)],
    ['200 nested too deep', answer(200, deep), 2, error(`${invalid}: ${deep}`)],
    [
      'an answer that is too long',
      long,
      1,
      error(
        'The action produced a response that exceeded the allowed length: 2000000 > 1048576 bytes. The truncated response was: abc',
      ),
    ],
    ['no answer in time', timedOut, 2, error('The action exceeded its time limits of 60000 milliseconds.')],
    ['no answer', lost, 2, error('The action did not produce a valid response and exited unexpectedly.')],
    ['no memory', starved, 2, error('The action exhausted its memory and was aborted.')],
    ['no container, for a reason of the cluster', ended, 3, error('The agent is lost.')],
  ];

  test.each(table)('%s', (_, given, statusCode, resultJson) => {
    expect(interpretRun(given, limits)).toMatchObject({ statusCode, resultJson });
  });

  test('the size is counted in characters, and in bytes where the answer was cut', () => {
    expect(interpretRun(answer(200, '{"a":"ü"}'), limits).size).toBe(9);
    expect(interpretRun(long, limits).size).toBe(2_000_000);
    expect(interpretRun(lost, limits)).not.toHaveProperty('size');
  });
});

describe('/init', () => {
  const table: readonly [string, ContainerAnswer, string | undefined][] = [
    ['200, whatever its body', answer(200, 'anything'), undefined],
    ['200 with an error', answer(200, '{"error":1}'), undefined],
    [
      '502 with an error',
      answer(502, '{"error":"Initialization has failed due to: x"}'),
      '{"error":"Initialization has failed due to: x"}',
    ],
    ['502 with an object', answer(502, '{"a":1}'), error('The action failed during initialization: {"a":1}')],
    ['500 with text', answer(500, 'oops'), error('The action failed during initialization: oops')],
    ['500 with nothing', answer(500, ''), error('The action failed during initialization.')],
    [
      'an answer that is too long',
      { ...long, status: 500 },
      error(
        'The action produced a response that exceeded the allowed length: 2000000 > 1048576 bytes. The truncated response was: abc',
      ),
    ],
    [
      'no answer in time',
      timedOut,
      error('The action exceeded its time limits of 60000 milliseconds during initialization.'),
    ],
    ['no answer', lost, error('The action did not initialize and exited unexpectedly.')],
    ['no memory', starved, error('The action exhausted its memory and was aborted.')],
  ];

  test.each(table)('%s', (_, given, resultJson) => {
    const response = interpretInit(given, limits);
    if (resultJson === undefined) expect(response).toBeUndefined();
    else expect(response).toMatchObject({ statusCode: 2, resultJson });
  });
});

test('whatever a container answers, the result is JSON with an object or array', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), fc.constantFrom(200, 400, 500, 502), (body, status) => {
      for (const response of [
        interpretRun(answer(status, body), limits),
        interpretInit(answer(status, body), limits),
      ]) {
        if (!response) continue;
        const parsed: unknown = JSON.parse(response.resultJson);
        expect(parsed).toBeTypeOf('object');
        expect(parsed).not.toBeNull();
        if (response.statusCode !== 0) expect(Object.keys(parsed as object)).toEqual(['error']);
      }
    }),
  );
});
