import { aRecord, ManualClock } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { UnwrittenRecords } from './unwritten-records.ts';

test('records are written, in order, as soon as the journal can', async () => {
  const clock = new ManualClock();
  const written: string[] = [];
  let isFull = true;
  const unwritten = UnwrittenRecords.open({
    clock,
    write: (record) => {
      if (isFull) return Promise.reject(new Error('disk full'));
      written.push(record.activationId);
      return Promise.resolve();
    },
  });
  const records = [aRecord(), aRecord()];
  for (const record of records) unwritten.keep(record, []);
  await clock.advance(5000);
  expect([written, unwritten.length]).toEqual([[], 2]);
  isFull = false;
  await clock.advance(1000);
  expect(written).toEqual(records.map(({ activationId }) => activationId));
  expect([unwritten.length, clock.pendingTimers]).toEqual([0, 0]);
});

test('after closing nothing is tried any more', async () => {
  const clock = new ManualClock();
  const unwritten = UnwrittenRecords.open({ clock, write: () => Promise.reject(new Error('disk full')) });
  unwritten.keep(aRecord(), []);
  unwritten.close();
  unwritten.keep(aRecord(), []);
  expect([unwritten.length, clock.pendingTimers]).toEqual([1, 0]);
});
