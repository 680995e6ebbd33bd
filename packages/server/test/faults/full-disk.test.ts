import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { cleanUp, temporaryDirectory } from '../platform/platform-process.ts';
import { openFaultPlatform } from './fault-platform.ts';

const directory = temporaryDirectory();
const disk = join(directory, 'disk');
mkdirSync(disk);
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', disk]).status === 0;

afterAll(async () => {
  // The platform ends before its disk goes; a mount that is busy is let go as soon as it isn't.
  if (isMounted) spawnSync('umount', ['--lazy', disk]);
  await cleanUp();
});

/** Takes all the room that is left, to the last byte that can be had. */
function fill(): void {
  const file = openSync(join(disk, 'ballast'), 'a');
  try {
    for (let bytes = 1 << 20; bytes >= 1; bytes >>= 1) {
      try {
        for (;;) if (writeSync(file, Buffer.alloc(bytes)) < bytes) break;
      } catch {
        // Not so much: half of it, then.
      }
    }
  } finally {
    closeSync(file);
  }
}

const collection = '/api/v1/namespaces/_';

describe.skipIf(!isMounted)('a full disk (needs root, to mount a small one)', () => {
  it('is answered with 503 and loses nothing; once there is room, everything goes on', async () => {
    const platform = await openFaultPlatform({ dataDir: join(disk, 'data') });
    const { call } = platform;
    await platform.create('echo', 'function main(args) { return { n: args.n }; }');
    const pad = 'x'.repeat(20_000);
    const accepted = new Map<string, number>();
    let n = 0;
    /** One call of each way; the statuses, and what was promised with them. */
    const tryBoth = async (): Promise<number[]> => {
      const left = await call(`POST ${collection}/actions/echo`, { n: ++n, pad });
      if (left.status === 202) accepted.set((left.body as { activationId: string }).activationId, n);
      const waited = await call(`POST ${collection}/actions/echo?blocking=true`, { n: ++n, pad });
      if (waited.status === 200) accepted.set((waited.body as { activationId: string }).activationId, n);
      // What may have no record is not promised one.
      expect([200, 503]).toContain(waited.status);
      return [left.status, waited.status];
    };
    expect(await tryBoth()).toEqual([202, 200]);

    fill();
    const seen = new Set<number>();
    for (let round = 0; round < 400 && !seen.has(503); round++) {
      for (const status of await tryBoth()) seen.add(status);
    }
    expect(seen).toContain(503);
    for (let round = 0; round < 5; round++) {
      for (const status of await tryBoth()) expect([200, 202, 503]).toContain(status);
    }
    const exec = { kind: 'nodejs:default', code: `//${pad}${pad}${pad}\nfunction main() {}` };
    expect((await call(`PUT ${collection}/actions/large`, { exec })).status).toBe(503);
    // What needs no room is served.
    expect((await call('GET /ping')).status).toBe(200);
    expect((await call(`GET ${collection}/actions/echo`)).status).toBe(200);
    expect((await call(`GET ${collection}/actions/large`)).status).toBe(404);

    rmSync(join(disk, 'ballast'));
    for (;;) {
      const statuses = await tryBoth();
      if (statuses[0] === 202 && statuses[1] === 200) break;
      for (const status of statuses) expect([200, 202, 503]).toContain(status);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await call(`PUT ${collection}/actions/large`, { exec })).status).toBe(200);
    for (const [id, sent] of accepted) {
      const { response } = await platform.record(id);
      expect(response.result).toEqual({ n: sent });
    }
    expect(await platform.process.stop()).toEqual({ code: 0, signal: null });
  });

  it('at the start ends it with a sentence, and the next start finds everything', async () => {
    const dataDir = join(disk, 'data');
    fill();
    const outcome = await openFaultPlatform({ dataDir }).then(
      (platform) => platform.process.stop().then(() => 'started'),
      (error: Error) => error.message,
    );
    // It may find that it needs no room; if it does, it says so.
    expect(outcome).toMatch(/^started$|no space|full|ENOSPC/i);
    rmSync(join(disk, 'ballast'));
    const again = await openFaultPlatform({ dataDir });
    const { response } = await again.runAgain('echo', { n: 1 });
    expect(response.result).toEqual({ n: 1 });
  });
});
