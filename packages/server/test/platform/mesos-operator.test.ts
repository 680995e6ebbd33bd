import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { ownPort } from '@vibrissa/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { MesosReport } from '../../src/administration/mesos-report.ts';
import { ask, cleanUp, guestOf, runVibrissa, startPlatform, PlatformProcess } from './platform-process.ts';

let simulator: MesosSimulator;
let platform: PlatformProcess;
let args: string[];
beforeAll(async () => {
  simulator = await MesosSimulator.open({ agents: 2 });
  // Tasks that outlive the platform know its port.
  const port = String(await ownPort());
  args = ['--port', port, '--containers', 'mesos', '--mesos-master', simulator.url, '--admin-port', '0'];
  platform = await startPlatform({ args });
});
afterAll(async () => {
  await cleanUp();
  await simulator.stop();
});

const status = (...more: string[]) =>
  runVibrissa(['mesos', 'status', '--data-dir', platform.dataDir, ...more]);

async function report(): Promise<MesosReport> {
  const { code, stdout, stderr } = await status('--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as MesosReport;
}

/** The report, as soon as it is as wanted. */
async function reportWhen(isWanted: (report: MesosReport) => boolean): Promise<MesosReport> {
  for (;;) {
    const found = await report();
    if (isWanted(found)) return found;
  }
}

/** A command that was printed, as a shell takes it (none of its words has a blank here). */
function wordsOf(text: string, pattern: RegExp): string[] {
  return pattern.exec(text)?.[1]?.split(' ') ?? [];
}

async function frameworkIds(): Promise<string[]> {
  const answer = await (await fetch(`${simulator.url}/frameworks`)).json();
  return (answer as { frameworks: { id: string }[] }).frameworks.map(({ id }) => id);
}

describe('what an operator sees of a platform on Mesos', () => {
  it('names master, agents and framework at the start', async () => {
    const [id] = await frameworkIds();
    expect(platform.stdout).toContain(`  Mesos          ${simulator.url} with 2 agents\n`);
    expect(platform.stdout).toContain(
      `  framework      vibrissa, id ${id}; its tasks outlive it by 7 days\n`,
    );
  });

  it('is told of each task: its state, its agent, its container, and the action that it became', async () => {
    const guest = guestOf(platform);
    await guest.create('hello', 'function main() { return { task: process.env.MESOS_TASK_ID }; }');
    const reply = await guest.invoke('hello');
    const { task: id } = (reply.body as { response: { result: { task: string } } }).response.result;
    // The used one is free again, and another takes its place.
    const { framework, connection, agents, tasks } = await reportWhen(
      (each) =>
        each.tasks.some(({ container }) => container?.state === 'prewarmed') &&
        each.tasks.some((task) => task.id === id && task.container?.active === 0),
    );
    expect([framework.id]).toEqual(await frameworkIds());
    expect(connection).toEqual({ subscribed: true, since: expect.any(Number) as number });
    expect(agents?.map(({ active, total }) => [active, total.cpus])).toEqual([
      [true, 8],
      [true, 8],
    ]);
    expect(tasks.find((each) => each.id === id)).toMatchObject({
      kind: expect.stringMatching(/^nodejs:/) as string,
      memoryMb: 256,
      state: 'TASK_RUNNING',
      agent: expect.stringMatching(/^127\.0\.0\.[12]$/) as string,
      container: { action: 'guest/hello', activations: 1, active: 0 },
    });
  });

  it('gets the same as text, and over TCP only with the token of the data directory', async () => {
    const text = await status();
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(/^whisk-0-\S+ +127\.0\.0\.[12] +warm\S* \S+ +1 +guest\/hello$/m);
    const port = Number(/http:\/\/127\.0\.0\.1:(\d+) and \//.exec(platform.stdout)?.[1]);
    expect((await ask({ port }, 'GET /mesos')).status).toBe(401);
    const token = readFileSync(join(platform.dataDir, 'admin.token'), 'utf8').trim();
    const headers = { authorization: `Bearer ${token}` };
    const page = (await ask({ port, headers }, 'GET /mesos')).body as MesosReport;
    expect([page.framework.id]).toEqual(await frameworkIds());
  });

  it('is the only one who sees what runs: on the port to which agents relay the calls of actions nobody is trusted', async () => {
    for (const path of ['/metrics', '/invokers', '/activation']) {
      expect((await ask({ port: platform.port }, `GET ${path}`)).status).toBe(403);
    }
  });

  it('can watch it until Ctrl-C', async () => {
    const words = ['mesos', 'status', '--watch', '--data-dir', platform.dataDir];
    const watching = new PlatformProcess(words, { dataDir: '' });
    await watching.until(() => watching.stdout.split('framework ').length >= 3);
    watching.signal('SIGINT');
    expect((await watching.exited).code).toBe(0);
  });

  it('is told at a stop what stays; the next start takes it over', async () => {
    const [id] = await frameworkIds();
    // The used one is replaced.
    const { tasks } = await reportWhen(
      ({ tasks: all }) => all.filter(({ container }) => container?.state === 'prewarmed').length === 2,
    );
    await platform.stop();
    expect(platform.stdout).toContain(
      `Stopped.\nMesos keeps the framework ${id} with ${tasks.length} tasks for 7 days; the next start takes them over.\n`,
    );
    platform = await startPlatform({ args, dataDir: platform.dataDir });
    expect(platform.stdout).toContain(`From the last run: ${tasks.length} Mesos tasks adopted, 1 warm and `);
    expect(await frameworkIds()).toEqual([id]);
  });

  it('is given the command that removes it all, which works as it stands', async () => {
    await platform.stop();
    const command = wordsOf(platform.stdout, /^To remove them now: (?:npx )?vibrissa (.*)$/m);
    const done = await runVibrissa(command);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toMatch(/^Removed framework /);
    expect(await frameworkIds()).toEqual([]);
  });

  it('leaves nothing where the start said --teardown-on-exit', async () => {
    const once = await startPlatform({ args: [...args, '--teardown-on-exit'] });
    expect(once.stdout).toContain('its tasks are removed with the platform');
    expect(await frameworkIds()).toHaveLength(1);
    expect((await once.stop()).code).toBe(0);
    expect(once.stdout).not.toContain('Mesos keeps');
    expect(await frameworkIds()).toEqual([]);
  });
});
