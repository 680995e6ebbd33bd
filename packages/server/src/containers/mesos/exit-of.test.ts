import type { WireTaskStatus } from '@vibrissa/mesos';
import { expect, test } from 'vitest';

import { exitOf } from './exit-of.ts';

const end = (status: Omit<WireTaskStatus, 'task_id'>, isWanted = false) =>
  exitOf({ task_id: { value: 't' }, ...status }, { agent: 'agent-1', isWanted });

test('a program that ended by itself says how', () => {
  expect(end({ state: 'TASK_FINISHED' })).toEqual({ outOfMemory: false, exitCode: 0 });
  expect(end({ state: 'TASK_FAILED', message: 'Command exited with status 7' })).toEqual({
    outOfMemory: false,
    exitCode: 7,
  });
  expect(end({ state: 'TASK_FAILED', message: 'Command terminated with signal Segmentation fault' })).toEqual(
    {
      outOfMemory: false,
      signal: 'Segmentation fault',
    },
  );
});

test('out of memory is what the containerizer says, and what is killed without anybody having asked', () => {
  const reason = 'REASON_CONTAINER_LIMITATION_MEMORY';
  expect(end({ state: 'TASK_FAILED', reason, message: 'Memory limit exceeded' })).toEqual({
    outOfMemory: true,
  });
  expect(end({ state: 'TASK_FAILED', message: 'Container exited with status 137' })).toEqual({
    outOfMemory: true,
    exitCode: 137,
  });
  const disk = 'REASON_CONTAINER_LIMITATION_DISK';
  expect(end({ state: 'TASK_FAILED', reason: disk })).toMatchObject({
    outOfMemory: false,
    lost: expect.stringContaining('limit-exceeded') as string,
  });
});

test('what was asked for is nobody’s fault', () => {
  expect(end({ state: 'TASK_KILLED' }, true)).toEqual({ outOfMemory: false });
  expect(end({ state: 'TASK_FAILED', message: 'Command exited with status 137' }, true)).toEqual({
    outOfMemory: false,
  });
});

test.each([
  [{ state: 'TASK_KILLED' }, 'was killed, not by this platform'],
  [{ state: 'TASK_KILLED', reason: 'REASON_AGENT_DRAINING' }, 'is being drained'],
  [{ state: 'TASK_KILLED', healthy: false }, 'its health check failed'],
  [{ state: 'TASK_KILLED', reason: 'REASON_CONTAINER_PREEMPTED' }, 'for more important work'],
  [{ state: 'TASK_LOST' }, 'was lost with the Mesos agent agent-1 (TASK_LOST)'],
  [{ state: 'TASK_GONE_BY_OPERATOR' }, 'was lost with the Mesos agent agent-1'],
  [
    { state: 'TASK_FAILED', reason: 'REASON_EXECUTOR_TERMINATED', message: 'Abnormal: unknown container' },
    'while the Mesos agent was down',
  ],
] as const)('what the cluster did is told: %o', (status, words) => {
  const { lost } = end(status);
  expect(lost).toContain(words);
  expect(lost).toMatch(/^[A-Z].*\.$/);
});
