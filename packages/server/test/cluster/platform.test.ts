import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { ownPort } from '@vibrissa/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ClusterReport } from '../../src/administration/cluster-report.ts';
import type { MesosReport } from '../../src/administration/mesos-report.ts';
import {
  ask,
  cleanUp,
  runVibrissa,
  startPlatform,
  temporaryDirectory,
  type PlatformProcess,
} from '../platform/platform-process.ts';

let simulator: MesosSimulator;
let platform: PlatformProcess;
let args: string[];
beforeAll(async () => {
  simulator = await MesosSimulator.open({ agents: 1 });
  // Its tasks know it: another start must get it again.
  const port = String(await ownPort());
  args = ['--port', port, '--containers', 'mesos', '--mesos-master', simulator.url, '--admin-port', '0'];
  platform = await startPlatform({ args });
  await untilPrewarmed();
});
afterAll(async () => {
  await cleanUp();
  await simulator.stop();
});

const status = (...more: string[]) => runVibrissa(['cluster', 'status', ...more]);

async function reportOf(dataDir: string): Promise<ClusterReport> {
  return JSON.parse((await status('--json', '--data-dir', dataDir)).stdout) as ClusterReport;
}

/** Its tasks are counted, and taken over by another start: none may be on its way. */
async function untilPrewarmed(): Promise<void> {
  for (let are = ''; are !== 'prewarmed,prewarmed';) {
    const { stdout } = await runVibrissa(['mesos', 'status', '--json', '--data-dir', platform.dataDir]);
    are = (JSON.parse(stdout) as MesosReport).tasks.map(({ container }) => container?.state).join();
  }
}

async function labelsOfTasks(): Promise<{ [key: string]: string }[]> {
  const answer = (await (await fetch(`${simulator.url}/tasks`)).json()) as {
    tasks: { labels: { key: string; value: string }[] }[];
  };
  return answer.tasks.map(({ labels }) => Object.fromEntries(labels.map(({ key, value }) => [key, value])));
}

describe('who leads, of a platform', () => {
  it('is the platform itself, in its first epoch, with its framework and tasks', async () => {
    const report = await reportOf(platform.dataDir);
    expect(report).toMatchObject({
      standing: 'leading',
      instances: 1,
      leader: { epoch: 1, address: `127.0.0.1:${platform.port}` },
      problems: [],
      framework: { name: 'vibrissa', subscribed: true, masters: simulator.url, problems: [] },
    });
    expect(Object.values(report.framework?.tasks ?? {}).reduce((sum, each) => sum + each, 0)).toBe(2);
    const text = await status('--data-dir', platform.dataDir);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toContain('\nlease      as long as it runs\n');
  });

  it('is told over TCP to who shows the token of the data directory', async () => {
    const port = Number(/http:\/\/127\.0\.0\.1:(\d+) and \//.exec(platform.stdout)?.[1]);
    const address = `http://127.0.0.1:${port}`;
    const refused = await status(address);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('tells nothing without a token (HTTP status 401)');
    const told = await status(address, '--token-file', join(platform.dataDir, 'admin.token'));
    expect(told.code).toBe(0);
    expect((await ask({ port: platform.port }, 'GET /cluster')).status).toBe(404);
  });

  it('has another epoch with each start; a task says in which one it was launched', async () => {
    expect((await labelsOfTasks()).map(({ epoch }) => epoch)).toEqual(['1', '1']);
    const { framework } = await reportOf(platform.dataDir);
    await platform.kill();
    platform = await startPlatform({ args, dataDir: platform.dataDir });
    const report = await reportOf(platform.dataDir);
    expect(report.leader?.epoch).toBe(2);
    expect(report.framework?.id).toBe(framework?.id);
    // Taken over, not launched again.
    expect(platform.stdout).toContain('2 Mesos tasks adopted');
    expect((await labelsOfTasks()).map(({ epoch }) => epoch)).toEqual(['1', '1']);
  });

  it('says that it has lost its master, and leads nevertheless', async () => {
    await simulator.stop();
    let { code, stdout } = await status('--data-dir', platform.dataDir);
    while (!stdout.includes('NOT SUBSCRIBED')) {
      ({ code, stdout } = await status('--data-dir', platform.dataDir));
    }
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Problems:\n {2}NO_MASTER: There is no subscription\. .*/);
  }, 60_000);

  it('has no framework where containers are local, and begins with its epoch', async () => {
    const local = await startPlatform({ args: ['--containers', 'process'] });
    const report = await reportOf(local.dataDir);
    expect(report.framework).toBeUndefined();
    expect(report.leader?.epoch).toBe(1);
  });

  it('does not start over a damaged count of epochs, and says how to mend it', async () => {
    const dataDir = temporaryDirectory();
    const file = join(dataDir, 'cluster', 'epoch');
    const first = await startPlatform({ args: ['--containers', 'process'], dataDir });
    await first.stop();
    expect(readFileSync(file, 'utf8')).toBe('1\n');
    writeFileSync(file, 'many');
    const failed = await runVibrissa([
      'start',
      '--port',
      '0',
      '--containers',
      'process',
      '--data-dir',
      dataDir,
    ]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain(`${file} should hold one number, the last epoch, and does not.`);
    expect(failed.stderr).toContain('mend: Write a number into it');
    rmSync(file);
    const again = await startPlatform({ args: ['--containers', 'process'], dataDir });
    expect((await reportOf(again.dataDir)).leader?.epoch).toBe(1);
  }, 60_000);
});
