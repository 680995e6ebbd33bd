import { SUCCESS, defaultSystemLimits, type Identity } from '@vibrissa/protocol';
import { anIdentity, aTarget, FakeJournal, ManualClock, SeededIds } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { noUserEvents } from '../../observability/user-events.ts';
import { noParameterLocks } from '../../parameters/parameter-locks.ts';
import { KeptRecords, type StoreLevel } from '../../store/kept-records.ts';
import { BuiltInInvocations } from './invoke-built-in.ts';

/** The records of one call of a built-in action that nobody waits for. */
async function recordsOf(identity: Identity, storeNonBlockingResultLevel: StoreLevel) {
  const journal = new FakeJournal();
  const clock = new ManualClock();
  const action = { name: 'whisk.system/a/b', run: async () => ({ done: true }) };
  const builtIns = BuiltInInvocations.open({
    actions: [action],
    records: KeptRecords.open({
      journal,
      events: noUserEvents,
      levels: { storeBlockingResultLevel: 'STORE_ALWAYS', storeNonBlockingResultLevel },
    }),
    parameterLocks: noParameterLocks,
    clock,
    ids: new SeededIds(1),
    logger: silentLogger,
    limits: defaultSystemLimits,
  });
  const ctx = { transactionId: 'tid', startedAt: 0, logger: silentLogger, clock };
  const request = { identity, target: aTarget(), payload: undefined, waitMs: undefined };
  expect(await builtIns.invoke(ctx, request, action)).toMatchObject({ outcome: 'accepted' });
  return journal.finished;
}

test('a call of a built-in action is recorded with its result', async () => {
  const [record] = await recordsOf(anIdentity(), 'STORE_ALWAYS');
  expect(record?.response).toMatchObject({ statusCode: SUCCESS, resultJson: '{"done":true}' });
});

test('a call of a built-in action leaves no record where none are wanted', async () => {
  const silent = anIdentity({ limits: { storeActivations: false } });
  expect(await recordsOf(silent, 'STORE_ALWAYS')).toEqual([]);
  expect(await recordsOf(anIdentity(), 'STORE_FAILURES')).toEqual([]);
});
