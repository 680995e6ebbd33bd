import fs from 'node:fs';
import { join } from 'node:path';

/**
 * The few things that the journal asks of a disk, so that a test can break each of them. Every method rejects with
 * the system's error (`ENOSPC`, `EIO`, …).
 */
export interface JournalFile {
  /** Writes at a position; may write less than all. Resolves with the number of bytes. */
  write(bytes: Buffer, position: number): Promise<number>;
  /** The same while the caller waits, for a disk whose writes end in memory; throws instead of rejecting. */
  writeInline?(bytes: Buffer, position: number): number;
  /** Resolves when everything written before the call is on the disk. */
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** See {@link JournalFile}. */
export interface JournalFiles {
  /** A new, empty file whose name survives a power cut; fails when there is one of that name. */
  create(directory: string, name: string): Promise<JournalFile>;
}

function settle(resolve: () => void, reject: (error: Error) => void) {
  return (error: Error | null) => (error ? reject(error) : resolve());
}

// The callback functions: fs.promises costs several times as much a call.
class NodeJournalFile implements JournalFile {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(bytes: Buffer, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.write(this.#fd, bytes, 0, bytes.length, position, (error, written) =>
        error ? reject(error) : resolve(written),
      );
    });
  }

  writeInline(bytes: Buffer, position: number): number {
    return fs.writeSync(this.#fd, bytes, 0, bytes.length, position);
  }

  datasync(): Promise<void> {
    return new Promise((resolve, reject) => fs.fdatasync(this.#fd, settle(resolve, reject)));
  }

  truncate(length: number): Promise<void> {
    return new Promise((resolve, reject) => fs.ftruncate(this.#fd, length, settle(resolve, reject)));
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => fs.close(this.#fd, settle(resolve, reject)));
  }
}

function openNew(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.open(path, 'wx', 0o600, (error, fd) => (error ? reject(error) : resolve(fd)));
  });
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await fs.promises.open(directory, 'r');
  await handle.sync().finally(() => handle.close());
}

/** The machine's own disk. */
export const nodeJournalFiles: JournalFiles = {
  async create(directory: string, name: string): Promise<JournalFile> {
    const path = join(directory, name);
    const file = new NodeJournalFile(await openNew(path));
    try {
      await syncDirectory(directory);
      return file;
    } catch (error) {
      // The name must be free for the next attempt.
      await file.close();
      await fs.promises.rm(path, { force: true });
      throw error;
    }
  },
};
