import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { cleanUp, runVibrissa, temporaryDirectory } from '../platform/platform-process.ts';
import { aSpec, openCluster, post, type Cluster } from './mesos-fixture.ts';

let cluster: Cluster;
let dataDir: string;
let disk: string;

function mount(directory: string): boolean {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const args = ['-t', 'tmpfs', '-o', 'size=512k,mode=700', 'tmpfs', directory];
  return spawnSync('mount', args).status === 0;
}

const probe = temporaryDirectory();
const canMount = mount(probe);
if (canMount) spawnSync('umount', ['--lazy', probe]);

/** Takes all the room that is left, to the last byte that can be had. */
function fill(): void {
  const file = openSync(join(disk, 'ballast'), 'a');
  for (let bytes = 1 << 16; bytes >= 1; bytes >>= 1) {
    try {
      for (;;) if (writeSync(file, Buffer.alloc(bytes)) < bytes) break;
    } catch {
      // Not so much: half of it, then.
    }
  }
  closeSync(file);
}

const makeRoom = () => rmSync(join(disk, 'ballast'));

beforeEach(async () => {
  cluster = await openCluster();
  dataDir = cluster.directory;
  disk = join(dataDir, 'mesos');
  mount(disk);
});

afterEach(async () => {
  spawnSync('umount', ['--lazy', disk]);
  await cluster.close();
  await cleanUp();
});

describe.skipIf(!canMount)('a full disk below the data directory (needs root, to mount a small one)', () => {
  test('launches nothing that is not written down; containers serve on, and all goes on when there is room', async () => {
    const factory = await cluster.openFactory();
    const tasks = () => factory.connection.scheduler.tasks().map(({ id }) => id);
    const container = await factory.create(aSpec());
    fill();
    await expect(factory.create(aSpec())).rejects.toThrow(/could not be stored: .*ENOSPC/);
    expect(tasks()).toEqual([container.id]);
    expect((await post(container, '/status', {})).status).toBe(200);
    makeRoom();
    const next = await factory.create(aSpec());
    expect(tasks()).toEqual([container.id, next.id]);
    await factory.close();
    const later = await cluster.openFactory();
    expect((await later.recover()).map((found) => found.container.id).toSorted()).toEqual(
      [container.id, next.id].toSorted(),
    );
    await later.close();
  });

  test('takes no container for what it may not have been written down to be', async () => {
    const factory = await cluster.openFactory();
    const container = await factory.create(aSpec());
    const memo = { key: 'guest/hello@0.0.1', action: 'guest/hello', capacity: 1 };
    fill();
    // What the last page of the file holds is there already.
    const outcomes = [];
    for (let n = 0; n < 100; n++)
      outcomes.push(await container.remember?.(memo).catch(({ code }: { code: string }) => code));
    expect(outcomes.at(-1)).toBe('ENOSPC');
    makeRoom();
    await container.remember?.(memo);
    await factory.close();
    const later = await cluster.openFactory();
    // It was never initialised, which is not what is written of it.
    expect(await later.recover()).toEqual([]);
    await later.close();
  });

  test('stops a start with a sentence that says what to do', async () => {
    const settings = ['--containers', 'mesos', '--mesos-master', cluster.simulator.url];
    fill();
    const { code, stderr } = await runVibrissa(['start', '--port', '0', '--data-dir', dataDir, ...settings]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/ENOSPC.*\n {2}mend: (?:Make room|Mend the disk)/);
    expect(stderr).not.toMatch(/a fault of Vibrissa/);
  });
});
