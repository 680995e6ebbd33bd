import { readTranscript, transcriptNames } from '@vibrissa/testkit';
import { describe, expect, test } from 'vitest';
import type { MesosEvent, WireTaskStatus } from '../wire/index.ts';
import { launchFailureOf, suspectsPort } from './launch-failure.ts';
import { describeEnd } from './task-end.ts';
import { applyStatus, type TaskChange } from './task-state.ts';
import type { TaskRecord } from './task-record.ts';

/** All statuses of one task of a transcript, as its framework got them. */
function statusesOf(transcript: string, taskId: string): WireTaskStatus[] {
  return readTranscript(transcript)
    .lines.flatMap((line) => (line.kind === 'record' && line.data ? [parse(line.data)] : []))
    .flatMap((event) => (event?.type === 'UPDATE' ? [event.update.status] : []))
    .filter((status) => status.task_id.value === taskId);
}

function parse(text: string): MesosEvent | undefined {
  try {
    return JSON.parse(text) as MesosEvent;
  } catch {
    return undefined;
  }
}

interface Followed {
  readonly record: TaskRecord;
  readonly changes: readonly TaskChange[];
  readonly kinds: string;
}

/** What a client makes of a task's updates, that has launched it itself. */
function follow(statuses: readonly WireTaskStatus[], { masterIsYoung = false } = {}): Followed {
  let record: TaskRecord = { id: 't', mesosTaskId: 't', attempt: 1 };
  const changes: TaskChange[] = [];
  for (const status of statuses) {
    const launching = record.state === undefined;
    const applied = applyStatus(record, status, { masterIsYoung, launching });
    record = applied.record;
    changes.push(applied.change);
  }
  return { record, changes, kinds: changes.map(({ kind }) => kind).join(' ') };
}

/** The end of a task that died once. */
function endOf(transcript: string, taskId: string) {
  const ends = follow(statusesOf(transcript, taskId)).changes.filter((change) => change.kind === 'ended');
  expect(ends).toHaveLength(1);
  return ends[0]?.end;
}

function lastOf(transcript: string, taskId: string): WireTaskStatus {
  const last = statusesOf(transcript, taskId).at(-1);
  if (!last) throw new Error(`nothing was recorded of ${taskId}`);
  return last;
}

describe('tasks of a real Mesos', () => {
  test('no recorded update is beyond understanding', () => {
    let count = 0;
    for (const name of transcriptNames()) {
      const tasks = new Set<string>();
      for (const line of readTranscript(name).lines) {
        const event = line.kind === 'record' && line.data ? parse(line.data) : undefined;
        if (event?.type === 'UPDATE') tasks.add(event.update.status.task_id.value);
      }
      for (const taskId of tasks) {
        const { changes } = follow(statusesOf(name, taskId));
        expect(changes.length).toBeGreaterThan(0);
        count += changes.length;
      }
    }
    expect(count).toBeGreaterThan(300);
  });

  test('a task that starts, runs and finishes', () => {
    expect(follow(statusesOf('s22', 'd-argv')).kinds).toBe('progress running ended');
    expect(endOf('s22', 'd-argv')).toEqual({ kind: 'finished' });
  });

  test('an exit status, a signal and a missing program are failures without a reason (O25)', () => {
    expect(endOf('s03', 'exit3')).toEqual({
      kind: 'failed',
      exitStatus: 3,
      message: 'Command exited with status 3',
    });
    expect(endOf('s03', 'segv')).toEqual({
      kind: 'failed',
      message: 'Command terminated with signal Segmentation fault',
    });
    expect(endOf('s03', 'nocmd')).toMatchObject({ kind: 'failed', exitStatus: 127 });
    expect(endOf('s03', 'nocmd2')).toMatchObject({ kind: 'failed', exitStatus: 1 });
    expect(endOf('s22', 'd-fail')).toMatchObject({ kind: 'failed', exitStatus: 5 });
  });

  test('files that could not be fetched are a container that was not made, no image (O25)', () => {
    expect(endOf('s03', 'nouri')).toMatchObject({ kind: 'not-started' });
    expect(launchFailureOf(lastOf('s03', 'nouri')).kind).toBe('container-run-failed');
    expect(suspectsPort(lastOf('s03', 'nouri'))).toBe(false);
  });

  test('a memory limit that was exceeded is told with what it was (#57)', () => {
    const end = endOf('s26', 'oom');
    expect(end).toMatchObject({ kind: 'limit-exceeded', resource: 'memory' });
    expect(end).toHaveProperty('limitation.0.name', 'mem');
    const disk = endOf('s26', 'disk');
    expect(disk).toMatchObject({ kind: 'limit-exceeded', resource: 'disk' });
    expect(disk).toHaveProperty('limitation.0.scalar.value', 16);
  });

  test('the longest run that was allowed ends as what it is (O25)', () => {
    expect(endOf('s26', 'maxtime')).toEqual({ kind: 'ran-too-long' });
  });

  test('a user that the agent lacks drops the task: it never ran (O25)', () => {
    const { changes } = follow(statusesOf('s03', 'nouser'));
    expect(changes).toEqual([{ kind: 'never-ran', why: 'dropped' }]);
  });

  test('offers that are not valid any more: nothing was launched, so it may be launched again (O19)', () => {
    for (const task of ['sameoffer', 'mixoffer']) {
      expect(follow(statusesOf('s03', task)).changes).toEqual([{ kind: 'never-ran', why: 'offers-invalid' }]);
    }
  });

  test('a second launch of a running task is refused, and the first runs on (O27)', () => {
    const { changes, record } = follow(statusesOf('s03', 'again'));
    const kinds = changes.map(({ kind }) => kind);
    expect(kinds).toContain('not-its-death');
    expect(kinds.filter((kind) => kind === 'ended')).toHaveLength(1);
    expect(record.state).toBe('TASK_FINISHED');
  });

  test('a duplicate task id is no end of the task that has it (#56)', () => {
    const first = statusesOf('s03', 'dup')[0]!;
    const { change } = applyStatus({ id: 'dup', mesosTaskId: 'dup', attempt: 1 }, first, {
      masterIsYoung: false,
      launching: true,
    });
    expect(change).toEqual({ kind: 'never-ran', why: 'id-taken' });
  });

  test('a task that the master finds invalid (O28)', () => {
    expect(launchFailureOf(lastOf('s03', 'a/b'))).toMatchObject({
      kind: 'invalid-task',
      reason: expect.stringContaining("'a/b' contains invalid characters"),
    });
    expect(launchFailureOf(lastOf('s03', 'toobig'))).toMatchObject({ kind: 'invalid-task' });
  });

  test('kills: politely, by force, before the start, and of a program that ends well (O30)', () => {
    expect(endOf('s04', 'sleep')).toEqual({ kind: 'killed' });
    expect(endOf('s04', 'stubborn')).toEqual({ kind: 'killed' });
    expect(endOf('s04', 'clean')).toEqual({ kind: 'killed' });
    expect(follow(statusesOf('s04', 'quick')).kinds).toBe('ended');
  });

  test('the answer to a kill of a task that has ended changes nothing (O30)', () => {
    expect(statusesOf('s04', 'sleep').at(-1)?.state).toBe('TASK_GONE');
    expect(follow(statusesOf('s04', 'sleep')).kinds.split(' ').at(-1)).toBe('duplicate');
  });

  test('a failed health check kills, and is no kill by somebody (#58)', () => {
    const { kinds } = follow(statusesOf('s16', 'hc-cmd'));
    expect(kinds).toBe('progress running health health duplicate progress ended');
    expect(endOf('s16', 'hc-cmd')).toEqual({ kind: 'unhealthy' });
    expect(endOf('s16', 'hc-http404')).toEqual({ kind: 'unhealthy' });
  });

  test('one task of a group fails, the others are killed with it (#59)', () => {
    expect(endOf('s05', 'g2a')).toMatchObject({ kind: 'failed', exitStatus: 7 });
    expect(endOf('s05', 'g2b')).toEqual({ kind: 'killed' });
    expect(endOf('s05', 'g3a')).toEqual({ kind: 'killed' });
    expect(endOf('s05', 'g3b')).toEqual({ kind: 'killed' });
  });

  test('a group that the master refuses is invalid for each of its tasks (O29)', () => {
    for (const task of ['g0a', 'g5a', 'g6a', 'g7a', 'g7b']) {
      expect(launchFailureOf(lastOf('s05', task)).kind).toBe('invalid-task');
    }
  });

  test('an agent that was unreachable comes back with its task (O32)', () => {
    const { kinds, record } = follow(statusesOf('s09', 'long'));
    expect(kinds).toMatch(/^progress running (duplicate )+unreachable duplicate/);
    expect(kinds).toMatch(/ duplicate returned duplicate progress ended$/);
    expect(record.state).toBe('TASK_KILLED');
  });

  test('while its agent is only disconnected a task seems to run (O37)', () => {
    const { changes, record } = follow(statusesOf('s09', 'long').slice(0, 4));
    expect(changes.map(({ kind }) => kind)).toEqual(['progress', 'running', 'duplicate', 'duplicate']);
    expect(record.state).toBe('TASK_RUNNING');
  });

  test('an unreachable task that is asked for without its agent seems unknown (O34)', () => {
    const statuses = statusesOf('s09', 'long');
    const unknown = statuses.findIndex(({ state }) => state === 'TASK_UNKNOWN');
    expect(unknown).toBeGreaterThan(0);
    const { changes, record } = follow(statuses.slice(0, unknown + 1));
    expect(changes.at(-1)).toEqual({ kind: 'unconfirmed' });
    expect(record.state).toBe('TASK_UNREACHABLE');
  });

  test('a task that was lost may come back (O38)', () => {
    const { kinds } = follow(statusesOf('s10', 't-unaware-checkpoint'));
    expect(kinds).toBe('progress running unreachable duplicate returned duplicate');
  });

  test('without checkpoints a task is lost with the connection of its agent (O39)', () => {
    expect(endOf('s10', 't-aware')).toMatchObject({ kind: 'lost', state: 'TASK_LOST' });
    expect(endOf('s10', 't-unaware')).toMatchObject({ kind: 'lost', state: 'TASK_LOST' });
  });

  test('a task that ended while its agent was down did not fail for sure (O40)', () => {
    expect(endOf('s26', 'ends')).toEqual({
      kind: 'unwitnessed',
      message: 'Abnormal executor termination: unknown container',
    });
    expect(endOf('s26', 'keeps')).toMatchObject({ kind: 'failed', message: 'Executor terminated' });
  });

  test('a drained agent kills its tasks, which are to be replaced (#63)', () => {
    expect(endOf('s11', 'd1')).toEqual({ kind: 'drained' });
  });

  test('an agent that leaves and an agent that is gone lose their tasks (O41)', () => {
    expect(endOf('s11', 'm1')).toMatchObject({ kind: 'lost', state: 'TASK_LOST' });
    const gone = follow(statusesOf('s11', 'gone1'));
    expect(gone.kinds).toBe('progress running ended duplicate');
    expect(endOf('s11', 'gone1')).toMatchObject({ kind: 'lost', state: 'TASK_GONE_BY_OPERATOR' });
  });

  test('a task that an operator declared gone and that turns up again is resurrected (#62)', () => {
    const { record } = follow(statusesOf('s11', 'gone1'));
    const back = {
      task_id: { value: 't' },
      state: 'TASK_RUNNING',
      reason: 'REASON_AGENT_REREGISTERED',
    } as const;
    const context = { masterIsYoung: false, launching: false };
    expect(applyStatus(record, back, context).change).toEqual({ kind: 'resurrected', firstRun: false });
  });

  test('lost, then running: it was never dead (#66)', () => {
    const { record } = follow(statusesOf('s11', 'm1'));
    const back = { task_id: { value: 't' }, state: 'TASK_RUNNING' } as const;
    const applied = applyStatus(record, back, { masterIsYoung: false, launching: false });
    expect(applied.change.kind).toBe('resurrected');
    expect(applied.record.state).toBe('TASK_RUNNING');
  });

  test('a restarted master does not know tasks that run, and learns of them (O36)', () => {
    expect(follow(statusesOf('s12', 'long'), { masterIsYoung: true }).kinds).toMatch(
      /^progress running unconfirmed (duplicate )+progress ended$/,
    );
  });

  test('the end of a task that ended while its framework was away comes in several ways, once (#69)', () => {
    const { changes } = follow(statusesOf('s12', 'ends'));
    expect(changes.filter(({ kind }) => kind === 'ended')).toHaveLength(1);
  });

  test('reconciliation: what runs, what is being killed, what has ended but was not acknowledged (O33)', () => {
    expect(follow(statusesOf('s06', 'r1')).kinds).toMatch(
      /^progress running (duplicate )+progress duplicate ended duplicate/,
    );
  });

  test('a task that ended and was acknowledged is gone, which is no news (O35)', () => {
    const { kinds } = follow(statusesOf('s06', 'r2'));
    expect(kinds).toMatch(/ended duplicate$/);
    expect(statusesOf('s06', 'r2').at(-1)?.state).toBe('TASK_GONE');
  });

  test('an image that can not be pulled is told as that, so that it can be tried again (#55)', () => {
    expect(launchFailureOf(lastOf('s22', 'd-noimage')).kind).toBe('image-pull-failed');
  });
});

describe('how a launch failed', () => {
  const failed = (message: string, reason?: string): WireTaskStatus => ({
    task_id: { value: 't' },
    state: 'TASK_FAILED',
    message,
    ...(reason !== undefined && { reason }),
  });
  const launch = 'REASON_CONTAINER_LAUNCH_FAILED';

  test.each([
    "Failed to launch container: Failed to run 'docker -H unix:///d.sock pull x': exited with status 1",
    "Failed to launch container: Failed to perform 'curl': curl: (7) Failed to connect",
    "Failed to launch container: Unexpected HTTP response '404 Not Found' when trying to get the manifest",
    'Failed to launch container: No docker registry answers',
  ])('no image: %s', (message) => {
    expect(launchFailureOf(failed(message, launch)).kind).toBe('image-pull-failed');
  });

  test('docker run failed, and suspects the port (#37)', () => {
    const status = failed('Container exited with status 125');
    expect(launchFailureOf(status).kind).toBe('container-run-failed');
    expect(suspectsPort(status)).toBe(true);
    const taken = failed(
      'Failed to launch container: Bind for 0.0.0.0:31005 failed: port is already allocated',
      launch,
    );
    expect(suspectsPort(taken)).toBe(true);
    expect(suspectsPort(failed('Container exited with status 1250'))).toBe(false);
    expect(suspectsPort(failed('Container exited with status 1'))).toBe(false);
  });

  test('any other end before it ran', () => {
    expect(launchFailureOf(failed('Command exited with status 1')).kind).toBe('ended-early');
    expect(launchFailureOf({ task_id: { value: 't' }, state: 'TASK_FINISHED' }).kind).toBe('ended-early');
    expect(
      describeEnd({ task_id: { value: 't' }, state: 'TASK_KILLED', reason: 'REASON_CONTAINER_PREEMPTED' }),
    ).toEqual({
      kind: 'preempted',
    });
  });

  test.each([
    'TASK_LOST',
    'TASK_DROPPED',
    'TASK_GONE',
    'TASK_GONE_BY_OPERATOR',
    'TASK_UNKNOWN',
    'TASK_UNREACHABLE',
  ] as const)('%s is a loss, not an end of its own', (state) => {
    const status: WireTaskStatus = { task_id: { value: 't' }, state, reason: 'REASON_AGENT_REMOVED' };
    expect(launchFailureOf(status)).toEqual({ kind: 'lost', state, reason: 'REASON_AGENT_REMOVED' });
  });
});
