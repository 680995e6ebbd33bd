import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { eventually, FrameworkClient, send } from './framework-client.ts';

let simulator: MesosSimulator;
let framework: FrameworkClient;

beforeAll(async () => {
  simulator = await MesosSimulator.open({ agents: 1, allocationIntervalMs: 50 });
  framework = await FrameworkClient.subscribe(simulator.url);
});
afterAll(async () => {
  framework.close();
  await simulator.stop();
});

/** What a task wrote, by way of its agent. */
async function output(taskId: string, file = 'stdout'): Promise<string> {
  const path = `/frameworks/${framework.frameworkId}/executors/${taskId}/runs/latest/${file}`;
  const answer = await send(
    `${simulator.agents[0]?.url}/files/read?path=${encodeURIComponent(path)}&offset=0`,
  );
  return (JSON.parse(answer.text) as { data: string }).data;
}

describe('a command task', () => {
  it('starts, runs, finishes, and leaves its output in its sandbox', async () => {
    await framework.launch({ id: 'hello', command: { value: 'echo to stdout; echo to stderr >&2' } });
    const status = await framework.state('hello', 'TASK_FINISHED');
    expect(status.message).toBe('Command exited with status 0');
    expect(framework.statuses('hello').map(({ state }) => state)).toEqual([
      'TASK_STARTING',
      'TASK_RUNNING',
      'TASK_FINISHED',
    ]);
    expect(await output('hello')).toBe('to stdout\n');
    expect(await output('hello', 'stderr')).toBe('to stderr\n');
  });
});
