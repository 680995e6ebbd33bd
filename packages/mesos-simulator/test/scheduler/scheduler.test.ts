import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  FileFrameworkState,
  MesosScheduler,
  type Notice,
  type SchedulerOptions,
  type TaskUpdate,
} from '@vibrissa/mesos';
import { describe, expect, onTestFinished, test } from 'vitest';

import { MesosSimulator, type SimulatorOptions } from '../../src/index.ts';

async function simulate(options: SimulatorOptions = {}): Promise<MesosSimulator> {
  const simulator = await MesosSimulator.open({ agents: 2, allocationIntervalMs: 100, ...options });
  onTestFinished(() => simulator.stop());
  return simulator;
}

async function open(masters: string | readonly string[], change: Partial<SchedulerOptions> = {}) {
  const updates: TaskUpdate[] = [];
  const notices: Notice[] = [];
  const scheduler = await MesosScheduler.open({
    masters,
    framework: { name: 'story' },
    timeouts: { backoffMinMs: 10, backoffMaxMs: 100 },
    onTask: (update) => void updates.push(update),
    onNotice: (notice) => void notices.push(notice),
    ...change,
  });
  onTestFinished(() => scheduler.close());
  return { scheduler, updates, notices };
}

/** Resolves with the next notice of a kind. */
function nextNotice(scheduler: MesosScheduler, kind: Notice['kind']): Promise<Notice> {
  return new Promise((resolve) => {
    const stop = scheduler.onNotice((notice) => {
      if (notice.kind !== kind) return;
      stop();
      resolve(notice);
    });
  });
}

/** Resolves when `onTask` is told a state of a task. */
function stateTold(states: string, told: (update: TaskUpdate) => void = () => {}) {
  let tell = (_update: TaskUpdate) => {};
  const seen = new Promise<TaskUpdate>((resolve) => (tell = resolve));
  const onTask = (update: TaskUpdate) => {
    told(update);
    if (update.status.state === states) tell(update);
  };
  return { seen, onTask };
}

const sleeper = { command: 'echo awake; exec sleep 1000', cpus: 0.1, memoryMb: 32 };

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const firstLine = async (logs: AsyncGenerator<string>) => (await logs.next()).value as string;

test('a framework subscribes, runs a task that serves HTTP, reads its log, deletes it, and removes itself', async () => {
  const simulator = await simulate();
  const { seen, onTask } = stateTold('TASK_KILLED');
  const { scheduler } = await open(simulator.url, { onTask });
  await scheduler.subscribe();
  const program = `require('http').createServer((request, response) => { console.log(request.url); response.end('hello') }).listen(process.env.PORT_WEB)`;
  const task = scheduler.submit({
    command: { program: process.execPath, arguments: ['-e', program] },
    cpus: 0.1,
    memoryMb: 64,
    ports: [{ name: 'web' }],
    // As long as a program may take to listen on a busy machine.
    healthCheck: { type: 'TCP', delayMs: 0, intervalMs: 100, timeoutMs: 5000, gracePeriodMs: 60_000 },
  });
  const running = await task.running;
  const { host, port } = running.endpoint!.ports['web']!;
  expect(await (await fetch(`http://${host}:${port}/path`)).text()).toBe('hello');
  expect(await all(running.logs({ lines: 1 }))).toEqual(['/path']);
  expect(await task.delete()).toMatchObject({ kind: 'ended', state: 'TASK_KILLED' });
  expect(await task.ended).toMatchObject({ state: 'TASK_KILLED' });
  await seen;
  await scheduler.teardown();
  expect(scheduler.tasks()).toEqual([]);
});

test('a group runs on one agent, each task with a log of its own', async () => {
  const simulator = await simulate();
  const { scheduler } = await open(simulator.url);
  await scheduler.subscribe();
  const group = scheduler.submitGroup({
    tasks: [
      { ...sleeper, command: 'echo first; exec sleep 1000' },
      { ...sleeper, command: 'echo second; exec sleep 1000' },
    ],
  });
  const [first, second] = await group.running;
  expect(first!.agent?.id).toBe(second!.agent?.id);
  expect(await firstLine(first!.logs({ follow: true }))).toBe('first');
  expect(await firstLine(second!.logs({ follow: true }))).toBe('second');
  await group.delete();
  expect(await group.ended).toMatchObject([{ state: 'TASK_KILLED' }, { state: 'TASK_KILLED' }]);
});

describe('masters that go and come', () => {
  test('the leader dies, the next one is found through any master, and the tasks go on (#24) (O9)', async () => {
    const simulator = await simulate({ masters: 3, electionMs: 300, registry: 'replicated_log' });
    const { scheduler } = await open(simulator.urls[1]!);
    const frameworkId = await scheduler.subscribe();
    const task = scheduler.submit(sleeper);
    await task.running;
    const lost = nextNotice(scheduler, 'lost');
    const again = nextNotice(scheduler, 'subscribed');
    const leader = simulator.control.status().leader!;
    if (leader === 2) throw new Error('the test wants another master to lead than the one that it knows');
    await simulator.control.killLeader();
    await lost;
    expect(await again).toMatchObject({ frameworkId });
    expect(scheduler.explain(task.id)).toMatchObject({ kind: 'launched', record: { state: 'TASK_RUNNING' } });
    expect(await task.delete()).toMatchObject({ state: 'TASK_KILLED' });
  });

  test('a master that forgets all takes the framework back under its id (#23) (O14)', async () => {
    const simulator = await simulate();
    const { scheduler } = await open(simulator.url);
    const frameworkId = await scheduler.subscribe();
    const task = scheduler.submit(sleeper);
    await task.running;
    const again = nextNotice(scheduler, 'subscribed');
    await simulator.control.restartMaster(1);
    expect(await again).toMatchObject({ frameworkId });
    expect(await task.delete()).toMatchObject({ kind: 'ended' });
  });
});

describe('several processes of one framework', () => {
  async function directory(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'framework-'));
    onTestFinished(() => rm(path, { recursive: true }));
    return path;
  }

  test('the next process has the id and the tasks of the former one (#17)', async () => {
    const simulator = await simulate();
    const path = await directory();
    const first = await open(simulator.url, { state: await FileFrameworkState.open(path) });
    const frameworkId = await first.scheduler.subscribe();
    const task = first.scheduler.submit({ ...sleeper, id: 'keeper' });
    await task.running;
    await expect(FileFrameworkState.open(path)).rejects.toMatchObject({ code: 'STATE_IN_USE' });
    await first.scheduler.close();

    const second = await open(simulator.url, { state: await FileFrameworkState.open(path) });
    expect(await second.scheduler.subscribe()).toBe(frameworkId);
    const again = second.scheduler.task('keeper')!;
    // It runs before it has written anything.
    expect(await firstLine((await again.running).logs({ follow: true }))).toBe('awake');
    expect(await again.delete()).toMatchObject({ state: 'TASK_KILLED' });
  });

  test('a second subscriber takes over, and the first one lets it (#21) (O11)', async () => {
    const simulator = await simulate();
    const first = await open(simulator.url);
    const id = await first.scheduler.subscribe();
    const steppedDown = nextNotice(first.scheduler, 'stepped-down');
    const second = await open(simulator.url, { framework: { name: 'story', id } });
    expect(await second.scheduler.subscribe()).toBe(id);
    await steppedDown;
    expect(await first.scheduler.reconcile().catch((error: unknown) => error)).toMatchObject({
      code: 'NOT_LEADER',
    });
    expect(second.scheduler.isSubscribed).toBe(true);
  });

  test('a framework that was torn down is refused under its id (#22) (O14)', async () => {
    const simulator = await simulate();
    const first = await open(simulator.url);
    const id = await first.scheduler.subscribe();
    await first.scheduler.teardown();
    const second = await open(simulator.url, { framework: { name: 'story', id } });
    await expect(second.scheduler.subscribe()).rejects.toMatchObject({ code: 'FRAMEWORK_REMOVED' });
  });
});

describe('what a master refuses', () => {
  test('wrong credentials, and a principal that is not theirs (#12) (#13) (O10)', async () => {
    const simulator = await simulate({ credentials: { fw: 'secret' } });
    const wrong = await open(simulator.url, { auth: { principal: 'fw', secret: 'guessed' } });
    await expect(wrong.scheduler.subscribe()).rejects.toMatchObject({ code: 'WRONG_CREDENTIALS' });
    const right = await open(simulator.url, { auth: { principal: 'fw', secret: 'secret' } });
    await right.scheduler.subscribe();
    expect(await right.scheduler.call({ type: 'REVIVE' })).toMatchObject({ status: 202 });
  });

  test('a role that is not on its list (#20)', async () => {
    const simulator = await simulate({ roles: ['web'] });
    const { scheduler } = await open(simulator.url, { framework: { name: 'story', roles: ['other'] } });
    await expect(scheduler.subscribe()).rejects.toMatchObject({ code: 'SUBSCRIPTION_REFUSED', status: 200 });
  });
});

test('a task that no agent can ever hold is told as impossible, with what the largest has', async () => {
  const simulator = await simulate();
  const { scheduler } = await open(simulator.url, { tasks: { impossibleAfterMs: 300 } });
  await scheduler.subscribe();
  const task = scheduler.submit({ ...sleeper, cpus: 64 });
  const error = await task.running.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'IMPOSSIBLE' });
  expect((error as Error).message).toMatch(/largest agent has 8 cpus/);
});
