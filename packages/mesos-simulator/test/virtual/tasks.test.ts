import type { TaskState, WireExecutorInfo, WireOperation, WireTaskInfo } from '@vibrissa/mesos/wire';
import { seededRandom } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { VirtualCluster, type VirtualClusterOptions } from '../../src/virtual/virtual-cluster.ts';
import { allCapabilities, amounts, command, cpus, mem, TestScheduler } from './test-scheduler.ts';

function open(options: Partial<VirtualClusterOptions> = {}): {
  readonly cluster: VirtualCluster;
  readonly scheduler: TestScheduler;
  readonly agentId: string;
} {
  const next = seededRandom(11);
  const cluster = new VirtualCluster({ random: { next }, agents: 1, ...options });
  cluster.run(100);
  return { cluster, scheduler: new TestScheduler(cluster).subscribe(), agentId: cluster.agentId(1) ?? '' };
}

const ran: readonly TaskState[] = ['TASK_STARTING', 'TASK_RUNNING'];

test('a command task says STARTING, RUNNING and FINISHED, never STAGING; its executor has its own id (O24)', () => {
  const { cluster, scheduler, agentId } = open();
  scheduler.launch(scheduler.firstOffer, [command('hello', agentId, { labelled: { 'run-ms': 1000 } })]);
  cluster.run(3000);
  expect(scheduler.states('hello')).toEqual([...ran, 'TASK_FINISHED']);
  expect(Object.keys(scheduler.statuses('hello')[1] ?? {})).toEqual([
    'task_id',
    'state',
    'source',
    'agent_id',
    'executor_id',
    'timestamp',
    'uuid',
    'container_status',
  ]);
  expect(scheduler.last('hello')).toEqual({
    task_id: { value: 'hello' },
    state: 'TASK_FINISHED',
    message: 'Command exited with status 0',
    source: 'SOURCE_EXECUTOR',
    agent_id: { value: agentId },
    executor_id: { value: 'hello' },
    timestamp: expect.any(Number) as number,
    uuid: expect.stringMatching(/^[\w+/]{22}==$/) as string,
    container_status: {
      container_id: { value: expect.any(String) as string },
      network_infos: [{ ip_addresses: [{ protocol: 'IPv4', ip_address: '10.1.0.1' }] }],
      executor_pid: expect.any(Number) as number,
    },
  });
});

test('an update is repeated after 10 s and 20 s, holds back those behind it, and only its own uuid frees them (O23)', () => {
  const { cluster, scheduler, agentId } = open();
  scheduler.acknowledges = false;
  scheduler.launch(scheduler.firstOffer, [
    command('noack', agentId, { labelled: { 'run-ms': 2000 } }),
    command('other', agentId),
  ]);
  cluster.run(31_000);
  expect(scheduler.states('noack')).toEqual(['TASK_STARTING', 'TASK_STARTING', 'TASK_STARTING']);
  expect(new Set(scheduler.statuses('noack').map(({ uuid }) => uuid)).size).toBe(1);
  expect(scheduler.states('other')).toEqual(['TASK_STARTING', 'TASK_STARTING', 'TASK_STARTING']);
  const front = scheduler.last('noack');
  if (front === undefined) throw new Error('An update is expected');
  scheduler.acknowledge({ ...front, uuid: 'EjRWeBI0RniSNFZ4EjRWeA==' });
  cluster.run(100);
  expect(scheduler.states('noack')).toHaveLength(3);
  scheduler.acknowledges = true;
  scheduler.acknowledge(front);
  cluster.run(20);
  expect(scheduler.states('noack').slice(3)).toEqual(['TASK_RUNNING', 'TASK_FINISHED']);
});

test.each<[Record<string, string | number>, string, string, string | undefined]>([
  [{ 'run-ms': 1, 'exit-code': 3 }, 'TASK_FAILED', 'Command exited with status 3', undefined],
  [
    { 'run-ms': 1, signal: 'SIGSEGV' },
    'TASK_FAILED',
    'Command terminated with signal Segmentation fault',
    undefined,
  ],
  [
    { failure: 'Failed to launch container: no' },
    'TASK_FAILED',
    'Failed to launch container: no',
    'REASON_CONTAINER_LAUNCH_FAILED',
  ],
])('a task with %j ends as %s: %s (O25)', (labelled, state, message, reason) => {
  const { cluster, scheduler, agentId } = open();
  scheduler.launch(scheduler.firstOffer, [command('ends', agentId, { labelled })]);
  cluster.run(2000);
  expect(scheduler.last('ends')).toMatchObject({ state, message });
  expect(scheduler.last('ends')?.reason).toBe(reason);
});

test('a failing health check is told, and ends the task as KILLED and not healthy (O26)', () => {
  const { cluster, scheduler, agentId } = open();
  const health_check = {
    type: 'TCP' as const,
    tcp: { port: 31_000 },
    delay_seconds: 0,
    interval_seconds: 1,
    consecutive_failures: 2,
    grace_period_seconds: 1,
  };
  const check = {
    type: 'COMMAND',
    command: { command: { value: 'exit 0' } },
    delay_seconds: 0,
    interval_seconds: 1,
  };
  scheduler.launch(scheduler.firstOffer, [
    command('sick', agentId, { health_check, labelled: { 'unhealthy-from': 3 } }),
    command('checked', agentId, { check }),
  ]);
  cluster.run(10_000);
  expect(scheduler.statuses('sick').map(({ state, reason, healthy }) => [state, reason, healthy])).toEqual([
    ['TASK_STARTING', undefined, undefined],
    ['TASK_RUNNING', undefined, undefined],
    ['TASK_RUNNING', 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED', true],
    ['TASK_RUNNING', 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED', false],
    ['TASK_RUNNING', 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED', false],
    ['TASK_KILLING', undefined, undefined],
    ['TASK_KILLED', undefined, false],
  ]);
  expect(scheduler.statuses('checked').map(({ reason, check_status }) => [reason, check_status])).toEqual([
    [undefined, { type: 'COMMAND', command: {} }],
    [undefined, { type: 'COMMAND', command: {} }],
    ['REASON_TASK_CHECK_STATUS_UPDATED', { type: 'COMMAND', command: { exit_code: 0 } }],
  ]);
});

test('a duplicate task id is an error of the same id, and the first instance goes on (O27)', () => {
  const { cluster, scheduler, agentId } = open();
  scheduler.launch(scheduler.firstOffer, [
    command('dup', agentId, { labelled: { 'run-ms': 3000 } }),
    command('dup', agentId),
    command('fits', agentId),
    command('toobig', agentId, { resources: [cpus(1000), mem(32)] }),
  ]);
  cluster.run(6000);
  expect(scheduler.states('dup')).toEqual(['TASK_ERROR', ...ran, 'TASK_FINISHED']);
  expect(scheduler.statuses('dup')[0]).toMatchObject({
    message: 'Task has duplicate ID: dup',
    source: 'SOURCE_MASTER',
    reason: 'REASON_TASK_INVALID',
  });
  expect(scheduler.states('fits')).toEqual(ran);
  expect(scheduler.last('toobig')?.message).toBe(
    'Total resources cpus(allocated: *):1000; mem(allocated: *):32 required by task and its executor is more than available ports(allocated: *):[31000-32000]; cpus(allocated: *):7.8; mem(allocated: *):16320; disk(allocated: *):10000',
  );
});

test.each<[Partial<WireTaskInfo>, string]>([
  [{ task_id: { value: 'a/b' } }, "'a/b' contains invalid characters"],
  [{ task_id: { value: '' } }, 'ID must not be empty'],
  [{ resources: [cpus(-1)] }, "Resource 'cpus:-1' is invalid: Invalid scalar resource: value <= 0"],
  [
    { executor: { type: 'CUSTOM', executor_id: { value: 'x' } } },
    'Task should have at least one (but not both) of CommandInfo or ExecutorInfo present',
  ],
])('the task %j is an error: %s (O28)', (wrong, message) => {
  const { cluster, scheduler, agentId } = open();
  const task = { ...command('bad', agentId), ...wrong };
  scheduler.launch(scheduler.firstOffer, [task]);
  cluster.run(100);
  const last = scheduler.last(task.task_id.value);
  expect(last).toMatchObject({ state: 'TASK_ERROR', message, reason: 'REASON_TASK_INVALID' });
  expect(last).not.toHaveProperty('uuid');
});

test('a task without cpus or mem runs (O28)', () => {
  const { cluster, scheduler, agentId } = open();
  scheduler.launch(scheduler.firstOffer, [command('nores', agentId, { resources: [] })]);
  cluster.run(1000);
  expect(scheduler.states('nores')).toEqual(ran);
});

function group(
  scheduler: TestScheduler,
  tasks: readonly WireTaskInfo[],
  executor: Partial<WireExecutorInfo> = {},
): WireOperation {
  const disk = { name: 'disk', type: 'SCALAR' as const, scalar: { value: 32 } };
  return {
    type: 'LAUNCH_GROUP',
    launch_group: {
      executor: {
        type: 'DEFAULT',
        executor_id: { value: 'ex' },
        framework_id: { value: scheduler.frameworkId },
        resources: [cpus(0.1), mem(32), disk],
        ...executor,
      },
      task_group: { tasks },
    },
  };
}

function accept(scheduler: TestScheduler, operation: WireOperation): void {
  const { id } = scheduler.firstOffer;
  scheduler.offers.clear();
  scheduler.send({
    type: 'ACCEPT',
    accept: { offer_ids: [id], operations: [operation], filters: { refuse_seconds: 1 } },
  });
}

test('the failure of one task of a group kills the others without a reason; FAILURE with status 0 ends it (O29)', () => {
  const { cluster, scheduler, agentId } = open();
  const tasks = [
    command('fails', agentId, { labelled: { 'run-ms': 1000, 'exit-code': 7 } }),
    command('killed', agentId),
  ];
  accept(scheduler, group(scheduler, tasks));
  cluster.run(1100);
  expect(scheduler.statuses('killed').map(({ container_status: status }) => status)).toMatchObject([
    { container_id: { parent: {} } },
    { container_id: { parent: {} }, network_infos: [{}] },
  ]);
  cluster.run(1000);
  expect(scheduler.states('fails')).toEqual([...ran, 'TASK_FAILED']);
  expect(scheduler.states('killed')).toEqual([...ran, 'TASK_KILLING', 'TASK_KILLED']);
  expect(scheduler.last('killed')?.reason).toBeUndefined();
  expect(scheduler.ofType('FAILURE')).toEqual([
    {
      type: 'FAILURE',
      failure: { agent_id: { value: agentId }, executor_id: { value: 'ex' }, status: 0 },
    },
  ]);
});

test('the executor of a group has its share until it ends, and offers name it', () => {
  const { cluster, scheduler, agentId } = open();
  accept(scheduler, group(scheduler, [command('one', agentId)]));
  cluster.run(2500);
  expect(amounts(scheduler.firstOffer)).toMatchObject({ cpus: 7.8, mem: 16_320, disk: 9968 });
  expect(scheduler.firstOffer.executor_ids).toEqual([{ value: 'ex' }]);
  scheduler.decline(scheduler.offers.values(), 0);
  scheduler.send({ type: 'KILL', kill: { task_id: { value: 'one' } } });
  cluster.run(2500);
  expect([...scheduler.offers.values()].map(amounts)).toContainEqual({
    ports: 'RANGES',
    cpus: 8,
    mem: 16_384,
    disk: 10_000,
  });
});

test.each<[Partial<WireExecutorInfo>, string]>([
  [{ resources: [cpus(0.1), mem(32)] }, "Executor 'ex' uses no disk"],
  [{ resources: [] }, "Executor 'ex' uses less CPUs (None) than the minimum required (0.01)"],
  [{ resources: [cpus(0.001)] }, "Executor 'ex' uses less CPUs (0.001) than the minimum required (0.01)"],
])('a group whose executor has %j is invalid as a whole: %s (O29)', (executor, message) => {
  const { cluster, scheduler, agentId } = open();
  const tasks = [command('a', agentId), command('b', agentId)];
  accept(scheduler, group(scheduler, tasks, executor));
  cluster.run(100);
  for (const taskId of ['a', 'b']) {
    expect(scheduler.last(taskId)).toMatchObject({
      state: 'TASK_ERROR',
      message,
      reason: 'REASON_TASK_GROUP_INVALID',
    });
  }
});

test('a group without tasks disappears silently (O29)', () => {
  const { cluster, scheduler } = open();
  accept(scheduler, group(scheduler, []));
  cluster.run(1500);
  expect(scheduler.ofType('UPDATE')).toEqual([]);
  expect(scheduler.answers.map(({ status }) => status)).toEqual([202]);
});

test('KILL is told by TASK_KILLING and ends as TASK_KILLED, also when the process exits 0 (O30)', () => {
  const { cluster, scheduler, agentId } = open();
  scheduler.launch(scheduler.firstOffer, [command('clean', agentId, { labelled: { 'term-exit-code': 0 } })]);
  cluster.run(1000);
  scheduler.send({ type: 'KILL', kill: { task_id: { value: 'clean' }, agent_id: { value: agentId } } });
  cluster.run(500);
  expect(scheduler.states('clean')).toEqual([...ran, 'TASK_KILLING', 'TASK_KILLED']);
  expect(scheduler.last('clean')?.message).toBe('Command exited with status 0');
});

test('who does not understand TASK_KILLING is not told it (O30)', () => {
  const { cluster, scheduler: first, agentId } = open();
  first.send({ type: 'TEARDOWN' });
  const capabilities = allCapabilities.filter(({ type }) => type !== 'TASK_KILLING_STATE');
  const scheduler = new TestScheduler(cluster, { name: 'plain', capabilities }).subscribe();
  scheduler.launch(scheduler.firstOffer, [command('plain', agentId)]);
  cluster.run(1000);
  scheduler.send({ type: 'KILL', kill: { task_id: { value: 'plain' } } });
  cluster.run(500);
  expect(scheduler.states('plain')).toEqual([...ran, 'TASK_KILLED']);
});

test('a task that ignores SIGTERM is killed after the grace period, which a second KILL can shorten (O30)', () => {
  const { cluster, scheduler, agentId } = open();
  const grace = (seconds: number) => ({ grace_period: { nanoseconds: seconds * 1e9 } });
  scheduler.launch(scheduler.firstOffer, [
    command('stubborn', agentId, { kill_policy: grace(30), labelled: { 'ignores-term': '' } }),
  ]);
  cluster.run(1000);
  const kill = { task_id: { value: 'stubborn' }, agent_id: { value: agentId } };
  scheduler.send({ type: 'KILL', kill });
  cluster.run(10_000);
  expect(scheduler.states('stubborn')).toEqual([...ran, 'TASK_KILLING']);
  scheduler.send({ type: 'KILL', kill: { ...kill, kill_policy: grace(1) } });
  cluster.run(1500);
  expect(scheduler.last('stubborn')).toMatchObject({
    state: 'TASK_KILLED',
    message: 'Command terminated with signal Killed',
  });
});

test('a task killed before its executor has started is told by the agent (O30)', () => {
  const { cluster, scheduler, agentId } = open();
  scheduler.launch(scheduler.firstOffer, [command('quick', agentId)]);
  scheduler.send({ type: 'KILL', kill: { task_id: { value: 'quick' }, agent_id: { value: agentId } } });
  cluster.run(2000);
  expect(scheduler.statuses('quick')).toMatchObject([
    {
      state: 'TASK_KILLED',
      message: 'Killed before delivery to the executor',
      source: 'SOURCE_AGENT',
      reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
      executor_id: { value: 'quick' },
    },
  ]);
  expect(cluster.containers(1)).toEqual([]);
});

test.each<[string | undefined, string]>([
  ['known', 'TASK_GONE'],
  [undefined, 'TASK_UNKNOWN'],
  ['no-such-agent', 'TASK_UNKNOWN'],
])('KILL of an unknown task with the agent %s is answered by %s (O30)', (given, state) => {
  const { cluster, scheduler, agentId } = open();
  const value = given === 'known' ? agentId : given;
  scheduler.send({
    type: 'KILL',
    kill: { task_id: { value: 'nobody' }, ...(value === undefined ? {} : { agent_id: { value } }) },
  });
  cluster.run(100);
  expect(scheduler.last('nobody')).toMatchObject({
    state,
    source: 'SOURCE_MASTER',
    reason: 'REASON_RECONCILIATION',
  });
});

test('a task that runs longer than it may fails for that reason (O25)', () => {
  const { cluster, scheduler, agentId } = open();
  const task = command('maxtime', agentId, { max_completion_time: { nanoseconds: 2e9 } });
  scheduler.launch(scheduler.firstOffer, [task]);
  cluster.run(4000);
  expect(scheduler.states('maxtime')).toEqual([...ran, 'TASK_FAILED']);
  expect(scheduler.last('maxtime')).toMatchObject({
    message: 'Command terminated with signal Terminated',
    reason: 'REASON_MAX_COMPLETION_TIME_REACHED',
  });
});

test('reconciliation repeats the latest state with the container, without uuid and executor (O33)', () => {
  const { cluster, scheduler, agentId } = open();
  scheduler.launch(scheduler.firstOffer, [command('r1', agentId), command('r2', agentId)], 3600);
  cluster.run(1000);
  const before = scheduler.events.length;
  scheduler.send({ type: 'RECONCILE', reconcile: { tasks: [] } });
  cluster.run(100);
  const answers = scheduler.events.slice(before);
  expect(answers).toHaveLength(2);
  expect(answers[0]).toEqual({
    type: 'UPDATE',
    update: {
      status: {
        task_id: { value: 'r1' },
        state: 'TASK_RUNNING',
        message: 'Reconciliation: Latest task state',
        source: 'SOURCE_MASTER',
        reason: 'REASON_RECONCILIATION',
        agent_id: { value: agentId },
        timestamp: expect.any(Number) as number,
        container_status: scheduler.statuses('r1')[1]?.container_status,
      },
    },
  });
});

test('an end that is not acknowledged shows in reconciliation, an acknowledged one is gone (O35)', () => {
  const { cluster, scheduler, agentId } = open();
  scheduler.launch(scheduler.firstOffer, [command('r', agentId)], 3600);
  cluster.run(1000);
  scheduler.acknowledges = false;
  scheduler.send({ type: 'KILL', kill: { task_id: { value: 'r' } } });
  cluster.run(1000);
  const ask = (): void =>
    scheduler.send({
      type: 'RECONCILE',
      reconcile: { tasks: [{ task_id: { value: 'r' }, agent_id: { value: agentId } }] },
    });
  ask();
  cluster.run(100);
  expect(scheduler.last('r')).toMatchObject({ state: 'TASK_KILLING', reason: 'REASON_RECONCILIATION' });
  const killing = scheduler.statuses('r').find(({ state }) => state === 'TASK_KILLING');
  if (killing === undefined) throw new Error('TASK_KILLING is expected');
  scheduler.acknowledge(killing);
  cluster.run(100);
  ask();
  cluster.run(100);
  expect(scheduler.last('r')).toMatchObject({ state: 'TASK_KILLED', reason: 'REASON_RECONCILIATION' });
  const killed = scheduler.statuses('r').find(({ state, uuid }) => state === 'TASK_KILLED' && uuid);
  if (killed === undefined) throw new Error('TASK_KILLED is expected');
  scheduler.acknowledge(killed);
  cluster.run(100);
  ask();
  cluster.run(100);
  expect(scheduler.last('r')).toMatchObject({
    state: 'TASK_GONE',
    message: 'Reconciliation: Task is unknown to the agent',
  });
});
