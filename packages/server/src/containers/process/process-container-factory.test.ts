import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { containerFactoryContract } from '../container-factory.contract.ts';
import { ProcessContainerFactory } from './process-container-factory.ts';

const runtime = new URL('../../../../../runtimes/nodejs/runtime.js', import.meta.url).pathname;
const commands = new Map([['nodejs:20', [process.execPath, runtime]]]);
const spec = { name: 'wsk0_0_guest_trial', kind: 'nodejs:20', memoryMb: 256, cpuShares: 2, env: {} };

async function open(directory: string): Promise<ProcessContainerFactory> {
  return ProcessContainerFactory.open({ directory, commands, clock: systemClock });
}

containerFactoryContract('ProcessContainerFactory', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vbp-'));
  const factory = await open(directory);
  return {
    factory,
    kind: 'nodejs:20',
    cleanUp: () => rm(directory, { recursive: true, force: true }),
  };
});

test('the next life removes the processes that the last one left', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vbp-'));
  const lastLife = await open(directory);
  const left = await lastLife.create(spec);
  const nextLife = await open(directory);
  expect(await nextLife.removeLeftovers()).toBe(1);
  expect((await left.died).signal).toBe('SIGKILL');
  expect(await nextLife.removeLeftovers()).toBe(0);
  await rm(directory, { recursive: true, force: true });
});

test('a runtime that does not start is an error of the platform', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vbp-'));
  const factory = await ProcessContainerFactory.open({
    directory,
    commands: new Map([
      ['ends', ['/bin/false']],
      ['missing', ['/no/such/program']],
    ]),
    clock: systemClock,
  });
  for (const kind of ['ends', 'missing']) {
    await expect(factory.create({ ...spec, kind })).rejects.toMatchObject({ fault: 'platform' });
  }
  await rm(directory, { recursive: true, force: true });
});
