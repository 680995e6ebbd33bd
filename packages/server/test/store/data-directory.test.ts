import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { DataDirectoryError } from '../../src/store/sqlite/data-directory-error.ts';
import { CURRENT_FORMAT, ensureFormat } from '../../src/store/sqlite/data-format.ts';
import { openStores, temporaryDirectory } from './temporary-stores.ts';

const child = fileURLToPath(new URL('./journal-child.mjs', import.meta.url));
const dist = fileURLToPath(new URL('../../dist', import.meta.url));

describe('a data directory', () => {
  let dataDir: string;
  const holders: ChildProcess[] = [];
  beforeEach(async () => {
    dataDir = await temporaryDirectory();
  });
  afterEach(async () => {
    // It journals until it is killed, also when its test has failed.
    await Promise.all(holders.splice(0).map(killed));
    await rm(dataDir, { recursive: true });
  });

  const open = () => openStores(dataDir);
  /** A process of its own that holds the directory; resolves when it does. */
  const holder = async (): Promise<ChildProcess> => {
    const running = spawn(process.execPath, [child, dist, dataDir, '1'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    holders.push(running);
    let complaint = '';
    running.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    await new Promise<void>((resolve, reject) => {
      running.stdout.once('data', () => resolve());
      running.once('close', (code) => reject(new Error(`The holder ended with ${code}: ${complaint}`)));
    });
    return running;
  };
  const killed = async (running: ChildProcess) => {
    if (running.exitCode !== null || running.signalCode !== null) return;
    running.kill('SIGKILL');
    await new Promise((resolve) => running.once('exit', resolve));
  };

  it('is made for its owner only', async () => {
    const stores = await openStores(join(dataDir, 'new', 'one'));
    expect((await stat(join(dataDir, 'new', 'one'))).mode & 0o777).toBe(0o700);
    await stores.close();
  });

  it('serves one platform at a time; the second hears who has it and what to do', async () => {
    const running = await holder();
    await expect(open()).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_IN_USE',
      message: expect.stringMatching(`in use by process ${running.pid} on .* Stop that platform`),
      mend: expect.stringContaining('--data-dir'),
    });
    await killed(running);
  });

  it('is free as soon as its process was killed, whatever files it left', async () => {
    const running = await holder();
    await killed(running);
    const stores = await open();
    expect(await readFile(join(dataDir, 'lock.owner'), 'utf8')).toContain(`process ${process.pid} `);
    await stores.close();
  });

  it('serves one platform at a time within a process too, and the next after the first was closed', async () => {
    const first = await open();
    await expect(open()).rejects.toBeInstanceOf(DataDirectoryError);
    await expect(open()).rejects.toBeInstanceOf(DataDirectoryError);
    await first.close();
    const second = await open();
    await second.close();
  });

  it('of a newer version is refused, and left as it was', async () => {
    const text = `{"format":${CURRENT_FORMAT + 1},"keyIds":[]}\n`;
    await writeFile(join(dataDir, 'format.json'), text);
    await expect(open()).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_NEWER',
      mend: expect.stringContaining('newer version'),
    });
    expect(await readFile(join(dataDir, 'format.json'), 'utf8')).toBe(text);
    expect(await readdir(dataDir)).not.toContain('entities.db');
  });

  it('with a database of a newer version is refused, and may be opened by that version again', async () => {
    const stores = await open();
    await stores.close();
    const database = new Database(join(dataDir, 'activations.db'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(open()).rejects.toMatchObject({ code: 'DATA_DIRECTORY_NEWER' });
    await expect(open()).rejects.toMatchObject({ code: 'DATA_DIRECTORY_NEWER' });
  });

  it('whose database is damaged is refused with the name of the file', async () => {
    await writeFile(join(dataDir, 'entities.db'), 'this is no database '.repeat(100));
    await expect(open()).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_UNUSABLE',
      message: expect.stringContaining('entities.db'),
    });
  });

  it('whose description is damaged is refused', async () => {
    await writeFile(join(dataDir, 'format.json'), '{"for');
    await expect(open()).rejects.toMatchObject({ code: 'DATA_DIRECTORY_UNUSABLE' });
  });

  it('that is a file is refused with a way to mend it', async () => {
    await writeFile(join(dataDir, 'file'), '');
    await expect(openStores(join(dataDir, 'file'))).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_UNUSABLE',
      mend: expect.stringContaining('--data-dir'),
    });
  });

  it('of an older version is brought up to date step by step, each step noted when it is done', async () => {
    const path = join(dataDir, 'old');
    await mkdir(path);
    await writeFile(join(path, 'format.json'), '{"format":1,"keyIds":["k"]}');
    const steps: number[] = [];
    const upgrade = (from: number, fails = false) => ({
      from,
      apply: async () => {
        steps.push(from);
        if (fails) throw new Error('power cut');
      },
    });
    const broken = { format: 4, upgrades: [upgrade(1), upgrade(2), upgrade(3, true)] };
    await expect(ensureFormat(path, broken)).rejects.toThrow('power cut');
    const whole = { format: 4, upgrades: [upgrade(3), upgrade(2), upgrade(1)] };
    expect(await ensureFormat(path, whole)).toEqual({ format: 4, keyIds: ['k'] });
    expect(steps).toEqual([1, 2, 3, 3]);
  });
});
