import { randomBytes } from 'node:crypto';
import { link, open, readdir, unlink, type FileHandle } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

import { StorageError } from './storage-error.ts';

/** A socket's path has room for 107 bytes on Linux, for 103 elsewhere. */
const LONGEST_SOCKET_PATH = 103;
const ATTEMPTS = 20;

/**
 * Keeps a second process out of a directory. The lock is a Unix socket that its holder listens on: the kernel closes
 * it with the process, however that ends, so a lock never outlives its holder; unlike a process id it means the same
 * in every container of the machine. Processes of different machines (NFS) are not kept apart.
 *
 * The holder has the highest number of `lock.1`, `lock.2`, …. A dead lock is not replaced but topped by the next
 * number, and `link` creates each number only once, so two that find a dead lock can't both get it. The last one stays
 * behind, so that numbers never start anew.
 */
export class DirectoryLock {
  readonly #server: Server;
  readonly #directory: FileHandle;

  private constructor(server: Server, directory: FileHandle) {
    this.#server = server;
    this.#directory = directory;
  }

  /** Throws {@link StorageError} `STORAGE_IN_USE`. */
  static async take(directory: string): Promise<DirectoryLock> {
    const handle = await open(directory, 'r');
    try {
      const base = socketBase(directory, handle);
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const server = await tryToTake(directory, base);
        if (server) return new DirectoryLock(server, handle);
      }
      throw unlockable(directory, 'too many processes try to.', 'Start one of them.');
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async release(): Promise<void> {
    await closeServer(this.#server);
    await this.#directory.close();
  }
}

/** Undefined: another process was quicker; look again. */
async function tryToTake(directory: string, base: string): Promise<Server | undefined> {
  const last = await highestLock(directory);
  if (last > 0 && (await isHeld(join(base, `lock.${last}`)))) {
    throw new StorageError('STORAGE_IN_USE', {
      what: `${directory} is in use by another process.`,
      mend: 'Each instance has a directory of its own: stop the other one, or give this one another directory.',
    });
  }
  const mine = last + 1;
  const server = await listenAs(directory, base, mine);
  if (!server) return undefined;
  // A slow taker may have created a number below one that was taken and cleared away meanwhile.
  if ((await highestLock(directory)) > mine) {
    await closeServer(server);
    await unlink(join(directory, `lock.${mine}`)).catch(ignoreMissing);
    return undefined;
  }
  for (const number of await lockNumbers(directory)) {
    if (number < mine) await unlink(join(directory, `lock.${number}`)).catch(ignoreMissing);
  }
  return server;
}

async function listenAs(directory: string, base: string, number: number): Promise<Server | undefined> {
  const temporary = `lock-${randomBytes(6).toString('hex')}`;
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(join(base, temporary), resolve);
  }).catch((cause: unknown) => {
    const why = `${(cause as Error).message}.`;
    throw unlockable(directory, why, 'It must lie on a local file system that knows sockets.');
  });
  server.unref();
  try {
    await link(join(directory, temporary), join(directory, `lock.${number}`));
  } catch (error) {
    await closeServer(server);
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  await unlink(join(directory, temporary));
  return server;
}

async function lockNumbers(directory: string): Promise<number[]> {
  const names = await readdir(directory);
  return names.flatMap((name) => {
    const number = /^lock\.(\d+)$/.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

async function highestLock(directory: string): Promise<number> {
  return Math.max(0, ...(await lockNumbers(directory)));
}

function isHeld(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else reject(error);
    });
  });
}

/** Linux reaches the directory by its descriptor, however long its path is. */
function socketBase(directory: string, handle: FileHandle): string {
  if (Buffer.byteLength(join(directory, 'lock-000000000000')) <= LONGEST_SOCKET_PATH) return directory;
  if (process.platform === 'linux') return `/proc/self/fd/${handle.fd}`;
  const most = LONGEST_SOCKET_PATH - 18;
  throw unlockable(directory, 'its path is too long.', `It may have ${most} bytes on this system.`);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

function unlockable(directory: string, why: string, mend: string): StorageError {
  return new StorageError('STORAGE_FAILED', { what: `${directory} can't be locked: ${why}`, mend });
}
