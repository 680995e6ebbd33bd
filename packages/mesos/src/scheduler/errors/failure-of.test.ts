import { expect, test } from 'vitest';

import type { LaunchFailure } from '../../tasks/task-outcome.ts';
import { launchErrorOf } from './error-of.ts';
import { failureOf } from './failure-of.ts';
import { NotSubscribedError } from './standing-errors.ts';

const status = { task_id: { value: 'web' }, state: 'TASK_FAILED', message: 'no such file' } as const;
const shortage = { offersSeen: 3, reasons: { cpus: 3 }, best: { cpus: 1 } };

const failures: { readonly [Kind in LaunchFailure['kind']]: LaunchFailure & { readonly kind: Kind } } = {
  'no-capacity': { kind: 'no-capacity', shortage, waitedMs: 1500 },
  impossible: { kind: 'impossible', shortage },
  'launch-timeout': { kind: 'launch-timeout', waitedMs: 600, attempts: 3 },
  'image-pull-failed': { kind: 'image-pull-failed', status },
  'container-run-failed': { kind: 'container-run-failed', status },
  'invalid-task': { kind: 'invalid-task', reason: 'cpus is missing' },
  'duplicate-task': { kind: 'duplicate-task' },
  lost: { kind: 'lost', state: 'TASK_GONE', reason: 'the agent is gone' },
  'ended-early': { kind: 'ended-early', status },
  deleted: { kind: 'deleted' },
  'not-leader': { kind: 'not-leader' },
  'framework-removed': { kind: 'framework-removed' },
  'torn-down': { kind: 'torn-down' },
  'not-stored': { kind: 'not-stored', cause: new Error('the disk is full') },
  closed: { kind: 'closed' },
};

test.each(Object.values(failures))('an error of $kind can be told to another process as JSON', (failure) => {
  const error = launchErrorOf('web', failure);
  const sent = JSON.parse(JSON.stringify(failureOf(error))) as LaunchFailure;
  const again = launchErrorOf('web', sent);
  expect(again.constructor).toBe(error.constructor);
  expect(again.message).toBe(error.message);
  expect(again.code).toBe(error.code);
  expect(failureOf(again)).toEqual(sent);
});

test('an error that tells of no launch is none', () => {
  expect(failureOf(new NotSubscribedError())).toBeUndefined();
});
