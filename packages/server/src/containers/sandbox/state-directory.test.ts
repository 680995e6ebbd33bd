import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStateDirectory, removeStateDirectory, stateDirectoryCandidates } from './state-directory.ts';

describe("the directory of a platform's sandboxes", () => {
  it('is the same for each life on a data directory, and another for another', () => {
    const one = mkdtempSync(join(tmpdir(), 'vibrissa-state-'));
    const two = mkdtempSync(join(tmpdir(), 'vibrissa-state-'));
    const [first, again, other] = [openStateDirectory(one), openStateDirectory(one), openStateDirectory(two)];
    expect(again.path).toBe(first.path);
    expect(again.baseName).toBe(first.baseName);
    expect(other.path).not.toBe(first.path);
    for (const { sockets } of [first, other]) expect(statSync(sockets).mode & 0o777).toBe(0o700);
    for (const directory of [first, other]) removeStateDirectory(directory);
    for (const path of [one, two]) rmSync(path, { recursive: true });
    expect(existsSync(first.path)).toBe(false);
  });

  it('lies where the users of sandboxes can walk to, as root', () => {
    expect(stateDirectoryCandidates('/root/data', 0, {})[0]).toMatch(/^\/run\/vibrissa-/);
  });

  it("keeps socket paths within the kernel's 107 bytes, however long the data directory's is", () => {
    const long = `/home/${'x'.repeat(100)}/data`;
    for (const path of stateDirectoryCandidates(long, 1000, { XDG_RUNTIME_DIR: '/run/user/1000' })) {
      expect(`${path}/s/${'n'.repeat(32)}.sock`.length).toBeLessThanOrEqual(107);
      expect(path).not.toContain('xxx');
    }
    expect(stateDirectoryCandidates('/home/me/data', 1000, {})[0]).toBe('/home/me/data/run');
  });
});
