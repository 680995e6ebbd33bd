import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

const child = fileURLToPath(new URL('./full-disk-child.mjs', import.meta.url));
const dist = fileURLToPath(new URL('../../dist', import.meta.url));

/** A mount of its own needs a user namespace, which some machines refuse. */
const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp']).status === 0;

describe.skipIf(!canMount)('on a full disk (needs unshare -rm)', () => {
  it('nothing is acknowledged that is not kept, and everything goes on once there is room', () => {
    const run = spawnSync('unshare', ['-rm', process.execPath, child, dist], { encoding: 'utf8' });
    expect({ status: run.status, signal: run.signal, stderr: run.stderr }).toEqual({
      status: 0,
      signal: null,
      stderr: '',
    });
    const seen = JSON.parse(run.stdout) as {
      acknowledged: number;
      refusals: { [code: string]: number };
      put: string;
      healed: string;
      missing: string[];
      count: number;
      logged: string[];
    };
    expect(Object.keys(seen.refusals)).toEqual(['JOURNAL_UNAVAILABLE ENOSPC']);
    expect(seen.acknowledged).toBeGreaterThan(0);
    expect(seen.put).toBe('STORE_UNAVAILABLE');
    expect(seen.healed).toBe('none');
    expect(seen.missing).toEqual([]);
    expect(seen.count).toBe(seen.acknowledged + 1);
    expect(seen.logged.filter((line) => line === 'the journal can not be written')).toHaveLength(1);
    expect(seen.logged).toContain('the journal can be written again');
  }, 120_000);
});
