import { describe, expect, test } from 'vitest';

import {
  describeEnd,
  MemoryFrameworkState,
  type TaskEndedError,
  type TaskGroupSpec,
  type TaskSpec,
} from '../../src/index.ts';
import { openScheduler, outcomeOf, turns } from './open-scheduler.ts';

const small: TaskSpec = { command: 'sleep 60', cpus: 0.5, memoryMb: 64 };
const pod: TaskGroupSpec = { id: 'pod', tasks: [small, { ...small, id: 'side' }] };

async function subscribed(change: Parameters<typeof openScheduler>[0] = {}) {
  const opened = await openScheduler(change);
  await opened.scheduler.subscribe();
  await turns();
  return opened;
}

describe('a task', () => {
  test('has an id at once, runs when an offer fits, and ends as Mesos says', async () => {
    const { scheduler, master, updates } = await subscribed();
    const task = scheduler.submit({ ...small, ports: [{ name: 'http' }] });
    expect(task.id).toMatch(/^task-/);
    master.offer(4, 1024);
    const running = await task.running;
    expect(running).toMatchObject({
      taskId: task.id,
      mesosTaskId: task.id,
      agent: { id: 'agent-1', hostname: 'agent-1.test' },
      endpoint: { host: '127.0.0.1', port: 31_000, ports: { http: { host: '127.0.0.1', port: 31_000 } } },
    });
    expect(task.explain()).toMatchObject({ kind: 'launched' });
    master.update(task.id, 'TASK_FINISHED', { message: 'done' });
    expect(await task.ended).toMatchObject({ state: 'TASK_FINISHED', message: 'done' });
    await turns();
    expect(updates.map(({ status }) => status.state)).toEqual([
      'TASK_STARTING',
      'TASK_RUNNING',
      'TASK_FINISHED',
    ]);
    await turns();
    expect(master.sent('ACKNOWLEDGE')).toHaveLength(3);
    expect(scheduler.tasks()).toEqual([]);
  });

  test('may be submitted before there is a subscription', async () => {
    const { scheduler, master } = await openScheduler();
    const task = scheduler.submit(small);
    expect(task.explain()).toMatchObject({ kind: 'waiting', why: 'no subscription' });
    await scheduler.subscribe();
    expect(task.explain()).toMatchObject({ why: 'no offers' });
    master.offer(0.1, 1024);
    expect(task.explain()).toMatchObject({ why: 'no fitting offer', shortage: { reasons: { cpus: 1 } } });
    master.offer(4, 1024);
    expect(await task.running).toMatchObject({ taskId: task.id });
  });

  test('that waits says what the offers lack, and fails with it in the end (#40)', async () => {
    const { scheduler, master, clock } = await subscribed({ tasks: { capacityTimeoutMs: 60_000 } });
    const task = scheduler.submit({ ...small, cpus: 16 });
    master.offer(4, 1024);
    await turns();
    expect(task.explain()).toMatchObject({
      kind: 'waiting',
      shortage: { offersSeen: 1, reasons: { cpus: 1 }, best: { cpus: 4 } },
    });
    await clock.advance(60_000);
    const error = await outcomeOf(task.running);
    expect(error).toMatchObject({ code: 'NO_CAPACITY', taskId: task.id, waitedMs: 60_000 });
    expect((error as Error).message).toMatch(
      /1 offer came and lacked cpus \(1 of them\).*4 cpus.*Ask for less/,
    );
    expect(await outcomeOf(task.ended)).toBe(error);
  });

  test('without any offer fails and says so', async () => {
    const { scheduler, clock } = await subscribed({ tasks: { capacityTimeoutMs: 1000 } });
    const task = scheduler.submit(small);
    await clock.advance(1000);
    expect(((await outcomeOf(task.running)) as Error).message).toMatch(/No offer has come/);
  });

  test('without any subscription fails and says so', async () => {
    const { scheduler, clock } = await openScheduler({ tasks: { capacityTimeoutMs: 1000 } });
    const task = scheduler.submit(small);
    await clock.advance(1000);
    const error = await outcomeOf(task.running);
    expect(error).toMatchObject({ code: 'NO_CAPACITY', shortage: { unsubscribed: true } });
    expect((error as Error).message).toMatch(/There is no subscription/);
  });

  test('that is killed by its health check before it ran says that the check has failed (O26)', async () => {
    const { scheduler, master } = await subscribed();
    master.isObedient = false;
    const task = scheduler.submit({ ...small, healthCheck: { type: 'COMMAND', command: 'false' } });
    master.offer(4, 1024);
    await turns();
    master.update(task.id, 'TASK_RUNNING', { healthy: false });
    master.update(task.id, 'TASK_KILLED', { healthy: false });
    const error = await outcomeOf(task.running);
    expect(error).toMatchObject({ code: 'TASK_ENDED' });
    expect((error as Error).message).toMatch(/health check failed.*gracePeriodMs/);
    expect(describeEnd((error as TaskEndedError).status)).toEqual({ kind: 'unhealthy' });
  });

  test('for a user that agents do not have fails as a container that can not be made (O25)', async () => {
    const { scheduler, master } = await subscribed({ tasks: { launchAttempts: 1 } });
    master.isObedient = false;
    const task = scheduler.submit({ ...small, user: 'nosuchuser' });
    master.offer(4, 1024);
    await turns();
    master.update(task.id, 'TASK_DROPPED', {
      source: 'SOURCE_AGENT',
      reason: 'REASON_EXECUTOR_TERMINATED',
      message: "Failed to chown directory to 'nosuchuser': No such user 'nosuchuser'",
    });
    const error = await outcomeOf(task.running);
    expect(error).toMatchObject({ code: 'CONTAINER_RUN_FAILED' });
    expect((error as Error).message).toMatch(/No such user 'nosuchuser'.*check command, user,/);
    expect((error as Error).message).not.toMatch(/again/);
  });

  test('that ends before it ran rejects, with the status of its end', async () => {
    const { scheduler, master } = await subscribed();
    master.isObedient = false;
    const task = scheduler.submit(small);
    master.offer(4, 1024);
    await turns();
    master.update(task.id, 'TASK_FAILED', { message: 'Command exited with status 3' });
    expect(await outcomeOf(task.running)).toMatchObject({
      code: 'TASK_ENDED',
      status: { message: 'Command exited with status 3' },
    });
    expect(await task.ended).toMatchObject({ state: 'TASK_FAILED' });
  });

  test('whose record can not be stored is not launched', async () => {
    const memory = new MemoryFrameworkState();
    const { scheduler, master } = await subscribed({
      state: {
        load: () => memory.load(),
        write: (change) => (change.put ? Promise.reject(new Error('disk full')) : memory.write(change)),
        close: async () => {},
      },
    });
    const task = scheduler.submit(small);
    master.offer(4, 1024);
    expect(await outcomeOf(task.running)).toMatchObject({ code: 'NOT_STORED' });
    expect(master.sent('ACCEPT')).toEqual([]);
  });

  test('whose update the owner fails to handle is told again, and not acknowledged before (#49)', async () => {
    let failures = 1;
    const { scheduler, master } = await subscribed({
      onTask: ({ status }) => {
        if (status.state === 'TASK_RUNNING' && failures-- > 0) throw new Error('database down');
      },
    });
    master.isObedient = false;
    const task = scheduler.submit(small);
    master.offer(4, 1024);
    await turns();
    const uuid = Buffer.from('the same update!').toString('base64');
    master.update(task.id, 'TASK_RUNNING', { uuid });
    await turns();
    expect(master.sent('ACKNOWLEDGE')).toEqual([]);
    expect(scheduler.stats()).toMatchObject({ updates: 1, updateFailures: 1 });
    master.update(task.id, 'TASK_RUNNING', { uuid });
    await turns();
    expect(master.sent('ACKNOWLEDGE')).toMatchObject([{ acknowledge: { uuid } }]);
  });
});

describe('bad tasks', () => {
  test.each<[string, unknown, RegExp]>([
    ['nothing to run', { cpus: 1, memoryMb: 32 }, /command/],
    ['an illegal id', { ...small, id: 'a/b' }, /'\/'/],
    ['an id that is no text', { ...small, id: 5 }, /id is 5/],
    ['an empty id', { ...small, id: '' }, /^A task is invalid: id is "": it can't be empty/],
    ['an id that is much too long', { ...small, id: 'x'.repeat(300) }, /^.{60,300}$/],
    ['nothing to run on', { ...small, cpus: 0, memoryMb: 0 }, /uses no resources/],
    ['no amount', { ...small, cpus: -1 }, /cpus/],
    ['a role that the framework does not have', { ...small, role: 'other' }, /role/],
    ['a misspelt field', { ...small, memory: 64 }, /did you mean memoryMb/],
    ['null', null, /cpus|spec/],
  ])('%s: rejected with a sentence, nothing is sent', async (_, spec, message) => {
    const { scheduler, master } = await subscribed();
    const task = scheduler.submit(spec as TaskSpec);
    const error = await outcomeOf(task.running);
    expect(error).toMatchObject({ code: 'INVALID_TASK' });
    expect((error as Error).message).toMatch(message);
    expect(await outcomeOf(task.ended)).toBe(error);
    master.offer(4, 1024);
    await turns();
    expect(master.sent('ACCEPT')).toEqual([]);
  });

  test('an id that is taken is refused, and the task that has it is not touched', async () => {
    const { scheduler, master } = await subscribed();
    const first = scheduler.submit({ ...small, id: 'mine' });
    const second = scheduler.submit({ ...small, id: 'mine' });
    expect(await outcomeOf(second.running)).toMatchObject({ code: 'DUPLICATE_TASK', taskId: 'mine' });
    master.offer(4, 1024);
    expect(await first.running).toMatchObject({ taskId: 'mine' });
    const third = scheduler.submit({ ...small, id: 'mine' });
    expect(await outcomeOf(third.running)).toMatchObject({ code: 'DUPLICATE_TASK' });
    expect(await outcomeOf(first.ended)).toBe('pending');
  });

  test('nobody needs to look at a rejection', async () => {
    const { scheduler } = await subscribed();
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', listen);
    scheduler.submit({ cpus: 1 } as TaskSpec);
    scheduler.submitGroup({ tasks: [] });
    void scheduler.delete('nobody');
    void scheduler.call({ type: 'REVIVE' });
    await scheduler.close();
    void scheduler.subscribe();
    void scheduler.delete('late');
    await turns();
    process.off('unhandledRejection', listen);
    expect(unhandled).toEqual([]);
  });
});

describe('deletion', () => {
  test('of a task that waits withdraws it (#51)', async () => {
    const { scheduler } = await subscribed();
    const task = scheduler.submit(small);
    expect(await scheduler.delete(task.id)).toEqual({ kind: 'withdrawn' });
    expect(await outcomeOf(task.running)).toMatchObject({ code: 'TASK_DELETED' });
  });

  test('of a running task resolves when Mesos has told its end (#51)', async () => {
    const { scheduler, master } = await subscribed();
    const task = scheduler.submit(small);
    master.offer(4, 1024);
    await task.running;
    const deleted = task.delete();
    expect(await deleted).toMatchObject({ kind: 'ended', state: 'TASK_KILLED' });
    expect(await task.ended).toMatchObject({ state: 'TASK_KILLED' });
    expect(master.sent('KILL')).toMatchObject([
      { kill: { task_id: { value: task.id }, agent_id: { value: 'agent-1' } } },
    ]);
  });

  test('of a task that nobody knows, without a subscription, says so', async () => {
    const { scheduler } = await openScheduler();
    expect(await outcomeOf(scheduler.delete('nobody'))).toMatchObject({
      code: 'UNKNOWN_TASK',
      taskId: 'nobody',
    });
  });
});

describe('groups', () => {
  test('that are invalid say which task is at fault, and of the others that they are not', async () => {
    const { scheduler } = await subscribed();
    const group = scheduler.submitGroup({ id: 'pod', tasks: [small, { ...small, cpus: -1 }] });
    const messages = await Promise.all(
      group.tasks.map(async (task) => ((await outcomeOf(task.running)) as Error).message),
    );
    expect(messages[0]).toMatch(/its group is, and is launched as a whole.*tasks\[1\]\.cpus is -1/);
    expect(messages[1]).toMatch(/^Task pod-2 is invalid: tasks\[1\]\.cpus is -1/);
  });

  test('run when all their tasks run, each under an id of its own, and end with them (#59)', async () => {
    const { scheduler, master } = await subscribed();
    const group = scheduler.submitGroup(pod);
    expect(group.tasks.map(({ id }) => id)).toEqual(['pod-1', 'side']);
    expect(group.explain()).toMatchObject({ kind: 'waiting' });
    master.offer(4, 1024);
    expect(await group.running).toMatchObject([{ taskId: 'pod-1' }, { taskId: 'side' }]);
    const deleted = group.delete();
    master.update('side', 'TASK_KILLED');
    expect(await deleted).toMatchObject({ kind: 'ended' });
    expect(await group.ended).toMatchObject([{ state: 'TASK_KILLED' }, { state: 'TASK_KILLED' }]);
  });

  test('of which a task has an id that is taken are refused as a whole', async () => {
    const { scheduler } = await subscribed();
    const side = scheduler.submit({ ...small, id: 'side' });
    const group = scheduler.submitGroup(pod);
    expect(await outcomeOf(group.tasks[0]!.running)).toMatchObject({ code: 'INVALID_TASK' });
    expect(await outcomeOf(group.tasks[1]!.running)).toMatchObject({ code: 'DUPLICATE_TASK' });
    expect(await outcomeOf(side.running)).toBe('pending');
    expect(scheduler.explain('pod-1')).toEqual({ kind: 'unknown' });
  });

  test('that are invalid reject, also when they have no task', async () => {
    const { scheduler } = await subscribed();
    const docker = scheduler.submitGroup({
      tasks: [{ image: { name: 'x', runtime: 'docker' }, cpus: 1, memoryMb: 32 }],
    });
    expect(await outcomeOf(docker.running)).toMatchObject({ code: 'INVALID_TASK' });
    const empty = scheduler.submitGroup({ id: 'empty', tasks: [] });
    expect(await outcomeOf(empty.running)).toMatchObject({ code: 'INVALID_TASK', taskId: 'empty' });
    expect(await outcomeOf(scheduler.submitGroup({} as typeof pod).running)).toMatchObject({
      code: 'INVALID_TASK',
    });
  });
});

describe('other requests', () => {
  test('a call of one’s own is answered, or rejected as it was refused', async () => {
    const { scheduler, master } = await subscribed();
    expect(await scheduler.call({ type: 'REVIVE' })).toMatchObject({ status: 202 });
    master.answer = () => ({ status: 400, text: "Expecting 'kill' to be present" });
    expect(await outcomeOf(scheduler.call({ type: 'SUPPRESS' }))).toMatchObject({
      code: 'CALL_REFUSED',
      status: 400,
      text: "Expecting 'kill' to be present",
    });
    master.answer = () => undefined;
    const cut = scheduler.call({ type: 'SUPPRESS' });
    await turns();
    master.end();
    expect(await outcomeOf(cut)).toMatchObject({ code: 'CALL_REFUSED', status: 0 });
    expect(await outcomeOf(scheduler.call({ type: 'REVIVE' }))).toMatchObject({ code: 'NOT_SUBSCRIBED' });
  });

  test('reconciliation resolves with the tasks about which Mesos stayed silent (#64)', async () => {
    const { scheduler } = await subscribed();
    expect(await scheduler.reconcile()).toEqual({ kind: 'reconciled', silent: [] });
  });

  test('teardown ends the framework and its tasks', async () => {
    const { scheduler, master } = await subscribed();
    const task = scheduler.submit(small);
    master.offer(4, 1024);
    await task.running;
    await scheduler.teardown();
    expect(master.sent('TEARDOWN')).toHaveLength(1);
    const error = await outcomeOf(task.ended);
    expect(error).toMatchObject({ code: 'CLOSED' });
    expect((error as Error).message).toMatch(/torn down.*subscribe\(\)/);
    expect(await outcomeOf(scheduler.submit(small).running)).toMatchObject({ code: 'CLOSED' });
    expect(scheduler).toMatchObject({ isSubscribed: false, frameworkId: undefined });
    expect(scheduler.tasks()).toEqual([]);
    expect(await scheduler.subscribe()).toBe('fw');
    expect(master.subscribes[1]).not.toHaveProperty('framework_id');
  });

  test('counters say what went through', async () => {
    const { scheduler, master } = await subscribed();
    const task = scheduler.submit(small);
    master.offer(4, 1024);
    await task.running;
    await task.delete();
    await turns();
    expect(scheduler.stats()).toMatchObject({
      subscriptions: 1,
      losses: 0,
      offersReceived: 1,
      submissions: 1,
      launches: 1,
      running: 1,
      ends: 1,
      failures: 0,
      updates: 3,
      acknowledgements: 3,
      callFailures: 0,
      writeFailures: 0,
    });
  });
});

describe('a second life', () => {
  test('knows the tasks of the first one, and can be asked for them', async () => {
    const memory = new MemoryFrameworkState();
    const state = { load: () => memory.load(), write: memory.write.bind(memory), close: async () => {} };
    const first = await subscribed({ state });
    const before = first.scheduler.submit({ ...small, id: 'old' });
    first.master.offer(4, 1024);
    await before.running;
    await turns();
    await first.scheduler.close();
    expect(await outcomeOf(before.ended)).toMatchObject({ code: 'CLOSED' });

    const { scheduler, master } = await openScheduler({ state });
    expect(scheduler.tasks().map(({ id }) => id)).toEqual(['old']);
    expect(await outcomeOf(scheduler.submit({ ...small, id: 'old' }).running)).toMatchObject({
      code: 'DUPLICATE_TASK',
    });
    const again = scheduler.task('old')!;
    expect(await again.running).toMatchObject({ taskId: 'old', endpoint: { host: '127.0.0.1' } });
    await scheduler.subscribe();
    await turns();
    expect(master.sent('RECONCILE')[0]).toMatchObject({
      reconcile: { tasks: [{ task_id: { value: 'old' }, agent_id: { value: 'agent-1' } }] },
    });
    master.update('old', 'TASK_FINISHED');
    expect(await again.ended).toMatchObject({ state: 'TASK_FINISHED' });
    await turns();
    expect(scheduler.task('old')).toBeUndefined();
  });
});
