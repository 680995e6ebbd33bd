import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { silentLogger } from '../../base/logger.ts';
import { generateKeyLine, SecretKeyError } from './keyring.ts';
import { loadKeyring } from './load-keyring.ts';

describe('the master key', () => {
  let directory: string;
  let ownFile: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vibrissa-key-'));
    ownFile = join(directory, 'secret.key');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('is made at the first start, for its owner only, and found at the second', async () => {
    const first = await loadKeyring({ ownFile }, silentLogger);
    expect((await stat(ownFile)).mode & 0o777).toBe(0o600);
    expect(first.primary.secret).toHaveLength(32);
    expect(await loadKeyring({ ownFile }, silentLogger)).toEqual(first);
  });

  it('is refused when others can read it', async () => {
    await loadKeyring({ ownFile }, silentLogger);
    await chmod(ownFile, 0o644);
    await expect(loadKeyring({ ownFile }, silentLogger)).rejects.toThrow(/chmod 600/);
  });

  it('comes from a file or a command that the operator names', async () => {
    const keyFile = join(directory, 'operators.key');
    await writeFile(keyFile, `# rotated in May\n${generateKeyLine()}${generateKeyLine()}`, { mode: 0o600 });
    const fromFile = await loadKeyring({ ownFile, keyFile }, silentLogger);
    expect(fromFile.keys).toHaveLength(2);
    const fromCommand = await loadKeyring({ ownFile, keyCommand: `cat ${keyFile}` }, silentLogger);
    expect(fromCommand).toEqual(fromFile);
    await expect(stat(ownFile)).rejects.toThrow('ENOENT');
  });

  it("warns when others can read the operator's file", async () => {
    const keyFile = join(directory, 'operators.key');
    await writeFile(keyFile, generateKeyLine(), { mode: 0o644 });
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (_fields: object, message: string) => warnings.push(message) };
    await loadKeyring({ ownFile, keyFile }, logger);
    expect(warnings).toHaveLength(1);
  });

  it('may be written in hexadecimal', async () => {
    await writeFile(ownFile, `${'ab'.repeat(32)}\n`, { mode: 0o600 });
    expect((await loadKeyring({ ownFile }, silentLogger)).primary.secret).toEqual(Buffer.alloc(32, 0xab));
  });

  it('is refused when it is missing, short or unreadable, with a way to mend it', async () => {
    const keyFile = join(directory, 'operators.key');
    await expect(loadKeyring({ ownFile, keyFile }, silentLogger)).rejects.toThrow(SecretKeyError);
    for (const text of ['', '# nothing\n', 'c2hvcnQ=\n', `${generateKeyLine()}junk\n`]) {
      await writeFile(keyFile, text, { mode: 0o600 });
      await expect(loadKeyring({ ownFile, keyFile }, silentLogger)).rejects.toThrow(/openssl rand/);
    }
  });

  it("does not repeat the operator's command when it fails", async () => {
    const failure = loadKeyring(
      { ownFile, keyCommand: 'echo "no such vault" >&2; : hunter2; exit 7' },
      silentLogger,
    );
    await expect(failure).rejects.toThrow(/\(7\): no such vault/);
    await expect(failure).rejects.not.toThrow(/hunter2/);
    expect(await readFile(ownFile).catch(() => 'nothing was made')).toBe('nothing was made');
  });
});
