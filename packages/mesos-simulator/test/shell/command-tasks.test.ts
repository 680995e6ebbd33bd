import { createServer, type Server } from 'node:http';
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { eventually, FrameworkClient, send } from './framework-client.ts';
import { isAlive } from './is-alive.ts';

const NO_ENGINE = '/nowhere/docker.sock';
/** What a program that ends by itself on SIGTERM never needs. */
const patient = { grace_period: { nanoseconds: 60e9 } };

let simulator: MesosSimulator;
let framework: FrameworkClient;
let directory: string;
let server: Server;
/** Answers of the server that the test has not let go. */
const held: (() => void)[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(await realpath(tmpdir()), 'fetched-'));
  simulator = await MesosSimulator.open({ agents: 1, allocationIntervalMs: 50, dockerSocket: NO_ENGINE });
  framework = await FrameworkClient.subscribe(simulator.url);
  server = createServer((incoming, response) => {
    if (incoming.url === '/late') held.push(() => response.end('late'));
    else if (incoming.url === '/tool.sh') response.end('#!/bin/sh\necho tool runs\n');
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  framework.close();
  await simulator.stop();
  server.close();
  await rm(directory, { recursive: true });
});

/** What a task wrote, by way of its agent. */
async function output(taskId: string, file = 'stdout'): Promise<string> {
  const path = `/frameworks/${framework.frameworkId}/executors/${taskId}/runs/latest/${file}`;
  const answer = await send(
    `${simulator.agents[0]?.url}/files/read?path=${encodeURIComponent(path)}&offset=0`,
  );
  return (JSON.parse(answer.text) as { data: string }).data;
}

async function portsOfAgent(): Promise<string> {
  const { text } = await send(`${simulator.agents[0]?.url}/state`);
  return (JSON.parse(text) as { resources: { ports: string } }).resources.ports;
}

const states = (id: string) => framework.statuses(id).map(({ state }) => state);

describe('a command task', () => {
  it('starts, runs, finishes, and leaves its output in its sandbox (O24)', async () => {
    await framework.launch({ id: 'hello', command: { value: 'echo to stdout; echo to stderr >&2' } });
    const status = await framework.state('hello', 'TASK_FINISHED');
    expect(status.message).toBe('Command exited with status 0');
    expect(states('hello')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED']);
    expect(await output('hello')).toBe('to stdout\n');
    expect(await output('hello', 'stderr')).toBe('to stderr\n');
  });

  it('fails with its status, without a reason (O25)', async () => {
    await framework.launch({ id: 'exit3', command: { value: 'exit 3' } });
    const status = await framework.state('exit3', 'TASK_FAILED');
    expect([status.message, status.reason, status.source]).toEqual([
      'Command exited with status 3',
      undefined,
      'SOURCE_EXECUTOR',
    ]);
  });

  it('fails with the signal that ended it (O25)', async () => {
    await framework.launch({ id: 'segv', command: { value: 'kill -SEGV $$' } });
    const status = await framework.state('segv', 'TASK_FAILED');
    expect(status.message).toBe('Command terminated with signal Segmentation fault');
  });

  it('ends with status 127 when the shell finds no command, with 1 when there is no program (O25)', async () => {
    await framework.launch({ id: 'nocmd', command: { value: 'nosuchcommand' } });
    expect((await framework.state('nocmd', 'TASK_FAILED')).message).toBe('Command exited with status 127');
    await framework.launch({
      id: 'noprogram',
      command: { shell: false, value: '/no/such', arguments: ['x'] },
    });
    expect((await framework.state('noprogram', 'TASK_FAILED')).message).toBe('Command exited with status 1');
    expect(states('noprogram')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED']);
    expect(await output('noprogram', 'stderr')).toMatch(/^Failed to execute command '\/no\/such'/);
  });

  it('gets its arguments as they are, the first as its own name', async () => {
    await framework.launch({
      id: 'argv',
      command: {
        shell: false,
        value: '/bin/sh',
        arguments: ['my-name', '-c', 'echo "$0" "$1"', 'a  b', '$HOME'],
      },
    });
    await framework.state('argv', 'TASK_FINISHED');
    expect(await output('argv')).toBe('a  b $HOME\n');
  });

  it('has the environment of a built-in executor, its own, and nothing else of the simulator’s but PATH', async () => {
    process.env['OF_THE_SIMULATOR'] = 'secret';
    await framework.launch({
      id: 'environment',
      command: {
        value: 'env; pwd',
        environment: { variables: [{ name: 'OWN', value: 'a b' }] },
      },
    });
    await framework.state('environment', 'TASK_FINISHED');
    delete process.env['OF_THE_SIMULATOR'];
    const text = await output('environment');
    const sandbox = text.trimEnd().split('\n').at(-1);
    const names = [...text.matchAll(/^([A-Z_0-9]+)=/gm)].map(([, name]) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'PATH',
        'LIBPROCESS_IP',
        'MESOS_AGENT_ENDPOINT',
        'MESOS_CHECKPOINT',
        'MESOS_DIRECTORY',
        'MESOS_EXECUTOR_ID',
        'MESOS_FRAMEWORK_ID',
        'MESOS_SANDBOX',
        'MESOS_SLAVE_ID',
        'MESOS_SLAVE_PID',
        'OWN',
      ]),
    );
    expect(text).toContain('OWN=a b\n');
    expect(text).toContain(`MESOS_SANDBOX=${sandbox}\n`);
    expect(text).not.toContain('OF_THE_SIMULATOR');
    expect(sandbox).toMatch(
      /agent-1\/slaves\/[^/]+\/frameworks\/[^/]+\/executors\/environment\/runs\/[0-9a-f-]{36}$/,
    );
  });

  it('is dropped when its user is unknown (O25)', async () => {
    await framework.launch({ id: 'nouser', command: { value: 'true', user: 'nosuchuser' } });
    const status = await framework.state('nouser', 'TASK_DROPPED');
    expect(status).toMatchObject({ source: 'SOURCE_AGENT', reason: 'REASON_EXECUTOR_TERMINATED' });
    expect(status.message).toMatch(
      /^Failed to create executor directory '.*': Failed to chown directory to 'nosuchuser': No such user 'nosuchuser'$/,
    );
    expect(status.uuid).toBeDefined();
  });

  it('runs as its user', async () => {
    await framework.launch({
      id: 'asnobody',
      command: { value: 'id -un; echo mine > file', user: 'nobody' },
    });
    await framework.state('asnobody', 'TASK_FINISHED');
    expect(await output('asnobody')).toBe('nobody\n');
    expect(await output('asnobody', 'file')).toBe('mine\n');
  });

  it("has its sandbox, and what was fetched into it, to itself under its user's name", async () => {
    const { port } = server.address() as AddressInfo;
    await framework.launch({
      id: 'walks',
      command: {
        value:
          'cd / && cd "$MESOS_SANDBOX" && echo "echo changed" >> tool.sh && ./tool.sh; stat -c %U tool.sh',
        uris: [{ value: `http://127.0.0.1:${port}/tool.sh`, executable: true }],
        user: 'nobody',
      },
    });
    await framework.state('walks', 'TASK_FINISHED');
    expect(await output('walks')).toBe('tool runs\nchanged\nnobody\n');
  });

  it('is ended after its longest time (O25)', async () => {
    await framework.launch({
      id: 'overtime',
      command: { value: 'exec sleep 1000' },
      max_completion_time: { nanoseconds: 200_000_000 },
    });
    const status = await framework.state('overtime', 'TASK_FAILED');
    expect(status.reason).toBe('REASON_MAX_COMPLETION_TIME_REACHED');
  });
});

describe('a kill', () => {
  it('ends a task by SIGTERM (O30)', async () => {
    await framework.launch({ id: 'sleeper', command: { value: 'exec sleep 1000' } });
    await framework.state('sleeper', 'TASK_RUNNING');
    await framework.call({ type: 'KILL', kill: { task_id: { value: 'sleeper' } } });
    const status = await framework.state('sleeper', 'TASK_KILLED');
    expect(status.message).toBe('Command terminated with signal Terminated');
    expect(states('sleeper').slice(-2)).toEqual(['TASK_KILLING', 'TASK_KILLED']);
  });

  it('is TASK_KILLED also of a task that exits with 0 on it (O30)', async () => {
    await framework.launch({
      id: 'clean',
      kill_policy: patient,
      command: { value: 'trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.05; done' },
    });
    await framework.state('clean', 'TASK_RUNNING');
    await expect.poll(() => output('clean')).toBe('ready\n');
    await framework.call({ type: 'KILL', kill: { task_id: { value: 'clean' } } });
    expect((await framework.state('clean', 'TASK_KILLED')).message).toBe('Command exited with status 0');
    expect(await output('clean')).toBe('ready\nbye\n');
  });

  it('ends one that ignores SIGTERM after its grace period by SIGKILL, and all that it has started', async () => {
    await framework.launch({
      id: 'stubborn',
      command: {
        value:
          'trap "" TERM; (trap "" TERM; sleep 1000) & echo $! > child; echo ready; while :; do sleep 1; done',
      },
      kill_policy: { grace_period: { nanoseconds: 300_000_000 } },
    });
    await framework.state('stubborn', 'TASK_RUNNING');
    await expect.poll(() => output('stubborn')).toBe('ready\n');
    const child = Number(await output('stubborn', 'child'));
    expect(isAlive(child)).toBe(true);
    await framework.call({ type: 'KILL', kill: { task_id: { value: 'stubborn' } } });
    const status = await framework.state('stubborn', 'TASK_KILLED');
    expect(status.message).toBe('Command terminated with signal Killed');
    await expect.poll(() => isAlive(child)).toBe(false);
  });

  it('of a task that is still being prepared keeps it from ever running (O30)', async () => {
    const { port } = server.address() as AddressInfo;
    const command = {
      value: `touch ${join(directory, 'has-run')}`,
      uris: [{ value: `http://127.0.0.1:${port}/late` }],
    };
    await framework.launch({ id: 'quick', command });
    // It is prepared for as long as what it fetches doesn't come.
    const letGo = await eventually(() => held.pop());
    await framework.call({ type: 'KILL', kill: { task_id: { value: 'quick' } } });
    const status = await framework.state('quick', 'TASK_KILLED');
    expect(status.reason).toBe('REASON_TASK_KILLED_DURING_LAUNCH');
    letGo();
    await expect.poll(() => output('quick', 'late')).toBe('late');
    // By the end of one that was prepared after it, it would have run.
    await framework.launch({ id: 'later', command: { value: 'sleep 0.2' } });
    await framework.state('later', 'TASK_FINISHED');
    await expect(readFile(join(directory, 'has-run'))).rejects.toThrow('ENOENT');
  });
});

describe('fetching', () => {
  it('brings files and archives into the sandbox, and makes programs executable', async () => {
    await mkdir(join(directory, 'content'), { recursive: true });
    await writeFile(join(directory, 'content', 'inside.txt'), 'from the archive\n');
    await writeFile(join(directory, 'plain.txt'), 'plain\n');
    const content = join(directory, 'content');
    execFileSync('tar', ['-C', content, '-czf', join(directory, 'files.tar.gz'), 'inside.txt']);
    execFileSync('python3', [
      '-m',
      'zipfile',
      '-c',
      join(directory, 'files.zip'),
      join(content, 'inside.txt'),
    ]);
    const { port } = server.address() as AddressInfo;
    await framework.launch({
      id: 'fetch',
      command: {
        value: 'cat plain.txt inside.txt renamed; ./tool.sh; ls files.zip',
        uris: [
          { value: `http://127.0.0.1:${port}/tool.sh`, executable: true },
          { value: join(directory, 'plain.txt') },
          { value: `file://${join(directory, 'plain.txt')}`, output_file: 'renamed' },
          { value: join(directory, 'files.tar.gz') },
          { value: join(directory, 'files.zip'), extract: false },
        ],
      },
    });
    await framework.state('fetch', 'TASK_FINISHED');
    expect(await output('fetch')).toBe('plain\nfrom the archive\nplain\ntool runs\nfiles.zip\n');
  });

  it('that fails makes a task fail straight from staging (O25)', async () => {
    await framework.launch({
      id: 'nouri',
      command: { value: 'true', uris: [{ value: '/no/such/file.tgz' }] },
    });
    const status = await framework.state('nouri', 'TASK_FAILED');
    expect(status).toMatchObject({ source: 'SOURCE_AGENT', reason: 'REASON_CONTAINER_LAUNCH_FAILED' });
    expect(status.message).toMatch(
      /^Failed to launch container: Failed to fetch all URIs for container '[0-9a-f-]{36}': exited with status 1$/,
    );
    expect(states('nouri')).toEqual(['TASK_FAILED']);
    expect(await output('nouri', 'stderr')).toMatch(/^Failed to fetch '\/no\/such\/file.tgz'/);
  });
});

describe('checks', () => {
  /** Often, and with all the time that a busy machine may need until a program is there and answers. */
  const quick = { delay_seconds: 0, interval_seconds: 0.1, timeout_seconds: 60, grace_period_seconds: 60 };

  it('tell that a task is healthy once, and kill one that is not any more (O26)', async () => {
    await framework.launch({
      id: 'health',
      command: { value: 'touch good; while [ -e good ]; do sleep 0.05; done; sleep 1000' },
      health_check: {
        ...quick,
        type: 'COMMAND',
        command: { value: 'test -e good' },
        consecutive_failures: 2,
      },
    });
    const healthy = await framework.state('health', 'TASK_RUNNING');
    await eventually(
      () => framework.statuses('health').some((status) => status.healthy === true),
      () => framework.statuses('health'),
    );
    const container = healthy.container_status?.container_id?.value ?? '';
    const sandbox = join(simulator.workDirectory, 'agent-1/slaves', healthy.agent_id?.value ?? '');
    const run = join(sandbox, 'frameworks', framework.frameworkId, 'executors/health/runs', container);
    await rm(join(run, 'good'));
    const status = await framework.state('health', 'TASK_KILLED');
    expect(status.healthy).toBe(false);
    const unhealthy = framework.statuses('health').filter((each) => each.healthy === false);
    expect(unhealthy.map(({ state }) => state)).toEqual(['TASK_RUNNING', 'TASK_RUNNING', 'TASK_KILLED']);
    expect(unhealthy[0]?.reason).toBe('REASON_TASK_HEALTH_CHECK_STATUS_UPDATED');
  });

  it('by TCP and HTTP find the port of a task (O26)', async () => {
    const serve = (port: number) =>
      `exec ${process.execPath} -e "require('http').createServer((q,r)=>r.end('ok')).listen(${port},'127.0.0.1')"`;
    // Ports of this agent: no other simulator's tasks listen there.
    const [, begin] = /\[(\d+)-/.exec(await portsOfAgent()) ?? [];
    const [one, other] = [Number(begin), Number(begin) + 1];
    await framework.launch({
      id: 'tcp',
      command: { value: serve(one) },
      health_check: { ...quick, type: 'TCP', tcp: { port: one } },
    });
    await framework.launch({
      id: 'http',
      command: { value: serve(other) },
      health_check: { ...quick, type: 'HTTP', http: { port: other, path: '/' } },
    });
    for (const id of ['tcp', 'http']) {
      await eventually(
        () => framework.statuses(id).some(({ healthy }) => healthy === true),
        () => framework.statuses(id),
      );
      expect(framework.statuses(id).map(({ healthy }) => healthy)).not.toContain(false);
      await framework.call({ type: 'KILL', kill: { task_id: { value: id } } });
      await framework.state(id, 'TASK_KILLED');
    }
  });

  it('that are no health checks tell an exit code and kill nothing (O26)', async () => {
    await framework.launch({
      id: 'check',
      command: { value: 'sleep 1000' },
      check: { ...quick, type: 'COMMAND', command: { command: { value: 'exit 4' } } },
    });
    await expect
      .poll(() =>
        framework.statuses('check').find(({ reason }) => reason === 'REASON_TASK_CHECK_STATUS_UPDATED'),
      )
      .toMatchObject({ state: 'TASK_RUNNING', check_status: { type: 'COMMAND', command: { exit_code: 4 } } });
    await framework.call({ type: 'KILL', kill: { task_id: { value: 'check' } } });
    await framework.state('check', 'TASK_KILLED');
  });
});

describe('a group', () => {
  const executor = (id: string) => ({
    type: 'DEFAULT',
    executor_id: { value: id },
    framework_id: { value: framework.frameworkId },
    resources: [
      { name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } },
      { name: 'mem', type: 'SCALAR', scalar: { value: 32 } },
      { name: 'disk', type: 'SCALAR', scalar: { value: 32 } },
    ],
  });

  async function launchGroup(id: string, commands: Record<string, string>): Promise<void> {
    const offer = await framework.offer();
    const volume = {
      mode: 'RW',
      container_path: 'shared',
      source: { type: 'SANDBOX_PATH', sandbox_path: { type: 'PARENT', path: 'shared' } },
    };
    const tasks = Object.entries(commands).map(([name, value]) => ({
      name,
      task_id: { value: name },
      agent_id: offer.agent_id,
      resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } }],
      command: { value },
      container: { type: 'MESOS', volumes: [volume] },
    }));
    await framework.accept(offer, [
      { type: 'LAUNCH_GROUP', launch_group: { executor: executor(id), task_group: { tasks } } },
    ]);
  }

  it('runs each task in a sandbox of its own, with what they share, and ends in a FAILURE that is none (O29)', async () => {
    await launchGroup('pod', {
      first: 'echo first; echo hello > shared/file; touch shared/ready',
      second: 'while [ ! -e shared/ready ]; do sleep 0.05; done; cat shared/file',
    });
    await framework.state('first', 'TASK_FINISHED');
    await framework.state('second', 'TASK_FINISHED');
    const failure = await framework.event('FAILURE');
    expect(failure.failure).toMatchObject({ executor_id: { value: 'pod' }, status: 0 });
    expect(await output('pod', 'tasks/first/stdout')).toBe('first\n');
    expect(await output('pod', 'tasks/second/stdout')).toBe('hello\n');
    const [started] = framework.statuses('first');
    expect(started?.executor_id?.value).toBe('pod');
    expect(started?.container_status?.container_id?.parent?.value).toBeDefined();
  });

  it('loses its other tasks with the one that fails (O29)', async () => {
    await launchGroup('broken', {
      lasting: 'touch shared/runs; sleep 1000',
      failing: 'while [ ! -e shared/runs ]; do sleep 0.05; done; exit 7',
    });
    expect((await framework.state('failing', 'TASK_FAILED')).message).toBe('Command exited with status 7');
    const killed = await framework.state('lasting', 'TASK_KILLED');
    expect(killed.reason).toBeUndefined();
  });
});

describe('an image', () => {
  it('that the simulator was not given fails the task, and says how to give it', async () => {
    await framework.launch({
      id: 'noimage',
      command: { value: 'true' },
      container: { type: 'MESOS', mesos: { image: { type: 'DOCKER', docker: { name: 'alpine' } } } },
    });
    const status = await framework.state('noimage', 'TASK_FAILED');
    expect(status.reason).toBe('REASON_CONTAINER_LAUNCH_FAILED');
    expect(status.message).toContain('--image alpine=DIRECTORY');
  });

  it('of Docker without an Engine fails the task, and says so', async () => {
    await framework.launch({
      id: 'nodocker',
      command: { value: 'true' },
      container: { type: 'DOCKER', docker: { image: 'busybox' } },
    });
    const status = await framework.state('nodocker', 'TASK_FAILED');
    expect(status.message).toMatch(/^Failed to launch container: there is no Docker Engine at /);
  });
});
