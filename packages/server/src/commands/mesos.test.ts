import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FileFrameworkState, MesosScheduler } from '@vibrissa/mesos';
import { MesosSimulator } from '@vibrissa/mesos-simulator';
import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { MesosReport } from '../administration/mesos-report.ts';
import { mesosRoute } from '../administration/mesos-route.ts';
import { systemClock } from '../base/clock.ts';
import { randomIds } from '../base/ids.ts';
import { silentLogger } from '../base/logger.ts';
import { noTrails } from '../base/trail.ts';
import { createServer } from '../http/create-server.ts';
import { runProgram } from './build-program.ts';
import { vibrissa } from './vibrissa.ts';

const directories: string[] = [];
const servers: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

function dataDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'vibrissa-mesos-command-'));
  directories.push(directory);
  return directory;
}

async function run(dataDir: string, ...argv: string[]) {
  let out = '';
  let err = '';
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    env: {},
    errIsScreen: false,
  };
  const args = ['mesos', ...argv, '--data-dir', dataDir];
  const code = await runProgram(vibrissa, args, { terminal, version: '1.2.3' });
  return { code, out, err };
}

/** An admin socket as the platform's, with nothing but the report. */
async function serve(dataDir: string, report: (() => Promise<MesosReport>) | undefined): Promise<void> {
  const server = createServer({
    clock: systemClock,
    ids: randomIds,
    logger: silentLogger,
    trails: noTrails,
    trust: 'every-peer',
    authentication: { authenticate: () => 'missing' },
    routes: [mesosRoute({ report, token: undefined })],
  });
  servers.push(server);
  await server.listen({ path: join(dataDir, 'admin.sock') });
}

const report: MesosReport = {
  framework: {
    id: 'f7a1-0001',
    name: 'vibrissa',
    role: '*',
    failoverTimeoutMs: 3_600_000,
    teardownOnExit: false,
  },
  masters: 'http://127.0.0.1:5050',
  connection: { subscribed: true, since: 0 },
  agents: [],
  memory: { usedMb: 0, userMemoryMb: 1024 },
  offersHeld: 0,
  tasks: [],
  waiting: [],
  failedStarts: [],
};

describe('vibrissa mesos status', () => {
  it('prints text, and the same as JSON', async () => {
    const dataDir = dataDirectory();
    await serve(dataDir, () => Promise.resolve(report));
    const text = await run(dataDir, 'status');
    expect(text).toMatchObject({ code: 0, err: '' });
    expect(text.out).toContain('framework  vibrissa, f7a1-0001\n');
    const asJson = await run(dataDir, 'status', '--json');
    expect(JSON.parse(asJson.out)).toEqual(report);
  });

  it('says that no platform runs, and how to name the right directory', async () => {
    const { code, out, err } = await run(dataDirectory(), 'status');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error: No platform runs on .*\n {2}mend: .*--data-dir/);
  });

  it('says so of a data directory that is none', async () => {
    const { code, err } = await run(join(dataDirectory(), 'typo', 'x'.repeat(120)), 'status');
    expect(code).toBe(1);
    expect(err).toContain('No platform runs on ');
  });

  it('says that the platform is not on Mesos, and how it would be', async () => {
    const dataDir = dataDirectory();
    await serve(dataDir, undefined);
    const { code, err } = await run(dataDir, 'status');
    expect(code).toBe(1);
    expect(err).toContain('The containers of this platform are no Mesos tasks.');
    expect(err).toContain('mend: Stop it and start it with: vibrissa start --containers mesos');
  });

  it('says what the platform answered when that is no report', async () => {
    const dataDir = dataDirectory();
    await serve(dataDir, () => Promise.reject(new Error('broken')));
    const { code, out, err } = await run(dataDir, 'status');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain("The platform can't tell how things stand with Mesos.");
  });
});

describe('vibrissa mesos teardown', () => {
  let simulator: MesosSimulator;
  beforeAll(async () => {
    simulator = await MesosSimulator.open({ agents: 1 });
  });
  afterAll(() => simulator.stop());

  /** A framework with one task, whose platform has stopped. */
  async function stoppedFramework(dataDir: string): Promise<string> {
    const scheduler = await MesosScheduler.open({
      masters: simulator.url,
      framework: { name: 'vibrissa', failoverTimeoutMs: 3_600_000 },
      state: await FileFrameworkState.open(join(dataDir, 'mesos', 'framework')),
    });
    const id = await scheduler.subscribe();
    const task = scheduler.submit({ id: 'whisk-0-1', command: 'sleep 1000', cpus: 0.1, memoryMb: 32 });
    await task.running;
    await scheduler.close();
    mkdirSync(join(dataDir, 'mesos', 'containers'));
    writeFileSync(join(dataDir, 'mesos', 'token.key'), 'key');
    return id;
  }

  async function frameworksOf(state: 'frameworks' | 'completed_frameworks') {
    const response = await fetch(`${simulator.url}/frameworks`);
    const body = (await response.json()) as { [name in typeof state]: { id: string; tasks: unknown[] }[] };
    return body[state];
  }

  it('first says what it would remove, and removes nothing', async () => {
    const dataDir = dataDirectory();
    const id = await stoppedFramework(dataDir);
    const asked = await run(dataDir, 'teardown', '--mesos-master', simulator.url);
    expect(asked.code).toBe(2);
    expect(asked.out).toBe(
      `This would remove framework ${id} at ${simulator.url}, with 1 task:\n  whisk-0-1\n`,
    );
    expect(asked.err).toContain('mend: Say it again with --yes.');
    expect((await frameworksOf('frameworks')).find((each) => each.id === id)?.tasks).toHaveLength(1);
  });

  it('then removes the framework, its task and what was written of it, but not the key', async () => {
    const dataDir = dataDirectory();
    const id = await stoppedFramework(dataDir);
    const done = await run(dataDir, 'teardown', '--yes', '--mesos-master', simulator.url);
    expect(done).toMatchObject({ code: 0, err: '' });
    expect(done.out).toMatch(new RegExp(`^Removed framework ${id} `));
    expect((await frameworksOf('frameworks')).map((each) => each.id)).not.toContain(id);
    expect((await frameworksOf('completed_frameworks')).map((each) => each.id)).toContain(id);
    const left = ['framework', 'containers', 'token.key'].map((name) =>
      existsSync(join(dataDir, 'mesos', name)),
    );
    expect(left).toEqual([false, false, true]);
    const again = await run(dataDir, 'teardown', '--yes', '--mesos-master', simulator.url);
    expect(again).toMatchObject({
      code: 0,
      out: `${dataDir} has no framework: there is nothing to remove.\n`,
    });
  });

  /** As a start writes it down. */
  function rememberMasters(dataDir: string, frameworkId: string, masters: string): void {
    const record = JSON.stringify({ frameworkId, masters, role: '*' });
    writeFileSync(join(dataDir, 'mesos', 'framework.json'), record);
  }

  it('does not call a master on this machine its default', async () => {
    const { out } = await run(dataDirectory(), 'teardown', '--help');
    expect(out).toMatch(/--mesos-master <masters>[^-]*\(default: those of the last\s+run\)/);
  });

  it('asks the masters of the last run, unless others are named', async () => {
    const dataDir = dataDirectory();
    const id = await stoppedFramework(dataDir);
    rememberMasters(dataDir, id, simulator.url);
    const asked = await run(dataDir, 'teardown');
    expect(asked).toMatchObject({ code: 2 });
    expect(asked.out).toContain(`framework ${id} at ${simulator.url}, with 1 task:`);
    const elsewhere = await run(dataDir, 'teardown', '--mesos-master', 'http://127.0.0.1:1');
    expect(elsewhere).toMatchObject({ code: 1, out: '' });
    expect(elsewhere.err).toMatch(
      /^error: Framework .* was not removed\. No Mesos master answers at http:\/\/127\.0\.0\.1:1\. /,
    );
    expect(await run(dataDir, 'teardown', '--yes')).toMatchObject({ code: 0, err: '' });
    expect(existsSync(join(dataDir, 'mesos', 'framework.json'))).toBe(false);
  });

  it('says, and forgets nothing yet, when Mesos has removed the framework by itself', async () => {
    const dataDir = dataDirectory();
    const id = await stoppedFramework(dataDir);
    await simulator.control.operator({ type: 'TEARDOWN', teardown: { framework_id: { value: id } } });
    const asked = await run(dataDir, 'teardown', '--mesos-master', simulator.url);
    expect(asked.code).toBe(2);
    expect(asked.out).toBe(`Mesos had already removed framework ${id}, and its tasks with it.\n`);
    expect(existsSync(join(dataDir, 'mesos', 'framework'))).toBe(true);
  });

  it('says what was written down where the master does not tell, and why it does not', async () => {
    const dataDir = dataDirectory();
    const id = await stoppedFramework(dataDir);
    const shut = createHttpServer((_, response) => void response.writeHead(403).end('Not for you'));
    await new Promise<void>((resolve) => shut.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(shut.address() as AddressInfo).port}`;
    const { code, out } = await run(dataDir, 'teardown', '--mesos-master', url);
    shut.close();
    expect(code).toBe(2);
    expect(out).toMatch(
      new RegExp(
        `^This would remove framework ${id} at .*, with 1 task:\\n  whisk-0-1\\n.*answers 403: Not for you`,
      ),
    );
  });

  it('removes nothing at a master of another cluster, which does not know the framework', async () => {
    const dataDir = dataDirectory();
    const id = await stoppedFramework(dataDir);
    rememberMasters(dataDir, id, simulator.url);
    const other = await MesosSimulator.open({ agents: 0 });
    const { code, err } = await run(dataDir, 'teardown', '--yes', '--mesos-master', other.url);
    await other.stop();
    expect(code).toBe(1);
    expect(err).toBe(
      `error: The Mesos master at ${other.url} knows no framework ${id}: nothing was removed.\n  mend: Name the masters that the platform used last: --mesos-master ${simulator.url}\n`,
    );
    expect((await frameworksOf('frameworks')).map((each) => each.id)).toContain(id);
    expect(existsSync(join(dataDir, 'mesos', 'framework'))).toBe(true);
  });

  it('forgets a framework that Mesos has removed by itself', async () => {
    const dataDir = dataDirectory();
    const id = await stoppedFramework(dataDir);
    const response = await fetch(`${simulator.url}/master/teardown`, {
      method: 'POST',
      body: new URLSearchParams({ frameworkId: id }),
    });
    expect(response.status).toBe(200);
    const { code, out } = await run(dataDir, 'teardown', '--yes', '--mesos-master', simulator.url);
    expect({ code, out }).toEqual({
      code: 0,
      out: `Mesos had already removed framework ${id}, and its tasks with it.\n`,
    });
    expect(existsSync(join(dataDir, 'mesos', 'framework'))).toBe(false);
  });

  it('is refused while the platform runs', async () => {
    const dataDir = dataDirectory();
    await stoppedFramework(dataDir);
    await serve(dataDir, undefined);
    const { code, err } = await run(dataDir, 'teardown', '--yes', '--mesos-master', simulator.url);
    expect(code).toBe(1);
    expect(err).toContain(`The platform of ${dataDir} runs`);
  });

  it('says that no master was found, and keeps what is written', async () => {
    const dataDir = dataDirectory();
    await stoppedFramework(dataDir);
    const nobody = 'http://127.0.0.1:1';
    const set = ['--set', 'mesos.timeouts.subscribe=300 ms'];
    const { code, err } = await run(dataDir, 'teardown', '--yes', '--mesos-master', nobody, ...set);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^error: Framework \S+ was not removed\. No Mesos master .*\n {2}mend: .*--mesos-master/,
    );
    expect(err).not.toMatch(/option|close\(\)/);
    expect(existsSync(join(dataDir, 'mesos', 'framework'))).toBe(true);
  });

  it('says that the file of the secret is empty', async () => {
    const dataDir = dataDirectory();
    await stoppedFramework(dataDir);
    const secret = join(dataDir, 'secret');
    writeFileSync(secret, '\n');
    const set = ['--set', 'mesos.principal=app', '--set', `mesos.secretFile=${secret}`];
    const { code, err } = await run(dataDir, 'teardown', '--yes', ...set);
    expect(code).toBe(1);
    expect(err).toContain(`The file ${secret} of mesos.secretFile is empty.`);
  });

  it('says which file of the settings can not be read', async () => {
    const dataDir = dataDirectory();
    await stoppedFramework(dataDir);
    const secret = join(dataDir, 'no-secret');
    const set = ['--set', 'mesos.principal=app', '--set', `mesos.secretFile=${secret}`];
    const { code, err } = await run(dataDir, 'teardown', '--yes', ...set);
    expect(code).toBe(1);
    expect(err).toContain(`The file ${secret} of mesos.secretFile can't be read`);
    expect(err).toContain('mend: Make it readable');
  });
});

describe('vibrissa mesos pack', () => {
  async function pack(directory: string) {
    let out = '';
    let err = '';
    const terminal = {
      out: (text: string) => void (out += text),
      err: (text: string) => void (err += text),
      env: {},
      errIsScreen: false,
    };
    const code = await runProgram(vibrissa, ['mesos', 'pack', directory], { terminal, version: '1.2.3' });
    return { code, out, err };
  }

  it('writes launcher and runtimes, says where to, and does so again', async () => {
    const directory = join(dataDirectory(), 'new');
    const first = await pack(directory);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toContain(`Wrote the agents' files to ${directory} (version `);
    expect(first.out).toContain('--set mesos.command.runtimePath=PLACE');
    expect(existsSync(join(directory, 'launch.mjs'))).toBe(true);
    expect(await pack(directory)).toEqual(first);
  });

  it('writes nothing into a directory of other things', async () => {
    const directory = dataDirectory();
    writeFileSync(join(directory, 'thesis.txt'), 'precious');
    const { code, err } = await pack(directory);
    expect(code).toBe(1);
    expect(err).toContain(`error: ${directory} has other files in it.`);
    expect(readdirSync(directory)).toEqual(['thesis.txt']);
  });

  it('writes nothing into a file system of the kernel, and ends', async () => {
    const { code, err } = await pack('/proc/x');
    expect(code).toBe(1);
    expect(err).toContain('error: /proc/x lies in a file system of the kernel');
  });

  it('says when it can not write there', async () => {
    const directory = dataDirectory();
    writeFileSync(join(directory, 'file'), '');
    const { code, err } = await pack(join(directory, 'file', 'below'));
    expect(code).toBe(1);
    expect(err).toContain("below can't be written: ");
  });
});
