import { aMessage, anAction, anIdentity, aStored } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { isKept, recordOf, recordOfUnknown } from './record-activation.ts';
import { prepareAction } from './resolve-action.ts';

const ok = { statusCode: 0, resultJson: '{}' } as const;
const failures = [ok, ...([1, 2, 3] as const).map((statusCode) => ({ statusCode, resultJson: '{}' }))];

test.each([
  ['STORE_ALWAYS', [true, true, true, true]],
  ['STORE_FAILURES', [false, true, true, true]],
  ['STORE_FAILURES_NOT_APPLICATION_ERRORS', [false, false, true, true]],
] as const)('%s keeps the records of success and of each kind of error: %j', (level, kept) => {
  expect(failures.map((response) => isKept(aMessage(), response, level))).toEqual(kept);
});

test('a namespace that stores no activations has none kept', () => {
  const message = aMessage({ user: anIdentity({ limits: { storeActivations: false } }) });
  expect(failures.map((response) => isKept(message, response, 'STORE_ALWAYS'))).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test('a cold record covers initialisation and run, a warm one only the run', () => {
  const message = aMessage({ transactionStart: 1000, cause: 'c', binding: 'guest/bound' });
  const action = prepareAction(aStored(anAction({ namespace: 'guest/tools' })));
  const end = { response: ok, timedOut: false };
  const cold = recordOf({ message, action }, { startedAt: 1100, initMs: 30, runMs: 5 }, end);
  expect(cold).toMatchObject({
    start: 1100,
    end: 1135,
    duration: 35,
    initTime: 30,
    waitTime: 100,
    path: 'guest/tools/hello',
    cause: 'c',
    binding: 'guest/bound',
  });
  const warm = recordOf({ message, action }, { startedAt: 1100, runMs: 5 }, end);
  expect(warm).toMatchObject({ start: 1100, end: 1105, duration: 5 });
  expect(warm).not.toHaveProperty('initTime');
});

test("a machine's clock that was set back makes no wait negative", () => {
  const message = aMessage({ transactionStart: 5000 });
  expect(recordOfUnknown(message, 1000, ok)).toMatchObject({ waitTime: 0, duration: 0, kind: 'unknown' });
});
