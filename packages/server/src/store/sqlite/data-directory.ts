import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { SecretKeyError, type Keyring } from '../crypto/keyring.ts';
import { loadKeyring } from '../crypto/load-keyring.ts';
import { DataDirectoryError } from './data-directory-error.ts';
import { ensureFormat, writeFormat, type DataFormat } from './data-format.ts';
import { DirectoryLock } from './directory-lock.ts';

/** What a data directory needs to be opened. */
export interface DataDirectoryDeps {
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly secrets: { readonly keyFile?: string | undefined; readonly keyCommand?: string | undefined };
}

function whyUnusable(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'EEXIST') return 'it is a file';
  return code === 'ENOTDIR' ? 'a part of its path is a file' : message;
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
  } catch (cause) {
    throw new DataDirectoryError('DATA_DIRECTORY_UNUSABLE', {
      what: `The data directory ${path} can't be used: ${whyUnusable(cause)}.`,
      mend: 'Make it a directory that the user who runs the platform may write, or name another with --data-dir.',
      cause,
    });
  }
}

function checkKeys(format: DataFormat, keyring: Keyring, path: string): void {
  const missing = format.keyIds.find((id) => !keyring.keys.some((key) => key.id === id));
  if (missing === undefined) return;
  throw new SecretKeyError(
    `The data in ${path} are sealed with the master key ${missing}, which is not among the ${keyring.keys.length} given.`,
    `Put that key back, after the first line: ${join(path, 'secret.key')}, or what secrets.keyFile or secrets.keyCommand names.`,
  );
}

/** A locked directory of a known format with its master keys. */
export class DataDirectory {
  readonly path: string;
  readonly #deps: DataDirectoryDeps;
  readonly #lock: DirectoryLock;
  #format: DataFormat;
  #keyring: Keyring;

  private constructor(deps: DataDirectoryDeps, lock: DirectoryLock, found: [DataFormat, Keyring]) {
    this.path = deps.path;
    this.#deps = deps;
    this.#lock = lock;
    [this.#format, this.#keyring] = found;
  }

  /** Throws {@link DataDirectoryError} or {@link SecretKeyError}; leaves nothing locked then. */
  static async open(deps: DataDirectoryDeps): Promise<DataDirectory> {
    const { path } = deps;
    await makeDirectory(path);
    const lock = await DirectoryLock.take(path, deps.clock);
    try {
      const format = await ensureFormat(path);
      const keyring = await DataDirectory.#readKeys(deps);
      checkKeys(format, keyring, path);
      const directory = new DataDirectory(deps, lock, [format, keyring]);
      await directory.#noteKeys([...format.keyIds, keyring.primary.id]);
      return directory;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get keyring(): Keyring {
    return this.#keyring;
  }

  /** Something may still be sealed with another key than the first. */
  get hasOldKeys(): boolean {
    return this.#format.keyIds.some((id) => id !== this.#keyring.primary.id);
  }

  /** Reads the keys again, for a rotation while the platform runs. */
  async reloadKeys(): Promise<Keyring> {
    const keyring = await DataDirectory.#readKeys(this.#deps);
    checkKeys(this.#format, keyring, this.path);
    await this.#noteKeys([...this.#format.keyIds, keyring.primary.id]);
    this.#keyring = keyring;
    return keyring;
  }

  /** Notes that everything is sealed with the first key now, so that the others may be removed. */
  async retireOldKeys(): Promise<void> {
    await this.#noteKeys([this.#keyring.primary.id]);
  }

  close(): void {
    this.#lock.release();
  }

  async #noteKeys(ids: readonly string[]): Promise<void> {
    const keyIds = [...new Set(ids)];
    if (keyIds.join() === this.#format.keyIds.join()) return;
    const format = { ...this.#format, keyIds };
    await writeFormat(this.path, format);
    this.#format = format;
  }

  static #readKeys({ path, secrets, logger }: DataDirectoryDeps): Promise<Keyring> {
    return loadKeyring({ ownFile: join(path, 'secret.key'), ...secrets }, logger);
  }
}
