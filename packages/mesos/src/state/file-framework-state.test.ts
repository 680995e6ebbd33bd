import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFile,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';

import { FileFrameworkState, type FileStateOptions } from './file-framework-state.ts';
import { frameworkStateContract, taskRecord } from './framework-state.contract.ts';
import { encodeLine, headerLine } from './journal.ts';

const directories: string[] = [];

async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'framework-state-'));
  directories.push(directory);
  return directory;
}

afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

async function journalsIn(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.startsWith('state-'));
}

/** A state that has stored the tasks a and b, and the path of its journal. */
async function storedDirectory(): Promise<{ directory: string; journal: string }> {
  const directory = await freshDirectory();
  const state = await FileFrameworkState.open(directory);
  await state.write({ frameworkId: 'fw', put: [taskRecord('a')] });
  await state.write({ put: [taskRecord('b')] });
  await state.close();
  return { directory, journal: join(directory, (await journalsIn(directory))[0]!) };
}

async function loadIds(directory: string): Promise<string[]> {
  const state = await FileFrameworkState.open(directory);
  const { tasks } = await state.load();
  await state.close();
  return tasks.map(({ id }) => id);
}

describe('a state in a directory', () => {
  const open = async () => {
    const directory = await freshDirectory();
    const state = await FileFrameworkState.open(directory);
    return { state, reopen: () => FileFrameworkState.open(directory) };
  };
  frameworkStateContract(open, { survivesClose: true });
});

describe('what a crash leaves', () => {
  test('a change that was cut off at any byte is forgotten, those before it are kept', async () => {
    const { directory, journal } = await storedDirectory();
    const whole = await readFile(journal);
    const lastLine = whole.lastIndexOf(10, whole.length - 2) + 1;
    for (let length = lastLine; length < whole.length; length += 7) {
      await writeFile(journal, whole.subarray(0, length));
      expect(await loadIds(directory)).toEqual(['a']);
    }
    await writeFile(journal, whole);
    expect(await loadIds(directory)).toEqual(['a', 'b']);
  });

  test('a tail of zeros is cut off, and what is written next follows the last good change', async () => {
    const { directory, journal } = await storedDirectory();
    await appendFile(journal, Buffer.alloc(5000));
    const state = await FileFrameworkState.open(directory);
    await state.write({ put: [taskRecord('c')] });
    await state.close();
    expect(await loadIds(directory)).toEqual(['a', 'b', 'c']);
  });

  test('a snapshot that was not finished is not read', async () => {
    const { directory } = await storedDirectory();
    await writeFile(join(directory, 'state-2.jsonl.tmp'), 'half');
    expect(await loadIds(directory)).toEqual(['a', 'b']);
  });

  test('an old journal that was not removed is removed', async () => {
    const { directory } = await storedDirectory();
    await writeFile(join(directory, 'state-2.jsonl'), headerLine + encodeLine({ changes: [] }));
    expect(await loadIds(directory)).toEqual([]);
    expect(await journalsIn(directory)).toEqual(['state-2.jsonl']);
  });
});

describe('what is refused', () => {
  test('a change that was damaged after it was written is an error, not a shorter state', async () => {
    const { directory, journal } = await storedDirectory();
    const bytes = await readFile(journal);
    bytes[bytes.indexOf('"id":"a"') + 6] = 0x7a;
    await writeFile(journal, bytes);
    await expect(FileFrameworkState.open(directory)).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  });

  test('an emptied journal is an error, because starting empty would lose tasks', async () => {
    const { directory, journal } = await storedDirectory();
    await truncate(journal, 0);
    await expect(FileFrameworkState.open(directory)).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  });

  test('a newer format is refused, with both numbers', async () => {
    const directory = await freshDirectory();
    await writeFile(join(directory, 'state-1.jsonl'), encodeLine({ format: 2 }));
    const error = await FileFrameworkState.open(directory).catch((error: unknown) => error as Error);
    expect(error).toMatchObject({ code: 'STATE_FORMAT' });
    expect((error as Error).message).toMatch(/format 2, this version reads format 1/);
  });

  test('a directory that is a file is refused with its name', async () => {
    const file = join(await freshDirectory(), 'file');
    await writeFile(file, '');
    const error = await FileFrameworkState.open(file).catch((error: unknown) => error as Error);
    expect(error).toMatchObject({ code: 'STATE_UNUSABLE' });
    expect((error as Error).message).toContain(file);
  });
});

describe('one process at a time', () => {
  test('a second opening is refused while the first one stands, and works after it', async () => {
    const directory = await freshDirectory();
    const first = await FileFrameworkState.open(directory);
    await expect(FileFrameworkState.open(directory)).rejects.toMatchObject({ code: 'STATE_IN_USE' });
    await first.close();
    await (await FileFrameworkState.open(directory)).close();
  });

  test('of many that open at once, one gets it', async () => {
    const directory = await freshDirectory();
    const opened = await Promise.allSettled(
      Array.from({ length: 12 }, () => FileFrameworkState.open(directory)),
    );
    const winners = opened.filter((result) => result.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    await winners[0]!.value.close();
  });

  test('a process that holds it keeps others out until it is killed, and leaves no lock behind', async () => {
    const directory = await freshDirectory();
    const program = `
      const { createServer } = require('node:net');
      const { linkSync } = require('node:fs');
      createServer((socket) => socket.destroy()).listen('socket', () => {
        linkSync('socket', 'lock.7');
        console.log('locked');
      });`;
    const holder = spawn(process.execPath, ['-e', program], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    await expect(FileFrameworkState.open(directory)).rejects.toMatchObject({ code: 'STATE_IN_USE' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await loadIds(directory)).toEqual([]);
    expect((await readdir(directory)).filter((name) => name.startsWith('lock.'))).toEqual(['lock.8']);
  });
});

test('only the owner can read it', async () => {
  const { journal } = await storedDirectory();
  expect((await stat(journal)).mode & 0o777).toBe(0o600);
});

test('a directory whose path is longer than a socket may have works', async () => {
  const directory = join(await freshDirectory(), 'd'.repeat(120));
  const state = await FileFrameworkState.open(directory);
  await expect(FileFrameworkState.open(directory)).rejects.toMatchObject({ code: 'STATE_IN_USE' });
  await state.close();
  expect(await loadIds(directory)).toEqual([]);
});

test('a journal that has grown is replaced by a snapshot, and nothing is lost', async () => {
  const directory = await freshDirectory();
  const state = await FileFrameworkState.open(directory, { compactAboveBytes: 2000 });
  for (let round = 0; round < 200; round++) {
    await state.write({ put: [taskRecord('task', { attempt: round })], remove: [`gone-${round}`] });
  }
  await state.write({ put: [taskRecord('last')] });
  await state.close();
  const [journal, ...others] = await journalsIn(directory);
  expect(others).toEqual([]);
  expect(journal).not.toBe('state-1.jsonl');
  expect((await stat(join(directory, journal!))).size).toBeLessThan(5000);
  const reopened = await FileFrameworkState.open(directory);
  expect((await reopened.load()).tasks).toEqual([taskRecord('task', { attempt: 199 }), taskRecord('last')]);
  await reopened.close();
});

describe('a failing disk', () => {
  /** Opens files whose next operation of a kind fails once. */
  function faultyDisk() {
    const fail = new Set<'write' | 'datasync' | 'truncate' | 'sync'>();
    const openFile: NonNullable<FileStateOptions['openFile']> = async (path, flags, mode) => {
      const file = await open(path, flags, mode);
      return new Proxy(file, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          if (typeof value !== 'function') return value;
          return (...given: unknown[]) => {
            if (!fail.delete(name as 'write')) return Reflect.apply(value, target, given) as unknown;
            return Promise.reject(new Error(`${String(name)}: EIO`));
          };
        },
      });
    };
    return { fail, openFile };
  }

  test('a failed write is told to its writers, and the next one succeeds', async () => {
    const directory = await freshDirectory();
    const { fail, openFile } = faultyDisk();
    const state = await FileFrameworkState.open(directory, { openFile });
    fail.add('write');
    await expect(state.write({ put: [taskRecord('a')] })).rejects.toMatchObject({ code: 'STATE_UNUSABLE' });
    await state.write({ put: [taskRecord('b')] });
    expect((await state.load()).tasks).toEqual([taskRecord('b')]);
    await state.close();
    expect(await loadIds(directory)).toEqual(['b']);
  });

  test.each(['datasync', 'truncate'] as const)(
    'after a failed %s nothing is taken any more',
    async (kind) => {
      const directory = await freshDirectory();
      const { fail, openFile } = faultyDisk();
      const state = await FileFrameworkState.open(directory, { openFile });
      fail.add(kind).add('write');
      if (kind === 'datasync') fail.delete('write');
      await expect(state.write({ put: [taskRecord('a')] })).rejects.toMatchObject({ code: 'STATE_UNUSABLE' });
      await expect(state.write({ put: [taskRecord('b')] })).rejects.toMatchObject({ code: 'STATE_UNUSABLE' });
      await state.close();
      await (await FileFrameworkState.open(directory)).close();
    },
  );

  test('a snapshot that can not be written leaves the journal in use', async () => {
    const directory = await freshDirectory();
    const { fail, openFile } = faultyDisk();
    const state = await FileFrameworkState.open(directory, { openFile, compactAboveBytes: 100 });
    fail.add('sync');
    for (const id of ['a', 'b', 'c', 'd']) await state.write({ put: [taskRecord(id)] });
    await state.close();
    expect(fail.size).toBe(0);
    expect(await loadIds(directory)).toEqual(['a', 'b', 'c', 'd']);
  });
});
