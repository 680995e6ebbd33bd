import { mkdir, open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { systemRandom, type RandomSource } from '../base/random.ts';
import { ConsensusImage } from './consensus-image.ts';
import type { ConsensusStorage, StorageChange, StoredConsensus } from './consensus-storage.ts';
import { DirectoryLock } from './directory-lock.ts';
import { DIRECTORY_MODE, FILE_MODE, replaceFile, writeAll, type OpenFile } from './durable-file.ts';
import { encodeRecord } from './journal-record.ts';
import { newMemberId } from './new-id.ts';
import { readStored, type JournalHeader } from './read-stored.ts';
import { StorageError } from './storage-error.ts';

const FILE_NAME = 'consensus.journal';
const ENTRIES_PER_RECORD = 100;
/** Terms and votes alone make a journal grow, too, if slowly. */
const REWRITE_ABOVE_BYTES = 16 * 1024 * 1024;

export interface FileStorageOptions {
  /** Of the cluster: a directory belongs to one. */
  readonly name: string;
  /** For the id of a new member; default: the machine's. */
  readonly random?: RandomSource;
  /** For tests of a failing disk. */
  readonly openFile?: OpenFile;
}

interface Pending {
  readonly change: StorageChange;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * What an instance must not forget, in a directory of the local disk: a journal that a snapshot replaces.
 *
 *     const storage = await FileStorage.open('/var/lib/my-framework/cluster', { name: 'my-framework' });
 *
 * A change is on the disk when its `write` resolves; those that come while one is on its way share the next sync. After
 * anything has failed nobody knows what the disk holds, so that all later writes fail, too, until it is opened anew.
 *
 * What a crash has left half-written at the end is cut off. So would be a last record that the disk itself has damaged:
 * nothing tells them apart.
 */
export class FileStorage implements ConsensusStorage {
  readonly #path: string;
  readonly #lock: DirectoryLock;
  readonly #openFile: OpenFile;
  readonly #image: ConsensusImage;
  readonly #header: JournalHeader;
  #generation: number;
  #file: FileHandle;
  #bytes: number;
  #rewriteAboveBytes = REWRITE_ABOVE_BYTES;
  #pending: Pending[] = [];
  #writing: Promise<void> | undefined;
  #refusal: StorageError | undefined;
  #closing: Promise<void> | undefined;

  private constructor(lock: DirectoryLock, path: string, opened: OpenedJournal) {
    this.#path = path;
    this.#lock = lock;
    this.#openFile = opened.openFile;
    this.#image = opened.image;
    this.#header = opened.header;
    this.#generation = opened.generation;
    this.#file = opened.file;
    this.#bytes = opened.bytes;
  }

  /** Creates the directory (mode 0700) when it is missing. Throws {@link StorageError}. */
  static async open(directory: string, options: FileStorageOptions): Promise<FileStorage> {
    await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE }).catch((cause: unknown) => {
      throw failed(
        `The directory ${directory} can't be created`,
        cause,
        'Give the path of a directory that the user of this instance may create, or has: a file is none.',
      );
    });
    const lock = await DirectoryLock.take(directory).catch((cause: unknown) => {
      throw cause instanceof StorageError ? cause : failed(`${directory} can't be locked`, cause);
    });
    try {
      const path = join(directory, FILE_NAME);
      return new FileStorage(lock, path, await openJournal(path, options));
    } catch (cause) {
      await lock.release();
      throw cause instanceof StorageError ? cause : failed(`${directory} can't be read`, cause);
    }
  }

  async load(): Promise<StoredConsensus> {
    if (this.#refusal) throw this.#refusal;
    this.#generation += 1;
    const generation = this.#generation;
    await this.write({});
    return this.#image.stored({ id: this.#header.id, generation });
  }

  write(change: StorageChange): Promise<void> {
    if (this.#refusal) return Promise.reject(this.#refusal);
    return new Promise((resolve, reject) => {
      this.#pending.push({ change, resolve, reject });
      this.#writing ??= this.#writePending();
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#refusal ??= closed(this.#path);
    await this.#writing;
    await this.#file.close();
    await this.#lock.release();
  }

  async #writePending(): Promise<void> {
    // Changes of the same turn of the event loop share a record and a sync.
    await Promise.resolve();
    while (this.#pending.length > 0) await this.#writeGroup(this.#pending.splice(0));
    this.#writing = undefined;
  }

  async #writeGroup(group: readonly Pending[]): Promise<void> {
    try {
      if (this.#refusal && this.#refusal.code !== 'STORAGE_CLOSED') throw this.#refusal;
      for (const { change } of group) this.#image.apply(change);
      const changes = group.map(({ change }) => change);
      const hasSnapshot = changes.some(({ snapshot }) => snapshot !== undefined);
      if (hasSnapshot || this.#bytes > this.#rewriteAboveBytes) await this.#rewrite();
      else await this.#append(encodeRecord({ generation: this.#generation, changes }));
    } catch (cause) {
      this.#refusal =
        cause instanceof StorageError && cause.code !== 'STORAGE_CLOSED'
          ? cause
          : failed(`The disk failed to keep ${this.#path}`, cause);
      for (const { reject } of group) reject(this.#refusal);
      return;
    }
    for (const { resolve } of group) resolve();
  }

  async #append(record: Buffer): Promise<void> {
    await writeAll(this.#file, record, this.#bytes);
    await this.#file.datasync();
    this.#bytes += record.length;
  }

  async #rewrite(): Promise<void> {
    const pieces = recordsOf(this.#header, this.#generation, this.#image);
    const { file, bytes } = await replaceFile(this.#path, pieces, this.#openFile);
    const old = this.#file;
    this.#file = file;
    this.#bytes = bytes;
    this.#rewriteAboveBytes = REWRITE_ABOVE_BYTES + 2 * bytes;
    await old.close();
  }
}

interface OpenedJournal {
  readonly openFile: OpenFile;
  readonly image: ConsensusImage;
  readonly header: JournalHeader;
  readonly generation: number;
  readonly file: FileHandle;
  readonly bytes: number;
}

async function openJournal(path: string, options: FileStorageOptions): Promise<OpenedJournal> {
  const { name, random = systemRandom, openFile = open } = options;
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (bytes === undefined) {
    const header = { format: 1, name, id: newMemberId(random) };
    const image = new ConsensusImage();
    const written = await replaceFile(path, recordsOf(header, 0, image), openFile);
    return { openFile, image, header, generation: 0, ...written };
  }
  const { goodBytes, ...stored } = readStored(bytes, { path, name });
  const file = await openFile(path, 'r+', FILE_MODE);
  try {
    if (goodBytes < bytes.length) {
      await file.truncate(goodBytes);
      await file.datasync();
    }
    return { openFile, ...stored, file, bytes: goodBytes };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function* recordsOf(header: JournalHeader, generation: number, image: ConsensusImage): Generator<Buffer> {
  yield encodeRecord(header);
  for (const change of image.changes(ENTRIES_PER_RECORD))
    yield encodeRecord({ generation, changes: [change] });
}

function closed(path: string): StorageError {
  return new StorageError('STORAGE_CLOSED', { what: `${path} is closed.`, mend: 'Open it anew.' });
}

function failed(
  what: string,
  cause: unknown,
  mend = 'Look after the disk (space, permissions, errors of the device), then start the instance again.',
): StorageError {
  return new StorageError('STORAGE_FAILED', { what: `${what}: ${(cause as Error).message}.`, mend, cause });
}
