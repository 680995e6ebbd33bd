import { aMessage, anAction, aStored } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { recordOf, recordOfUnknown } from './record-activation.ts';
import { prepareAction } from './resolve-action.ts';

const ok = { statusCode: 0, resultJson: '{}' } as const;

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
