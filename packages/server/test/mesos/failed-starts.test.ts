import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { cleanUp, runVibrissa, startPlatform } from '../platform/platform-process.ts';

let simulator: MesosSimulator;

beforeAll(async () => {
  simulator = await MesosSimulator.open({ agents: 2 });
});

afterAll(async () => {
  await cleanUp();
  await simulator.stop();
});

test('prewarmed containers that cannot start are told in the log and in the status, and not tried without end', async () => {
  const args = ['containers.factory=mesos', `mesos.masterUrl=${simulator.url}`, 'mesos.user=nosuchuser'];
  const platform = await startPlatform({ args: args.flatMap((setting) => ['--set', setting]) });
  const status = async () => (await runVibrissa(['mesos', 'status', '--data-dir', platform.dataDir])).stdout;
  await expect
    .poll(status)
    .toMatch(/Could not be started:\n.*256 MB on \S+, .*\n(?: {2}.*\n)*.*No such user\s+'nosuchuser'/);
  await expect.poll(() => `${platform.stdout}${platform.stderr}`).toMatch(/No such user 'nosuchuser'/);
  const warnings = `${platform.stdout}${platform.stderr}`.match(/Prewarmed containers can not be kept/g);
  expect(warnings).toHaveLength(1);
}, 60_000);
