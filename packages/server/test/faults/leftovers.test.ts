import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';

import { cleanUp } from '../platform/platform-process.ts';
import { openFaultPlatform, type FaultPlatform } from './fault-platform.ts';
import { hostProcesses, stateOf, tracesOf, type Traces } from './leftovers.ts';

afterAll(cleanUp);

const actions = '/api/v1/namespaces/_/actions';
const root = process.getuid?.() === 0;
/** Containers that no call uses must not come and go while they are counted. */
const still = ['--set', 'containerPool.prewarm=false', '--set', 'containerProxy.timeouts.idleContainer=300'];

const countsOf = ({ processes, cgroups, files, mounts }: Traces) => ({
  processes: processes.length,
  cgroups: new Set(cgroups).size,
  files: files.length,
  mounts: mounts.length,
});

/** The same count three times in a row: nothing is under way any more. */
async function settled<T>(look: () => T): Promise<T> {
  let last = JSON.stringify(look());
  for (let same = 0; same < 3;) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    const now = JSON.stringify(look());
    same = now === last ? same + 1 : 0;
    last = now;
  }
  return JSON.parse(last) as T;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function createInvokeDelete(platform: FaultPlatform, name: string): Promise<void> {
  await platform.create(name, `function main() { console.log('${name}'); return { name: '${name}' }; }`, {
    limits: { memory: 128 },
  });
  const { status, body } = await platform.invoke(name);
  expect(status).toBe(200);
  expect(body).toMatchObject({ response: { result: { name } } });
  expect((await platform.call(`DELETE ${actions}/${name}`)).status).toBe(200);
}

const descriptors = (platform: FaultPlatform) => readdirSync(`/proc/${platform.process.pid}/fd`).length;

describe.skipIf(!root)('what is left behind (needs root, who sees all processes)', () => {
  it('200 actions that were created, invoked and deleted leave no process, cgroup, socket, FIFO or mount', async () => {
    const platform = await openFaultPlatform({ args: still });
    const { dataDir } = platform.process;
    await createInvokeDelete(platform, 'first');
    await until(() => tracesOf(dataDir).processes.length === 0);
    const before = await settled(() => countsOf(tracesOf(dataDir)));
    const descriptorsBefore = descriptors(platform);
    expect(before).toMatchObject({ processes: 0, cgroups: 0, mounts: 0 });
    for (let n = 0; n < 200; n += 4) {
      await Promise.all([0, 1, 2, 3].map((k) => createInvokeDelete(platform, `action${n + k}`)));
    }
    await until(() => tracesOf(dataDir).processes.length === 0);
    const { files, ...others } = await settled(() => countsOf(tracesOf(dataDir)));
    expect(others).toEqual({ processes: 0, cgroups: 0, mounts: 0 });
    // A stock of FIFOs is made ahead and used up.
    expect(files).toBeLessThanOrEqual(before.files + 8);
    // Connections of this test and of idle threads may come and go; two hundred containers would show.
    expect(descriptors(platform)).toBeLessThan(descriptorsBefore + 20);
    expect(await platform.process.stop()).toEqual({ code: 0, signal: null });
    expect(stateOf(dataDir)).toEqual([]);
    expect(hostProcesses(dataDir)).toEqual([]);
  }, 300_000);

  it('kill -9 of the platform ends its sandboxes; the next start and end leave nothing', async () => {
    const platform = await openFaultPlatform();
    const { dataDir } = platform.process;
    await platform.create('sleeper', 'function main() { return new Promise(() => {}); }');
    await platform.start('sleeper');
    await until(() => tracesOf(dataDir).processes.length > 0);
    await platform.process.kill();
    await until(() => tracesOf(dataDir).processes.length === 0 && hostProcesses(dataDir).length === 0);
    const again = await openFaultPlatform({ dataDir });
    expect((await again.run('function main() { return { fine: true }; }')).response.success).toBe(true);
    expect(await again.process.stop()).toEqual({ code: 0, signal: null });
    expect(stateOf(dataDir)).toEqual([]);
    expect(tracesOf(dataDir)).toEqual({ processes: [], cgroups: [], files: [], mounts: [] });
  });

  it('kill -9 of the platform and its spawner leaves nothing that the next start does not remove', async () => {
    const platform = await openFaultPlatform();
    const { dataDir } = platform.process;
    await platform.create('sleeper', 'function main() { return new Promise(() => {}); }');
    await platform.start('sleeper');
    await until(() => tracesOf(dataDir).processes.length > 0);
    const helpers = hostProcesses(dataDir).filter((pid) => pid !== platform.process.pid);
    const left = tracesOf(dataDir);
    process.kill(platform.process.pid, 'SIGKILL');
    for (const pid of helpers) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended with the platform.
      }
    }
    await platform.process.exited;
    expect(stateOf(dataDir)).not.toEqual([]);
    const again = await openFaultPlatform({ dataDir, args: still });
    await until(() => tracesOf(dataDir).processes.every((pid) => !left.processes.includes(pid)));
    const now = await settled(() => tracesOf(dataDir));
    expect(now.cgroups.filter((name) => left.cgroups.includes(name))).toEqual([]);
    expect(now.mounts).toEqual([]);
    await again.process.stop();
    expect(tracesOf(dataDir)).toEqual({ processes: [], cgroups: [], files: [], mounts: [] });
    expect(stateOf(dataDir)).toEqual([]);
  });
});
