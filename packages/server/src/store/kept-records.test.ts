import { aMessage, anIdentity, aRecord, FakeJournal } from '@vibrissa/testkit';
import { describe, expect, it, test } from 'vitest';
import { KeptRecords, type StoreLevel } from './kept-records.ts';

function open(blocking: StoreLevel, nonBlocking: StoreLevel = blocking) {
  const journal = new FakeJournal();
  const told: string[] = [];
  const records = KeptRecords.open({
    journal,
    events: { ended: ({ activationId }) => void told.push(activationId) },
    levels: { storeBlockingResultLevel: blocking, storeNonBlockingResultLevel: nonBlocking },
  });
  return { journal, records, told };
}

const endings = ([0, 1, 2, 3] as const).map((statusCode) => ({ statusCode }));

test.each([
  ['STORE_ALWAYS', [true, true, true, true]],
  ['STORE_FAILURES', [false, true, true, true]],
  ['STORE_FAILURES_NOT_APPLICATION_ERRORS', [false, false, true, true]],
] as const)('%s keeps the records of success and of each kind of error: %j', (level, kept) => {
  const { records } = open(level, 'STORE_ALWAYS');
  expect(endings.map((end) => records.keeps(aMessage({ blocking: true }), end))).toEqual(kept);
  const others = open('STORE_ALWAYS', level).records;
  expect(endings.map((end) => others.keeps(aMessage({ blocking: false }), end))).toEqual(kept);
});

test('extra logging keeps every record, but none of a namespace that stores no activations', () => {
  const { records } = open('STORE_FAILURES');
  const [success = { statusCode: 0 }] = endings;
  expect(records.keeps(aMessage({ extraLogging: true }), success)).toBe(true);
  const user = anIdentity({ limits: { storeActivations: false } });
  expect(endings.map((end) => records.keeps(aMessage({ user, extraLogging: true }), end))).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

describe('an activation whose record is not kept', () => {
  it('is over for the journal, and heard of all the same', async () => {
    const { journal, records, told } = open('STORE_FAILURES');
    const record = aRecord();
    await records.finish(aMessage(), record, []);
    expect(journal.finished).toEqual([]);
    expect(journal.discarded).toEqual([record.activationId]);
    expect(told).toEqual([record.activationId]);
  });

  it('leaves no trace in the journal when it was over at once', async () => {
    const { journal, records, told } = open('STORE_FAILURES');
    const record = aRecord();
    await records.finishAtOnce({ user: anIdentity(), blocking: false }, record, []);
    expect([journal.finished, journal.discarded]).toEqual([[], []]);
    expect(told).toEqual([record.activationId]);
  });

  it('is heard of once, though the journal had to be asked twice', async () => {
    const { journal, records, told } = open('STORE_FAILURES');
    journal.failWith(new Error('disk full'));
    await expect(records.finish(aMessage(), aRecord(), [])).rejects.toThrow('disk full');
    expect(told).toEqual([]);
    journal.failWith(undefined);
    await records.finish(aMessage(), aRecord(), []);
    expect(told).toHaveLength(1);
  });
});
