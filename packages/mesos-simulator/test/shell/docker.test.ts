import { execFileSync } from 'node:child_process';
import { request } from 'node:http';
import { rm } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { FrameworkClient, send } from './framework-client.ts';
import { makeSmallRoot } from './small-root.ts';

const socketPath = (process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace('unix://', '');
/** Of this run alone: another one on the same Engine removes its own. */
const image = `mesos-simulator-test:${process.pid}`;

/** A call of the Engine itself. */
function engine(method: string, path: string, body?: Buffer): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path, agent: false }, (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    call.once('error', reject);
    call.end(body);
  });
}

const hasEngine = await engine('GET', '/_ping').then(
  ({ status }) => status === 200,
  () => false,
);

let simulator: MesosSimulator;
let framework: FrameworkClient;

async function output(taskId: string, file = 'stdout'): Promise<string> {
  const path = `/frameworks/${framework.frameworkId}/executors/${taskId}/runs/latest/${file}`;
  const answer = await send(
    `${simulator.agents[0]?.url}/files/read?path=${encodeURIComponent(path)}&offset=0`,
  );
  return (JSON.parse(answer.text) as { data: string }).data;
}

const container = (docker: object = {}) =>
  ({ type: 'DOCKER', docker: { image, network: 'HOST', ...docker } }) as const;

describe.skipIf(!hasEngine)('a Docker task (needs a Docker Engine)', () => {
  beforeAll(async () => {
    const root = await makeSmallRoot();
    const archive = execFileSync('tar', ['-C', root, '-c', '.'], { maxBuffer: 1 << 30 });
    await rm(root, { recursive: true });
    const [repo, tag] = image.split(':');
    const imported = await engine('POST', `/images/create?fromSrc=-&repo=${repo}&tag=${tag}`, archive);
    if (imported.status !== 200) throw new Error(imported.text);
    simulator = await MesosSimulator.open({ agents: 1, allocationIntervalMs: 50, dockerSocket: socketPath });
    framework = await FrameworkClient.subscribe(simulator.url);
  });
  afterAll(async () => {
    framework.close();
    await simulator.stop();
    await engine('DELETE', `/images/${image}?force=true`);
  });

  it('runs with its sandbox, tells what `docker inspect` says, and ends with its status (O25, O31)', async () => {
    await framework.launch({
      id: 'd-sh',
      container: container(),
      command: {
        value:
          'cat /etc/image-name; echo $MESOS_SANDBOX $OWN; echo mine > /mnt/mesos/sandbox/file; echo err >&2',
        environment: { variables: [{ name: 'OWN', value: 'own' }] },
      },
    });
    const finished = await framework.state('d-sh', 'TASK_FINISHED');
    expect(finished.message).toBe('Container exited with status 0');
    const running = await framework.state('d-sh', 'TASK_RUNNING');
    const [inspected] = JSON.parse(Buffer.from(running.data ?? '', 'base64').toString()) as {
      Path: string;
    }[];
    expect(inspected?.Path).toBe('/bin/sh');
    expect(await output('d-sh')).toBe('small\n/mnt/mesos/sandbox own\n');
    expect(await output('d-sh', 'stderr')).toBe('err\n');
    expect(await output('d-sh', 'file')).toBe('mine\n');
    await framework.launch(
      {
        id: 'd-argv',
        container: container(),
        command: { shell: false, value: 'cat', arguments: ['/etc/image-name'] },
      },
      { id: 'd-fail', container: container(), command: { value: 'exit 5' } },
    );
    await framework.state('d-argv', 'TASK_FINISHED');
    expect(await output('d-argv')).toBe('small\n');
    expect((await framework.state('d-fail', 'TASK_FAILED')).message).toBe('Container exited with status 5');
  });

  it('is killed, and its container is gone (O30)', async () => {
    await framework.launch({ id: 'd-long', container: container(), command: { value: 'exec sleep 1000' } });
    const { container_status: status } = await framework.state('d-long', 'TASK_RUNNING');
    const name = `mesos-${status?.container_id?.value}`;
    expect((await engine('GET', `/containers/${name}/json`)).status).toBe(200);
    await framework.call({
      type: 'KILL',
      kill: { task_id: { value: 'd-long' }, kill_policy: { grace_period: { nanoseconds: 500_000_000 } } },
    });
    expect((await framework.state('d-long', 'TASK_KILLED')).message).toMatch(
      /^Container exited with status (137|143)$/,
    );
    await expect.poll(async () => (await engine('GET', `/containers/${name}/json`)).status).toBe(404);
  });

  it('is checked inside of its container (O26)', async () => {
    await framework.launch({
      id: 'd-check',
      container: container(),
      command: { value: 'exec sleep 1000' },
      health_check: {
        type: 'COMMAND',
        command: { value: 'test -e /etc/image-name' },
        delay_seconds: 0,
        interval_seconds: 0.2,
        timeout_seconds: 60,
        grace_period_seconds: 60,
      },
    });
    await expect.poll(() => framework.statuses('d-check').some(({ healthy }) => healthy === true)).toBe(true);
  });

  it('has the limits that its parameters ask for', async () => {
    const parameters = [
      { key: 'ulimit', value: 'nofile=512:1024' },
      { key: 'pids-limit', value: '99' },
    ];
    await framework.launch({
      id: 'd-limits',
      container: container({ parameters }),
      command: { value: 'ulimit -Sn; ulimit -Hn; exec sleep 1000' },
    });
    const { container_status: status } = await framework.state('d-limits', 'TASK_RUNNING');
    await expect.poll(() => output('d-limits')).toBe('512\n1024\n');
    const inspected = await engine('GET', `/containers/mesos-${status?.container_id?.value}/json`);
    expect(JSON.parse(inspected.text)).toMatchObject({ HostConfig: { PidsLimit: 99 } });
    await framework.call({ type: 'KILL', kill: { task_id: { value: 'd-limits' } } });
    await framework.state('d-limits', 'TASK_KILLED');
  });

  it('fails straight from staging without its image (O25)', async () => {
    await framework.launch({
      id: 'd-noimage',
      container: container({ image: 'localhost:1/no/such:image' }),
      command: { value: 'true' },
    });
    const status = await framework.state('d-noimage', 'TASK_FAILED');
    expect(status.reason).toBe('REASON_CONTAINER_LAUNCH_FAILED');
    expect(status.message).toMatch(
      /^Failed to launch container: Failed to run 'docker -H unix:\/\/.* pull localhost:1\/no\/such:image': exited with status 1; stderr='Error response from daemon: /,
    );
  });

  it('ends with status 125 when its container cannot be started', async () => {
    await framework.launch({
      id: 'd-125',
      container: container(),
      command: { shell: false, value: '/no/such/program' },
    });
    const status = await framework.state('d-125', 'TASK_FAILED');
    expect(status.message).toBe('Container exited with status 125');
    expect(await output('d-125', 'stderr')).toContain('/no/such/program');
  });

  it('refuses port mappings without a bridge, and parameters that it does not know', async () => {
    await framework.launch(
      {
        id: 'd-ports',
        container: container({ port_mappings: [{ host_port: 31_000, container_port: 80 }] }),
        command: { value: 'true' },
      },
      {
        id: 'd-parameter',
        container: container({ parameters: [{ key: 'frobnicate', value: '1' }] }),
        command: { value: 'true' },
      },
    );
    expect((await framework.state('d-ports', 'TASK_FAILED')).message).toContain(
      'bridge and user-defined networks',
    );
    expect((await framework.state('d-parameter', 'TASK_FAILED')).message).toContain("'frobnicate'");
  });

  it('leaves no container when the simulator stops', async () => {
    const other = await MesosSimulator.open({ agents: 1, dockerSocket: socketPath });
    const client = await FrameworkClient.subscribe(other.url);
    await client.launch({ id: 'd-left', container: container(), command: { value: 'exec sleep 1000' } });
    const { container_status: status } = await client.state('d-left', 'TASK_RUNNING');
    client.close();
    await other.stop();
    await expect
      .poll(async () => (await engine('GET', `/containers/mesos-${status?.container_id?.value}/json`)).status)
      .toBe(404);
  });
});
