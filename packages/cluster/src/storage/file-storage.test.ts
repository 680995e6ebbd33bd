import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFile,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { consensusStorageContract, entry, foundation, snapshotAt } from './consensus-storage.contract.ts';
import type { StorageChange, StoredConsensus } from './consensus-storage.ts';
import type { OpenFile } from './durable-file.ts';
import { FileStorage } from './file-storage.ts';
import { encodeRecord } from './journal-record.ts';

// Some open hundreds of journals, and each is synced to a disk that others may keep busy.
vi.setConfig({ testTimeout: 180_000 });

const directories: string[] = [];
const options = { name: 'test' };

async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'consensus-'));
  directories.push(directory);
  return directory;
}

afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

async function loadFrom(directory: string): Promise<StoredConsensus> {
  const storage = await FileStorage.open(directory, options);
  try {
    return await storage.load();
  } finally {
    await storage.close();
  }
}

function journalOf(directory: string): string {
  return join(directory, 'consensus.journal');
}

/** Writes the changes one after the other; `sizes`: of the journal when each was acknowledged. */
async function written(changes: readonly StorageChange[]) {
  const directory = await freshDirectory();
  const storage = await FileStorage.open(directory, options);
  const sizes = [(await stat(journalOf(directory))).size];
  for (const change of changes) {
    await storage.write(change);
    sizes.push((await stat(journalOf(directory))).size);
  }
  await storage.close();
  return { directory, journal: journalOf(directory), sizes };
}

describe('a storage in a directory', () => {
  consensusStorageContract(async () => {
    const directory = await freshDirectory();
    const storage = await FileStorage.open(directory, options);
    return { storage, reopen: () => FileStorage.open(directory, options) };
  });
});

describe('what a crash leaves', () => {
  test('cut off at any byte, all that was acknowledged before is there, and nothing of the rest', async () => {
    const changes: StorageChange[] = [
      { hardState: { term: 1, votedFor: 'a' } },
      { append: [entry(1), entry(2)] },
      { hardState: { term: 2 }, truncateAfter: 1, append: [entry(2, 2)] },
      { append: [entry(3, 2)] },
    ];
    const { journal, sizes } = await written(changes);
    const whole = await readFile(journal);
    const directory = await freshDirectory();
    for (let length = sizes[0]!; length <= whole.length; length++) {
      await writeFile(journalOf(directory), whole.subarray(0, length));
      const { hardState, entries } = await loadFrom(directory);
      const acknowledged = sizes.filter((size) => size <= length).length - 1;
      expect({
        length,
        term: hardState.term,
        log: entries.map(({ index, term }) => `${index}@${term}`),
      }).toEqual({
        length,
        term: [0, 1, 1, 2, 2][acknowledged],
        log: [[], [], ['1@1', '2@1'], ['1@1', '2@2'], ['1@1', '2@2', '3@2']][acknowledged],
      });
    }
  });

  test('a tail of zeros is cut off, and what is written next follows the last good change', async () => {
    const { directory, journal } = await written([{ append: [entry(1)] }]);
    await appendFile(journal, Buffer.alloc(5000));
    const storage = await FileStorage.open(directory, options);
    await storage.write({ append: [entry(2)] });
    await storage.close();
    expect((await loadFrom(directory)).entries).toEqual([entry(1), entry(2)]);
  });

  test('a journal that was being rewritten is not read', async () => {
    const { directory, journal } = await written([{ append: [entry(1)] }]);
    await writeFile(`${journal}.tmp`, 'half');
    expect((await loadFrom(directory)).entries).toEqual([entry(1)]);
  });

  test('a process that is killed while it writes has kept all that it had been told was kept', async () => {
    const directory = await freshDirectory();
    const program = `
      import { FileStorage } from '${new URL('../../dist/storage/file-storage.js', import.meta.url).href}';
      const storage = await FileStorage.open('${directory}', { name: 'test' });
      for (let index = 1; ; index++) {
        const snapshot = { index, term: 1, configuration: { voters: [], learners: [] }, state: index };
        await storage.write({ append: [{ kind: 'command', index, term: 1, command: index }] });
        if (index % 10 === 0) await storage.write({ snapshot });
        console.log(index);
      }`;
    const writer = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    writer.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > 2000) writer.kill('SIGKILL');
    });
    await once(writer, 'close');
    const told = Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1));
    const { entries, snapshot } = await loadFrom(directory);
    expect(told).toBeGreaterThan(100);
    expect(entries.at(-1)?.index ?? snapshot?.index).toBeGreaterThanOrEqual(told);
  });
});

describe('what is refused', () => {
  test('a change that was damaged after it was written is an error that says how to go on', async () => {
    const { directory, journal, sizes } = await written([{ append: [entry(1)] }, { append: [entry(2)] }]);
    const whole = await readFile(journal);
    for (let at = 0; at < sizes[1]!; at++) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 0xff;
      await writeFile(journal, bytes);
      await expect(loadFrom(directory)).rejects.toMatchObject({
        code: 'STORAGE_CORRUPT',
        message: expect.stringMatching(/Remove its directory.*new member/) as string,
      });
    }
  });

  test('an emptied journal is an error, because a vote would be forgotten', async () => {
    const { directory, journal } = await written([{ hardState: { term: 1, votedFor: 'a' } }]);
    await truncate(journal, 0);
    await expect(loadFrom(directory)).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
  });

  test('a directory of another cluster is refused, with both names', async () => {
    const { directory } = await written([{ foundation }]);
    const error = await FileStorage.open(directory, { ...options, name: 'other' }).catch(
      (e: unknown) => e as Error,
    );
    expect(error).toMatchObject({ code: 'OTHER_CLUSTER' });
    expect((error as Error).message).toMatch(/'test'.*'other'/);
    expect((await loadFrom(directory)).foundation).toEqual(foundation);
  });

  test('a newer format is refused, with both numbers', async () => {
    const directory = await freshDirectory();
    await writeFile(journalOf(directory), encodeRecord({ format: 2, name: 'test', id: 'a' }));
    await expect(loadFrom(directory)).rejects.toMatchObject({
      code: 'STORAGE_FORMAT',
      message: expect.stringMatching(/format 2, this version reads format 1/) as string,
    });
  });

  test('a directory that is a file is refused with its name', async () => {
    const file = join(await freshDirectory(), 'file');
    await writeFile(file, '');
    await expect(loadFrom(file)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining(file) as string,
    });
  });

  test('a second process is kept out until the first one ends, however it ends', async () => {
    const { directory } = await written([{ append: [entry(1)] }]);
    const first = await FileStorage.open(directory, options);
    await expect(FileStorage.open(directory, options)).rejects.toMatchObject({ code: 'STORAGE_IN_USE' });
    await first.close();
    expect((await loadFrom(directory)).entries).toEqual([entry(1)]);
  });
});

test('only the owner can read it', async () => {
  const parent = await freshDirectory();
  const directory = join(parent, 'data');
  await (await FileStorage.open(directory, options)).close();
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  expect((await stat(journalOf(directory))).mode & 0o777).toBe(0o600);
});

test('a file that waits at the place of the next journal is neither written through nor kept', async () => {
  const parent = await freshDirectory();
  const victim = join(parent, 'victim');
  await writeFile(victim, 'kept');
  const instance = join(parent, 'planted');
  await mkdir(instance, { mode: 0o755 });
  await symlink(victim, join(instance, 'consensus.journal.tmp'));
  const storage = await FileStorage.open(instance, options);
  await storage.load();
  await storage.close();
  expect(await readFile(victim, 'utf8')).toBe('kept');
  expect((await lstat(journalOf(instance))).isFile()).toBe(true);
});

test('a file where the directory should be is told, and what to give instead', async () => {
  const path = join(await freshDirectory(), 'file');
  await writeFile(path, 'kept');
  await expect(FileStorage.open(path, options)).rejects.toMatchObject({
    code: 'STORAGE_FAILED',
    what: expect.stringContaining(`The directory ${path} can't be created: EEXIST`),
    mend: expect.stringMatching(/^Give the path of a directory/),
  });
  expect(await readFile(path, 'utf8')).toBe('kept');
});

test('a snapshot makes the journal small again', async () => {
  const directory = await freshDirectory();
  const storage = await FileStorage.open(directory, options);
  for (let index = 1; index <= 50; index++)
    await storage.write({ append: [entry(index, 1, 'x'.repeat(1000))] });
  await storage.write({ snapshot: snapshotAt(50) });
  await storage.close();
  expect((await stat(journalOf(directory))).size).toBeLessThan(2000);
  expect(await readdir(directory)).toEqual(['consensus.journal', expect.stringMatching(/^lock\.\d+$/)]);
});

describe('a failing disk', () => {
  /** Opens files of which an operation fails once; counts syncs. */
  function faultyDisk() {
    const fail = new Set<string>();
    const counted = { datasync: 0 };
    const openFile: OpenFile = async (path, flags, mode) => {
      const file = await open(path, flags, mode);
      return new Proxy(file, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          // Small pieces are written by the descriptor: none is open at -1.
          if (name === 'fd' && fail.delete('write')) return -1;
          if (typeof value !== 'function') return value;
          return (...given: unknown[]) => {
            if (name === 'datasync') counted.datasync += 1;
            if (!fail.delete(String(name))) return Reflect.apply(value, target, given) as unknown;
            return Promise.reject(new Error(`${String(name)}: EIO`));
          };
        },
      });
    };
    return { fail, counted, openFile };
  }

  test.each(['write', 'datasync', 'sync'])(
    'after a failed %s nothing is taken any more, though the disk is well again',
    async (operation) => {
      const directory = await freshDirectory();
      const { fail, openFile } = faultyDisk();
      const storage = await FileStorage.open(directory, { ...options, openFile });
      await storage.write({ append: [entry(1)] });
      fail.add(operation);
      const change = operation === 'sync' ? { snapshot: snapshotAt(1) } : { append: [entry(2)] };
      await expect(storage.write(change)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
      await expect(storage.write({ append: [entry(2)] })).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
      await storage.close();
      expect((await loadFrom(directory)).entries[0]).toEqual(entry(1));
    },
  );

  test('writes that wait share a sync', async () => {
    const { counted, openFile } = faultyDisk();
    const storage = await FileStorage.open(await freshDirectory(), { ...options, openFile });
    await Promise.all(Array.from({ length: 100 }, (_, at) => storage.write({ append: [entry(at + 1)] })));
    expect(counted.datasync).toBe(1);
    await storage.close();
  });
});
