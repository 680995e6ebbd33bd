import { describe, expect, test } from 'vitest';
import { RaftLog } from './log.ts';
import type { Configuration, LogEntry, Participant } from './raft-messages.ts';

const voters = (ids: string): Configuration => ({
  voters: ids.split('').map((id): Participant => ({ id, address: { host: id, port: 7000 } })),
  learners: [],
});
const command = (index: number, term = 1): LogEntry => ({ index, term, kind: 'command', command: index });
const configures = (index: number, ids: string): LogEntry => ({
  index,
  term: 1,
  kind: 'configuration',
  configuration: voters(ids),
});

function logOf(...entries: LogEntry[]): RaftLog {
  return new RaftLog({ base: { index: 0, term: 0 }, configuration: voters('a'), entries });
}

describe('the log', () => {
  test('an empty log ends where it begins', () => {
    const log = logOf();
    expect([log.base, log.last]).toEqual([
      { index: 0, term: 0 },
      { index: 0, term: 0 },
    ]);
    expect(log.position(1)).toBeUndefined();
    expect(log.termAt(-1)).toBeUndefined();
    expect(log.batch({ from: 1, through: 9 }, { entries: 5, bytes: 100 })).toEqual([]);
  });

  test('the newest configuration holds, and the one before when its entry is cut off', () => {
    const log = logOf(command(1), configures(2, 'ab'), command(3), configures(4, 'abc'), command(5));
    expect([log.configuration, log.configurationIndex]).toEqual([voters('abc'), 4]);
    expect(log.formerConfiguration).toEqual(voters('ab'));
    log.truncateAfter(3);
    expect([log.configuration, log.configurationIndex]).toEqual([voters('ab'), 2]);
    log.truncateAfter(0);
    expect([log.configuration, log.configurationIndex]).toEqual([voters('a'), 0]);
    expect(log.formerConfiguration).toBeUndefined();
    expect(log.last.index).toBe(0);
  });

  test('cutting off behind the end, or before the beginning, does no harm', () => {
    const log = logOf(command(1), command(2));
    log.truncateAfter(9);
    expect(log.last.index).toBe(2);
    log.truncateAfter(-3);
    expect(log.last.index).toBe(0);
  });

  test('a snapshot has the configuration of its index, not the newest', () => {
    const log = logOf(configures(1, 'ab'), command(2), configures(3, 'abc'), command(4));
    expect(log.compact(2, 'state')).toEqual({
      index: 2,
      term: 1,
      configuration: voters('ab'),
      state: 'state',
    });
    expect(log.configuration).toEqual(voters('abc'));
    expect(log.compact(2, 'again')).toBeUndefined();
    expect(log.compact(9, 'beyond')).toBeUndefined();
  });

  test('1,024 entries before a snapshot are kept for those who are a little behind', () => {
    const log = logOf(
      configures(1, 'ab'),
      ...Array.from({ length: 2999 }, (_, at) => command(at + 2, at + 2)),
    );
    log.compact(2000, 'state');
    expect(log.base).toEqual({ index: 976, term: 976 });
    expect(log.entry(976)).toBeUndefined();
    expect(log.entry(977)?.index).toBe(977);
    expect(log.entry(3000)?.index).toBe(3000);
    expect([log.configuration, log.configurationIndex]).toEqual([voters('ab'), 976]);
  });

  test('it begins again behind a snapshot; entries that leave a gap are not of it', () => {
    const snapshot = { index: 5, term: 2, configuration: voters('ab'), state: null };
    const log = new RaftLog({
      base: { index: 0, term: 0 },
      configuration: voters('a'),
      snapshot,
      entries: [command(6, 2), command(8, 2)],
    });
    expect([log.base, log.last]).toEqual([
      { index: 5, term: 2 },
      { index: 6, term: 2 },
    ]);
    log.reset({ ...snapshot, index: 9 });
    expect([log.last.index, log.configuration]).toEqual([9, voters('ab')]);
  });

  test('the first entry of a term is found as far as the log reaches', () => {
    const log = logOf(command(1, 1), command(2, 1), command(3, 4), command(4, 4), command(5, 4));
    expect([5, 3, 2, 1].map((index) => log.firstOfTerm(index))).toEqual([3, 3, 1, 1]);
  });

  test('a batch ends at its limits of entries and bytes, but has one entry at least', () => {
    const long: LogEntry = { index: 3, term: 1, kind: 'command', command: 'x'.repeat(1000) };
    const log = logOf(command(1), command(2), long, command(4));
    const indices = (from: number, through: number, most: { entries: number; bytes: number }) =>
      log.batch({ from, through }, most).map(({ index }) => index);
    expect(indices(1, 4, { entries: 9, bytes: 9999 })).toEqual([1, 2, 3, 4]);
    expect(indices(1, 4, { entries: 2, bytes: 9999 })).toEqual([1, 2]);
    expect(indices(1, 3, { entries: 9, bytes: 9999 })).toEqual([1, 2, 3]);
    expect(indices(1, 4, { entries: 9, bytes: 500 })).toEqual([1, 2]);
    expect(indices(3, 4, { entries: 9, bytes: 500 })).toEqual([3]);
  });
});
