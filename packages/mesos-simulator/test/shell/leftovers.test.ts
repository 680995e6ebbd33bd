import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { MesosSimulator, type SimulatorOptions } from '@vibrissa/mesos-simulator';
import { eventually, FrameworkClient, send } from './framework-client.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(await realpath(tmpdir()), 'leftovers-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Live processes that were started below a work directory, whatever has become of their parents and groups. */
function processesOf(workDirectory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`MESOS_DIRECTORY=${workDirectory}/`) &&
          !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
        );
      } catch {
        return false;
      }
    });
}

/** How many ports this process listens at: one that was given back may soon be somebody else's. */
const listening = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;

const tree = 'sleep 1000 & setsid sleep 1000 & sh -c "trap : TERM; sleep 1000; true" & echo ready; wait';

const program = new URL('../../bin/mesos-simulator.js', import.meta.url).pathname;

/** The simulator in a process of its own; resolves with its first master. */
async function startApart(
  ...args: string[]
): Promise<{ child: ChildProcess; url: string; sandboxes: string }> {
  const child = spawn(process.execPath, [program, '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout?.on('data', (piece: Buffer) => (text += piece.toString()));
  const sandboxes = await eventually(
    () => /^sandboxes\s+(\S+)\n/m.exec(text)?.[1],
    () => ({ text, exitCode: child.exitCode }),
  );
  return { child, url: /^master 1\s+(\S+)/m.exec(text)?.[1] ?? '', sandboxes };
}

describe.skipIf(process.platform !== 'linux')('processes of tasks', () => {
  it('end with the simulator that is stopped, those too that have left their group', async () => {
    const simulator = await MesosSimulator.open({ agents: 1, workDirectory: directory });
    const framework = await FrameworkClient.subscribe(simulator.url);
    await framework.launch({ id: 'tree', command: { value: tree } });
    await framework.state('tree', 'TASK_RUNNING');
    await expect.poll(() => processesOf(directory).length).toBeGreaterThanOrEqual(5);
    framework.close();
    await simulator.stop();
    await expect.poll(() => processesOf(directory)).toEqual([]);
  });

  it('end with the simulator that is killed by SIGKILL', async () => {
    const { child, url } = await startApart('--work-dir', directory);
    const framework = await FrameworkClient.subscribe(url);
    await framework.launch(
      { id: 'tree', command: { value: tree } },
      { id: 'other', command: { value: 'exec sleep 1000' } },
    );
    await framework.state('tree', 'TASK_RUNNING');
    await framework.state('other', 'TASK_RUNNING');
    await expect.poll(() => processesOf(directory).length).toBeGreaterThanOrEqual(6);
    child.kill('SIGKILL');
    await expect.poll(() => processesOf(directory)).toEqual([]);
    framework.close();
  });

  it('leave no temporary directory behind with a simulator that is killed by SIGKILL', async () => {
    const { child, sandboxes } = await startApart();
    expect(readdirSync(sandboxes)).toEqual([]);
    child.kill('SIGKILL');
    await expect.poll(() => existsSync(sandboxes)).toBe(false);
  });

  it('that a task leaves behind in its group end with the task', async () => {
    const simulator = await MesosSimulator.open({ agents: 1, workDirectory: directory });
    const framework = await FrameworkClient.subscribe(simulator.url);
    await framework.launch({ id: 'parent', command: { value: 'sleep 1000 & exit 0' } });
    await framework.state('parent', 'TASK_FINISHED');
    await expect.poll(() => processesOf(directory)).toEqual([]);
    framework.close();
    await simulator.stop();
  });
});

describe('a stopped simulator', () => {
  it('leaves no port and no temporary directory', async () => {
    const simulator = await MesosSimulator.open({ agents: 2, masters: 2, controlPort: 0 });
    const { workDirectory } = simulator;
    await expect.poll(listening).toBe(5);
    await Promise.all([simulator.stop(), simulator.stop()]);
    await expect.poll(listening).toBe(0);
    expect(() => readdirSync(workDirectory)).toThrow('ENOENT');
  });

  it('is what `await using` leaves behind', async () => {
    const simulator = await MesosSimulator.open({ agents: 0 });
    await expect.poll(listening).toBe(1);
    await simulator[Symbol.asyncDispose]();
    await expect.poll(listening).toBe(0);
    expect(() => readdirSync(simulator.workDirectory)).toThrow('ENOENT');
  });

  it('leaves a directory that was given to it', async () => {
    const simulator = await MesosSimulator.open({ agents: 1, workDirectory: directory });
    const framework = await FrameworkClient.subscribe(simulator.url);
    await framework.launch({ id: 'kept', command: { value: 'echo kept' } });
    await framework.state('kept', 'TASK_FINISHED');
    framework.close();
    await simulator.stop();
    expect(readdirSync(directory)).toEqual(['agent-1']);
  });

  it('is what remains of one that could not open: a taken port leaves nothing behind', async () => {
    // Where no other simulator of this machine makes its directory.
    vi.stubEnv('TMPDIR', directory);
    onTestFinished(() => void vi.unstubAllEnvs());
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    await expect(MesosSimulator.open({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(readdirSync(directory)).toEqual([]);
    await expect.poll(listening).toBe(1);
    await new Promise((resolve) => taken.close(resolve));
  });

  it('refuses a work directory with files of others, and options that make no sense', async () => {
    await expect(MesosSimulator.open({ workDirectory: '/etc' })).rejects.toThrow('holds other files');
    const typo = { agent: 3 } as SimulatorOptions;
    await expect(MesosSimulator.open(typo)).rejects.toThrow('agent is no option: did you mean agents?');
    await expect(MesosSimulator.open({ agents: [{ resources: 'cpus=8' }] })).rejects.toThrow(
      '"cpus=8" has to be name:value.',
    );
  });
});

test('two simulators at once deal out different ports', async () => {
  const simulators = [await MesosSimulator.open({ agents: 2 }), await MesosSimulator.open({ agents: 2 })];
  try {
    const begins: string[] = [];
    for (const { url } of simulators) {
      const slaves = await eventually(async () => {
        const found = (JSON.parse((await send(`${url}/slaves`)).text) as Slaves).slaves;
        return found.length === 2 && found;
      });
      begins.push(...slaves.map(({ resources }) => resources.ports));
    }
    expect(new Set(begins).size).toBe(4);
  } finally {
    await Promise.all(simulators.map((simulator) => simulator.stop()));
  }
});

interface Slaves {
  readonly slaves: readonly { readonly resources: { readonly ports: string } }[];
}
