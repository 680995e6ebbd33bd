import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { ownPort } from '@vibrissa/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';

import {
  cleanUp,
  guestOf,
  startPlatform,
  runVibrissa,
  type PlatformProcess,
} from '../platform/platform-process.ts';

let simulator: MesosSimulator;
/** Containers are told of it, and it is come back to. */
let port: number;

beforeEach(async () => {
  port = await ownPort();
  simulator = await MesosSimulator.open({ agents: 2, allocationIntervalMs: 50 });
});

afterEach(async () => {
  await cleanUp();
  await simulator.stop();
});

function start(former?: PlatformProcess, ...sets: string[]): Promise<PlatformProcess> {
  const all = ['containers.factory=mesos', `mesos.masterUrl=${simulator.url}`, ...sets];
  const args = [...all.flatMap((set) => ['--set', set]), '--port', String(port)];
  return startPlatform({ args, ...(former && { dataDir: former.dataDir }) });
}

interface Result {
  readonly response: { readonly result: { readonly [name: string]: unknown } };
}

const resultOf = ({ body }: { readonly body: unknown }) => (body as Result).response.result;

/** Tells its task, and whether its sandbox reaches the platform, and the machine around it. */
const code = (agent: string) => `
let count = 0;
async function main() {
  console.log('run', ++count);
  const reached = (url) => fetch(url).then(({ status }) => status, () => 'not reached');
  const [api, agent] = await Promise.all([reached(process.env.__OW_API_HOST + '/ping'), reached('${agent}')]);
  return { task: process.env.MESOS_TASK_ID, token: process.env.__OW_TOKEN ?? 'hidden', api, agent, count };
}`;

test('a platform on Mesos needs nothing on its agents but Node and bubblewrap, and goes on after it was killed (#86)', async () => {
  const first = await start();
  const guest = guestOf(first);
  await guest.create('hello', code(`${simulator.agents[0]?.url}/health`));
  const answer = await guest.invoke('hello');
  const result = resultOf(answer);
  expect(result).toMatchObject({ token: 'hidden', api: 200, agent: 'not reached', count: 1 });
  expect(result['task']).toMatch(/^whisk-0-\d+-/);
  const { activationId } = answer.body as { activationId: string };
  await expect
    .poll(async () => (await guest.record(activationId)).logs)
    .toEqual([expect.stringMatching(/^[\dT:.-]+Z +stdout: run 1$/)]);
  await untilAtRest(first, ['prewarmed', 'prewarmed', 'ready']);
  await first.kill();

  // Where it was reached before: containers were told so.
  const second = await start(first);
  expect(second.stdout).toMatch(/Mesos tasks adopted, 1 warm and [12] prewarmed/);
  expect(resultOf(await guestOf(second).invoke('hello'))).toMatchObject({ task: result['task'], count: 2 });
  const { stdout } = await runVibrissa(['mesos', 'status', '--json', '--data-dir', second.dataDir]);
  const report = JSON.parse(stdout) as {
    memory: { userMemoryMb: number };
    tasks: { id: string; container?: { action?: string } }[];
  };
  // Two agents of 16384 MB, of which 256 of each 304 MB are for actions, and half of that for this platform.
  expect(second.stdout).toContain('13797 MB for all containers, half of what the agents have');
  expect(report.memory.userMemoryMb).toBe(13_797);
  expect(report.tasks.find(({ id }) => id === result['task'])?.container?.action).toBe('guest/hello');
}, 60_000);

test('an activation is told what the cluster lacks, and what has become of its agent', async () => {
  const platform = await start(undefined, 'memory.max=64000 MB', 'containerPool.userMemoryMb=100000');
  const guest = guestOf(platform);
  await guest.create('huge', 'function main() {}', { limits: { memory: 60_000 } });
  expect(String(resultOf(await guest.invoke('huge'))['error'])).toMatch(
    /^Failed to provision resources to run the action\..*the largest of 2 agents has 8 cpus and 16384 MB/s,
  );
  await guest.create('task', 'function main() { return { task: process.env.MESOS_TASK_ID } }');
  await guest.create('wait', 'function main() { return new Promise(() => {}) }');
  const { task } = resultOf(await guest.invoke('task'));
  expect(task).toMatch(/^whisk/);
  const waits = guest.start('wait');
  const [activationId] = await Promise.all([waits, until(platform, 'guest/wait')]);
  const number = await agentOf(platform, 'guest/wait');
  simulator.control.leaveAgent(number);
  const { response } = await guest.record(activationId);
  expect(response.status).toBe('whisk internal error');
  expect(String(response.result['error'])).toMatch(/agent/);
  expect(resultOf(await guest.invoke('task'))['task']).toMatch(/^whisk/);
}, 60_000);

interface Report {
  readonly tasks: readonly {
    readonly id: string;
    readonly agent?: string;
    readonly container?: { readonly action?: string; readonly active: number; readonly state: string };
  }[];
}

async function reportOf({ dataDir }: PlatformProcess): Promise<Report> {
  const { stdout } = await runVibrissa(['mesos', 'status', '--json', '--data-dir', dataDir]);
  return JSON.parse(stdout) as Report;
}

/** Resolves when its containers are so many, and in these states: none starts or runs any more. */
async function untilAtRest(platform: PlatformProcess, states: readonly string[]): Promise<void> {
  await expect
    .poll(async () => {
      const { tasks } = await reportOf(platform);
      return tasks.map(({ container }) => container?.state.replace('paused', 'ready') ?? 'none').toSorted();
    })
    .toEqual(states);
}

/** Resolves when the action runs. */
async function until(platform: PlatformProcess, action: string): Promise<void> {
  await expect
    .poll(async () =>
      (await reportOf(platform)).tasks.some(
        ({ container }) => container?.action === action && container.active > 0,
      ),
    )
    .toBe(true);
}

async function agentOf(platform: PlatformProcess, action: string): Promise<number> {
  const { tasks } = await reportOf(platform);
  const host = tasks.find(({ container }) => container?.action === action)?.agent;
  const found = simulator.control.status().agents.find(({ url }) => url.includes(`${host}:`));
  if (!found) throw new Error(`no agent ${host}`);
  return found.number;
}
