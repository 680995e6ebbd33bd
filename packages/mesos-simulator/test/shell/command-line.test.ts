import { execFile, spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';

import { afterEach, describe, expect, it } from 'vitest';
import { eventually, FrameworkClient, send } from './framework-client.ts';
import { isAlive } from './is-alive.ts';

const program = new URL('../../bin/mesos-simulator.js', import.meta.url).pathname;

let started: { readonly kill: (signal: 'SIGKILL') => boolean } | undefined;
afterEach(() => started?.kill('SIGKILL'));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(...args: string[]): Promise<Ran> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args]);
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

describe('mesos-simulator', () => {
  it('tells what it takes, and its version', async () => {
    const help = await run('--help');
    expect(help.code).toBe(0);
    for (const option of ['--agents', '--masters', '--image', '--offer-timeout', '--registry', '--control']) {
      expect(help.out).toContain(option);
    }
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['--agents', 'three'], 'It has to be a whole number.'],
    [['--port', '70000'], 'It has to be a port, 0 to 65535.'],
    [['--offer-timeout', '30'], 'as 30secs.'],
    [['--image', 'alpine'], 'It has to be NAME=DIRECTORY.'],
    [['--registry', 'paper'], 'Allowed choices are in_memory, replicated_log.'],
    [['--nonsense'], "unknown option '--nonsense'"],
  ])('refuses %j by a sentence and the status 2', async (args, message) => {
    const { code, err } = await run(...args);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  it('says how to mend what keeps it from starting', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, err } = await run('--port', String(port));
    server.close();
    expect(code).toBe(1);
    expect(err).toContain(
      'Another program listens there: take other ports with --port, --agent-port and --marathon.',
    );
    expect((await run('--port', '0', '--resources', 'cpus')).err).toContain('"cpus" has to be name:value.');
  });

  it('starts what was asked for, says where, and ends on SIGTERM with its tasks', async () => {
    const child = spawn(
      process.execPath,
      [
        program,
        '--port=0 --agents=2 --masters=2 --control=0 --offer-timeout=30secs --cluster=demo'.split(' '),
        '--resources=cpus:2;mem:64;ports:[31000-31001] --attributes=rack:r1 --attributes=rack:r2'.split(' '),
        '--credential=app:secret --roles=a,* --weights=a=2'.split(' '),
        '--marathon=0 --marathon-credential=ops:pass --marathon-token=t0k'.split(' '),
      ].flat(),
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    started = child;
    let out = '';
    child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
    await eventually(
      () => /^sandboxes\s+\S+\n/m.test(out),
      () => ({ out, exitCode: child.exitCode }),
    );
    const [, url = ''] = /^master 1\s+(\S+) .*leads/m.exec(out) ?? [];
    const state = JSON.parse((await send(`${url}/state`)).text) as {
      cluster: string;
      flags: Record<string, string>;
      slaves: { attributes: unknown; resources: unknown }[];
    };
    expect(state.cluster).toBe('demo');
    expect(state.flags).toMatchObject({
      offer_timeout: '30secs',
      authenticate_http_frameworks: 'true',
      roles: 'a,*',
    });
    expect(state.slaves.map(({ attributes }) => attributes)).toEqual(
      expect.arrayContaining([{ rack: 'r1' }, { rack: 'r2' }]),
    );
    expect(state.slaves[0]?.resources).toMatchObject({ cpus: 2, mem: 64, ports: '[31000-31001]' });
    const [, marathon = ''] = /^marathon\s+(\S+)$/m.exec(out) ?? [];
    expect((await send(`${marathon}/v2/info`)).status).toBe(401);
    const info = await send(`${marathon}/v2/info`, { headers: { Authorization: 'token=t0k' } });
    expect(JSON.parse(info.text)).toMatchObject({
      name: 'marathon',
      leader: marathon.slice('http://'.length),
    });
    const headers = { Authorization: `Basic ${Buffer.from('app:secret').toString('base64')}` };
    const framework = await FrameworkClient.subscribe(url, { headers });
    await framework.launch({ id: 'lasting', command: { value: 'exec sleep 1000' } });
    const { container_status: container } = await framework.state('lasting', 'TASK_RUNNING');
    child.kill('SIGTERM');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(0);
    const pid = container?.executor_pid ?? 0;
    expect(pid).toBeGreaterThan(1);
    // It was killed, and may take a moment to die.
    await expect.poll(() => isAlive(pid)).toBe(false);
    framework.close();
  });
});
