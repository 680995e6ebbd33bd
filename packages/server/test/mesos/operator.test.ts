import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { cleanUp, runVibrissa, startPlatform, temporaryDirectory } from '../platform/platform-process.ts';

let simulator: MesosSimulator;

beforeEach(async () => {
  simulator = await MesosSimulator.open({
    agents: 1,
    roles: ['web', 'db'],
    credentials: { app: 'secret' },
    allocationIntervalMs: 50,
  });
});

afterEach(async () => {
  await cleanUp();
  await simulator.stop();
});

function credentials(secret = 'secret'): string[] {
  const secretFile = join(temporaryDirectory(), 'secret');
  writeFileSync(secretFile, secret);
  return ['--set', 'mesos.principal=app', '--set', `mesos.secretFile=${secretFile}`];
}

function onMesos(masters: string, ...sets: string[]): string[] {
  const all = ['containers.factory=mesos', `mesos.masterUrl=${masters}`, ...sets];
  return all.flatMap((set) => ['--set', set]);
}

/** Where nobody will answer: a master that is there may take its time. */
const impatient = 'mesos.timeouts.subscribe=3 s';

async function frameworkIds(): Promise<string[]> {
  const answer = await fetch(`${simulator.url}/frameworks`);
  return ((await answer.json()) as { frameworks: { id: string }[] }).frameworks.map(({ id }) => id);
}

describe('the life of a framework, as its operator sees it', () => {
  test('is told what has changed since it subscribed last, and removed without naming the master again', async () => {
    const access = credentials();
    const first = await startPlatform({
      args: [...onMesos(simulator.url, 'mesos.role=web', 'mesos.user=root'), ...access],
    });
    expect(first.stdout).not.toContain('at the last start');
    await first.stop();

    const { dataDir } = first;
    const again = {
      args: [...onMesos(simulator.url, 'mesos.role=db', 'mesos.user=nobody'), ...access],
      dataDir,
    };
    const second = await startPlatform(again);
    expect(second.stdout).toMatch(
      /mesos\.role was web at the last start and is db now: .*role web\.\n.*teardown --yes/,
    );
    expect(second.stdout).toMatch(/mesos\.user was root when the framework was made and is nobody now/);
    await second.stop();

    const lost = await startPlatform({
      args: [...onMesos('http://127.0.0.1:9', impatient), ...access],
      dataDir,
    });
    expect(lost.stdout).toMatch(
      /No Mesos master at http:\/\/127\.0\.0\.1:9 took.*Containers of the last run serve on; new ones wait for a master\.\n/,
    );
    expect(lost.stdout).toContain(`The masters of the last run were others: --mesos-master ${simulator.url}`);
    await lost.stop();

    const [id] = await frameworkIds();
    const asked = await runVibrissa(['mesos', 'teardown', '--data-dir', dataDir, ...access]);
    expect(asked.code).toBe(2);
    expect(asked.stdout).toContain(`This would remove framework ${id} at ${simulator.url}, with `);
    const done = await runVibrissa([
      'mesos',
      'teardown',
      '--yes',
      '--data-dir',
      dataDir,
      ...access,
      '--set',
      'mesos.role=web',
    ]);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(await frameworkIds()).toEqual([]);
  }, 60_000);

  test('ends with the platform where that is wanted, which its status says', async () => {
    const platform = await startPlatform({
      args: [...onMesos(simulator.url, 'mesos.role=web'), ...credentials(), '--teardown-on-exit'],
    });
    const { stdout } = await runVibrissa(['mesos', 'status', '--data-dir', platform.dataDir]);
    expect(stdout).toContain('; they are removed with the platform when it stops\n');
    expect(await platform.stop()).toMatchObject({ code: 0 });
    expect(await frameworkIds()).toEqual([]);
  });
});

describe('a start that fails, with --teardown-on-exit', () => {
  test.each([
    ['of wrong credentials', 'wrong', 'mesos.role=web', "Mesos refuses the framework's credentials: "],
    ['of a role that there is not', 'secret', 'mesos.role=none', 'Mesos refuses the framework (role none): '],
    ['of an empty secret', '\n', 'mesos.role=web', 'of mesos.secretFile is empty.'],
  ])('because %s is one error with its mend, and nothing else', async (_, secret, role, said) => {
    const args = [...onMesos(simulator.url, role), ...credentials(secret), '--teardown-on-exit'];
    const dataDir = temporaryDirectory();
    const { code, stderr } = await runVibrissa(['start', '--port', '0', '--data-dir', dataDir, ...args]);
    expect(code).toBe(1);
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/could not be removed|\n {4}at /);
  });

  test('because a master without TLS is dialled with it says so', async () => {
    const args = onMesos(simulator.url.replace('http:', 'https:'), impatient);
    const dataDir = temporaryDirectory();
    const { code, stderr } = await runVibrissa(['start', '--port', '0', '--data-dir', dataDir, ...args]);
    expect(code).toBe(1);
    expect(stderr).toContain('its address begins with http://');
  });
});

test('a UCR container without a network of its own is warned of at the start', async () => {
  const args = [...onMesos(simulator.url, 'mesos.role=web', 'mesos.blackboxTask=ucr'), ...credentials()];
  const { stdout } = await startPlatform({ args });
  expect(stdout).toMatch(/Only Docker has the network bridge: .*\n.*mesos\.network=host/);
});
