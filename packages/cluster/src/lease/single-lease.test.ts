import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { systemClock } from '../base/clock.ts';
import { leaderLeaseContract } from './lease.contract.ts';
import { SingleLease } from './single-lease.ts';

const directories: string[] = [];

async function freshFile(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'single-lease-'));
  directories.push(directory);
  return join(directory, 'epoch');
}

afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

describe('the lease of one instance alone', () => {
  leaderLeaseContract(async () => {
    const lease = await SingleLease.open({ epochFile: await freshFile() });
    const closed = { is: false };
    const close = lease.close.bind(lease);
    lease.close = () => {
      closed.is = true;
      return close();
    };
    const letAcquire = async () => {
      if (closed.is) return;
      let events = 0;
      const stop = lease.watch(() => (events += 1));
      // Each epoch is on the disk before it is held, and a disk may be busy.
      await vi.waitFor(() => expect(events).toBeGreaterThan(0), { timeout: 20_000 });
      stop();
    };
    return { lease, nowMs: () => systemClock.monotonicMs(), letAcquire };
  });
});

test('each start is a new epoch', async () => {
  const epochFile = await freshFile();
  for (const epoch of [1, 2, 3]) {
    const lease = await SingleLease.open({ epochFile });
    expect(lease.current?.epoch).toBe(epoch);
    expect(await readFile(epochFile, 'utf8')).toBe(`${epoch}\n`);
    await lease.close();
  }
});

test('a second instance with the same file is kept out until the first one has ended', async () => {
  const epochFile = await freshFile();
  const first = await SingleLease.open({ epochFile });
  await expect(SingleLease.open({ epochFile })).rejects.toMatchObject({ code: 'STORAGE_IN_USE' });
  await first.close();
  const second = await SingleLease.open({ epochFile });
  expect(second.current?.epoch).toBe(2);
  await second.close();
});

test('a file that holds something else is refused, because an epoch could come twice', async () => {
  const epochFile = await freshFile();
  await writeFile(epochFile, 'seven');
  await expect(SingleLease.open({ epochFile })).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
});
