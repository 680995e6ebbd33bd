import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import Database from 'libsql';

import type { Clock } from '../../base/clock.ts';
import { DataDirectoryError } from './data-directory-error.ts';

async function describeOwner(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trim() === '' ? 'another process' : text.trim();
}

/**
 * Makes sure that one process at a time uses a data directory. The lock is the kernel's (fcntl, which the embedded
 * database takes on the file for us): it ends with the process, however that ends, and no child inherits it.
 *
 * Such a lock would also end if this process closed the file anywhere else; so nothing else opens it, and who holds
 * it is told by a file of its own, which decides nothing.
 */
export class DirectoryLock {
  readonly #database: Database.Database;

  private constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Throws {@link DataDirectoryError} when another process holds the lock. */
  static async take(directory: string, clock: Clock): Promise<DirectoryLock> {
    const ownerFile = join(directory, 'lock.owner');
    const database = new Database(join(directory, 'lock'));
    try {
      database.exec('BEGIN EXCLUSIVE');
    } catch (cause) {
      database.close();
      if ((cause as { code?: string }).code !== 'SQLITE_BUSY') throw cause;
      throw new DataDirectoryError('DATA_DIRECTORY_IN_USE', {
        what: `The data directory ${directory} is in use by ${await describeOwner(ownerFile)}.`,
        mend: 'Stop that platform first, or give this one a directory of its own with --data-dir.',
        cause,
      });
    }
    const since = new Date(clock.now()).toISOString();
    await writeFile(ownerFile, `process ${process.pid} on ${hostname()}, since ${since}\n`, { mode: 0o600 });
    return new DirectoryLock(database);
  }

  release(): void {
    this.#database.close();
  }
}
