import { describe, expect, it } from 'vitest';

import { checkLogs, type LoggedActivation } from './check-logs.ts';
import type { Hit } from './trouble.ts';

const time = '2026-01-01T00:00:00.000000000Z ';
const expected = ['stdout: one', 'stderr: two', 'stdout: three'];

function activation(said: readonly string[]): LoggedActivation {
  return {
    record: {
      activationId: 'a',
      start: 1000,
      end: 2000,
      annotations: [],
      response: { status: 'success', result: {} },
      logs: said.map((line) => `${time}${line}`),
    },
    expected,
    taskId: 'task',
    agent: 1,
  };
}

const hitOf = (hit: Partial<Hit>): Hit => ({ what: 'x', fromMs: 1500, untilMs: 1600, ...hit });
const rulesOf = (said: readonly string[], hits: readonly Hit[] = []) =>
  checkLogs([activation(said)], hits).violations.map(({ rule }) => rule);

describe('the checker of logs', () => {
  it('counts those that are whole', () => {
    expect(checkLogs([activation(expected)], [])).toEqual({ violations: [], whole: 1 });
  });

  it('finds lines of others and a wrong order, whatever was hit', () => {
    const hits = [hitOf({})];
    expect(rulesOf([...expected, 'stdout: four'], hits)).toEqual(['line of another']);
    expect(rulesOf(['stderr: two', 'stdout: one', 'stdout: three'], hits)).toEqual(['out of order']);
    expect(rulesOf(['stdout: three', 'stdout: one'], hits)).toEqual(['out of order']);
    expect(rulesOf(['stdout: one', 'stdout: one', 'stderr: two'], hits)).toEqual(['out of order']);
  });

  it('excuses missing lines by what hit the task, its agent or the platform in its time, and by nothing else', () => {
    const part = [
      'stdout: one',
      'stderr: There was an issue while collecting your logs. Data might be missing.',
    ];
    expect(rulesOf(part)).toEqual(['lines missing without a reason']);
    const excuses = [{}, { agent: 1 }, { taskId: 'task' }, { fromMs: 6999, untilMs: 9000 }];
    for (const excuse of excuses) expect(rulesOf(part, [hitOf(excuse)])).toEqual([]);
    const others = [
      { agent: 2 },
      { taskId: 'b' },
      { fromMs: 7001, untilMs: 9000 },
      { fromMs: 0, untilMs: 999 },
    ];
    for (const other of others)
      expect(rulesOf(part, [hitOf(other)])).toEqual(['lines missing without a reason']);
  });
});
