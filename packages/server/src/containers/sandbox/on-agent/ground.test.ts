import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeAgentDirectory } from './agent-archive.ts';
import { readGround } from './ground.ts';
import { makeGround } from './make-ground.ts';

const uid = process.getuid?.() ?? 0;
const scratch = mkdtempSync(join(tmpdir(), 'vibrissa-ground-'));
const agentDirectory = join(scratch, 'agent-files/agent');
const wish = { agentDirectory, kind: 'blackbox', uid, ownUsers: false };

let parent: string;
let path: string;
beforeAll(() => void writeAgentDirectory(join(scratch, 'agent-files')));
beforeEach(() => {
  parent = mkdtempSync(join(scratch, 'parent-'));
  path = join(parent, 'ground');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('the ground of the sandboxes on an agent', () => {
  it('is made under its name, with nothing beside it, and found again', async () => {
    const made = await makeGround(wish, [path]);
    expect(made.path).toBe(path);
    expect(readdirSync(parent)).toEqual(['ground']);
    expect(readGround(path, uid)).toEqual(made);
    expect(existsSync(join(path, made.root, 'runtime/actionloop/runtime.js'))).toBe(true);
  });

  it('is made once by launchers that start together', async () => {
    const made = await Promise.all([1, 2, 3].map(() => makeGround(wish, [path])));
    expect(new Set(made.map((ground) => ground.path))).toEqual(new Set([path]));
    expect(readdirSync(parent)).toEqual(['ground']);
  });

  it('is made anew when a part of it was cleaned away', async () => {
    const { root } = await makeGround(wish, [path]);
    const file = join(path, root, 'runtime/shared/logs.js');
    rmSync(file);
    expect(readGround(path, uid)).toBeUndefined();
    await makeGround(wish, [path]);
    expect(existsSync(file)).toBe(true);
    expect(readdirSync(parent)).toEqual(['ground']);
  });

  it('can be read by the users of sandboxes, and changed by its owner alone, whatever the umask', async () => {
    const before = process.umask(0o077);
    try {
      await makeGround(wish, [path]);
    } finally {
      process.umask(before);
    }
    expect(statSync(path).mode & 0o777).toBe(0o711);
    expect(statSync(join(path, 'root')).mode & 0o777).toBe(0o755);
    expect(statSync(join(path, 'root/runtime/shared/logs.js')).mode & 0o777).toBe(0o644);
  });

  it('is not taken when others may write to it, or by a link', async () => {
    await makeGround(wish, [path]);
    chmodSync(path, 0o777);
    expect(readGround(path, uid)).toBeUndefined();
    chmodSync(path, 0o711);
    symlinkSync(path, join(parent, 'link'));
    expect(readGround(join(parent, 'link'), uid)).toBeUndefined();
    expect(readGround(path, uid)).toBeDefined();
  });

  it.runIf(uid === 0)('is not taken from somebody else', async () => {
    await makeGround(wish, [path]);
    chownSync(path, 12_345, 12_345);
    expect(readGround(path, uid)).toBeUndefined();
    expect(readGround(path, 12_345)).toBeDefined();
  });

  it('is made elsewhere when its first place cannot be written', async () => {
    const made = await makeGround(wish, [join(parent, 'missing/ground'), path]);
    expect(made.path).toBe(path);
  });

  it('says what each place lacks when there is none', async () => {
    await expect(makeGround(wish, [join(parent, 'missing/ground')])).rejects.toThrow(
      /^No directory for the root of sandboxes can be made on this agent: ENOENT/,
    );
  });

  it('is refused for users of their own that could not enter it', async () => {
    chmodSync(parent, 0o700);
    await expect(makeGround({ ...wish, ownUsers: true }, [path])).rejects.toThrow(
      "can't be entered by the users of sandboxes",
    );
    expect(readdirSync(parent)).toEqual([]);
  });

  it('says which kinds the agent has when it lacks the one', async () => {
    await expect(makeGround({ ...wish, kind: 'cobol:85' }, [path])).rejects.toThrow(
      /^The kind 'cobol:85' has no runtime on this agent \(there are: .*blackbox\)\.$/,
    );
  });
});
