import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { FrameworkClient, send } from './framework-client.ts';
import { makeSmallRoot } from './small-root.ts';

let root: string;
let simulator: MesosSimulator;
let framework: FrameworkClient;

function hasBubblewrap(): boolean {
  try {
    const program = 'bwrap';
    execFileSync(program, ['--ro-bind', '/', '/', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function output(taskId: string): Promise<string> {
  const path = `/frameworks/${framework.frameworkId}/executors/${taskId}/runs/latest/stdout`;
  const answer = await send(
    `${simulator.agents[0]?.url}/files/read?path=${encodeURIComponent(path)}&offset=0`,
  );
  return (JSON.parse(answer.text) as { data: string }).data;
}

const container = { type: 'MESOS', mesos: { image: { type: 'DOCKER', docker: { name: 'small' } } } } as const;

describe.skipIf(!hasBubblewrap())('a task in an image (needs bwrap)', () => {
  beforeAll(async () => {
    root = await makeSmallRoot();
    simulator = await MesosSimulator.open({ agents: 1, allocationIntervalMs: 50, images: { small: root } });
    framework = await FrameworkClient.subscribe(simulator.url);
  });
  afterAll(async () => {
    framework.close();
    await simulator.stop();
    await rm(root, { recursive: true });
  });

  it('has the image as its root, read-only, and its sandbox where Mesos puts it', async () => {
    await framework.launch({
      id: 'inside',
      container,
      command: {
        value:
          'cat /etc/image-name; pwd; echo $MESOS_SANDBOX; touch /tmp/x mine; touch /bin/x 2>/dev/null || echo read-only; [ -e /home ] || echo no home',
      },
    });
    await framework.state('inside', 'TASK_FINISHED');
    expect(await output('inside')).toBe(
      'small\n/mnt/mesos/sandbox\n/mnt/mesos/sandbox\nread-only\nno home\n',
    );
  });

  it('runs what its image runs, when it has no command', async () => {
    await writeFile(join(root, 'entrypoint'), '#!/bin/sh\necho entered "$OWN" "$@"\n', { mode: 0o755 });
    const environment = { variables: [{ name: 'OWN', value: 'own' }] };
    await framework.launch({
      id: 'entered',
      container,
      command: { shell: false, arguments: ['one', 'two'], environment },
    });
    await framework.state('entered', 'TASK_FINISHED');
    expect(await output('entered')).toBe('entered own one two\n');
    await rm(join(root, 'entrypoint'));
    await framework.launch({ id: 'empty', container, command: { shell: false } });
    expect((await framework.state('empty', 'TASK_FAILED')).message).toContain('the task has no command');
  });

  it('gets its signals itself, and tells its own end', async () => {
    await framework.launch(
      {
        id: 'clean',
        container,
        // What a program that ends by itself on SIGTERM never needs.
        kill_policy: { grace_period: { nanoseconds: 60e9 } },
        command: { value: 'trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.05; done' },
      },
      { id: 'plain', container, command: { value: 'exec sleep 1000' } },
      { id: 'failing', container, command: { value: 'exit 5' } },
    );
    expect((await framework.state('failing', 'TASK_FAILED')).message).toBe('Command exited with status 5');
    await framework.state('plain', 'TASK_RUNNING');
    await expect.poll(() => output('clean')).toBe('ready\n');
    for (const id of ['clean', 'plain'])
      await framework.call({ type: 'KILL', kill: { task_id: { value: id } } });
    expect((await framework.state('clean', 'TASK_KILLED')).message).toBe('Command exited with status 0');
    expect(await output('clean')).toBe('ready\nbye\n');
    expect((await framework.state('plain', 'TASK_KILLED')).message).toBe(
      'Command terminated with signal Terminated',
    );
  });

  it('is checked where it runs, and sees volumes of its sandbox and of the machine', async () => {
    await framework.launch({
      id: 'checked',
      container: {
        ...container,
        volumes: [
          { mode: 'RO', container_path: '/outside', host_path: join(root, 'etc') },
          { mode: 'RW', container_path: 'data', host_path: 'kept' },
        ],
      },
      command: { value: 'cat /outside/image-name; echo x > data/file; touch good; exec sleep 1000' },
      health_check: {
        type: 'COMMAND',
        command: { value: 'test -e /mnt/mesos/sandbox/good -a -e /etc/image-name' },
        delay_seconds: 0,
        interval_seconds: 0.1,
        grace_period_seconds: 60,
      },
    });
    await expect.poll(() => framework.statuses('checked').some(({ healthy }) => healthy === true)).toBe(true);
    expect(await output('checked')).toBe('small\n');
    await framework.call({ type: 'KILL', kill: { task_id: { value: 'checked' } } });
    await framework.state('checked', 'TASK_KILLED');
  });

  it('fails clearly when it wants a network of its own', async () => {
    await framework.launch({
      id: 'network',
      container: { ...container, network_infos: [{ name: 'cni' }] },
      command: { value: 'true' },
    });
    const status = await framework.state('network', 'TASK_FAILED');
    expect(status.message).toBe("Failed to launch container: Unknown CNI network 'cni'");
  });
});
