import { mkdir, open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { leanRecord } from '../tasks/lean-record.ts';
import { DirectoryLock } from './directory-lock.ts';
import type { FrameworkState, StateChange, StoredState } from './framework-state.ts';
import { encodeLine, headerLine, JournalReader } from './journal.ts';
import { FrameworkStateError } from './state-error.ts';
import { StoredTasks } from './stored-tasks.ts';

/** Only the owner: environments of tasks may hold secrets. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
/** Changes in one line, and records in one line of a snapshot: bounds what is turned into JSON at a time. */
const PER_LINE = 1000;
const PER_SNAPSHOT_LINE = 50;
const READ_BYTES = 256 * 1024;
const COMPACT_ABOVE_BYTES = 1024 * 1024;

export interface FileStateOptions {
  /**
   * Bytes of changes after which they are replaced by a snapshot, provided they are more than twice the snapshot.
   * Default 1 MiB.
   */
  readonly compactAboveBytes?: number;
  /** How files are opened, for tests of a failing disk. */
  readonly openFile?: (path: string, flags: string, mode: number) => Promise<FileHandle>;
}

interface Pending {
  readonly change: StateChange;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * The state in a directory of the local disk: a journal of changes that begins with a snapshot.
 *
 *     const state = await FileFrameworkState.open('/var/lib/my-framework');
 *
 * A change is on the disk when its `write` resolves; changes that come while one is on its way share the next sync. A
 * crash loses nothing that was acknowledged. A failed write is taken back; after a failed sync or cut nobody knows
 * what the disk holds, so nothing is taken any more until the directory is opened again.
 */
export class FileFrameworkState implements FrameworkState {
  readonly #directory: string;
  readonly #lock: DirectoryLock;
  readonly #openFile: NonNullable<FileStateOptions['openFile']>;
  readonly #compactAboveBytes: number;
  readonly #stored = new StoredTasks();
  #file!: FileHandle;
  #generation = 0;
  #bytes = 0;
  #snapshotBytes = 0;
  #pending: Pending[] = [];
  #writing: Promise<void> | undefined;
  #refusal: FrameworkStateError | undefined;
  #closing: Promise<void> | undefined;

  private constructor(directory: string, lock: DirectoryLock, options: FileStateOptions) {
    this.#directory = directory;
    this.#lock = lock;
    this.#openFile = options.openFile ?? open;
    this.#compactAboveBytes = options.compactAboveBytes ?? COMPACT_ABOVE_BYTES;
  }

  /** Creates the directory (mode 0700) when it is missing. Throws {@link FrameworkStateError}. */
  static async open(directory: string, options: FileStateOptions = {}): Promise<FileFrameworkState> {
    await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE }).catch((cause: unknown) => {
      throw unusable(`The directory ${directory} can't be created`, cause);
    });
    const lock = await DirectoryLock.take(directory).catch((cause: unknown) => {
      throw cause instanceof FrameworkStateError ? cause : unusable(`${directory} can't be locked`, cause);
    });
    const state = new FileFrameworkState(directory, lock, options);
    try {
      await state.#read();
    } catch (cause) {
      await state.#file?.close();
      await lock.release();
      throw cause instanceof FrameworkStateError ? cause : unusable(`${directory} can't be read`, cause);
    }
    return state;
  }

  async load(): Promise<StoredState> {
    if (this.#refusal) throw this.#refusal;
    await this.#writing;
    return this.#stored.snapshot();
  }

  write(change: StateChange): Promise<void> {
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
    this.#refusal ??= new FrameworkStateError('STATE_CLOSED', `The state in ${this.#directory} is closed.`);
    await this.#writing;
    await this.#file.close();
    await this.#lock.release();
  }

  async #read(): Promise<void> {
    const generations = await this.#generations();
    this.#generation = Math.max(0, ...generations);
    if (this.#generation === 0) return this.#compact();
    const path = this.#path(this.#generation);
    this.#file = await this.#openFile(path, 'r+', FILE_MODE);
    const { goodBytes, allBytes, puts } = await this.#readJournal(path);
    if (goodBytes < allBytes) await this.#file.truncate(goodBytes);
    this.#bytes = goodBytes;
    // What a snapshot would have, about: without, the first change would rewrite a journal that is hardly more.
    this.#snapshotBytes = puts === 0 ? goodBytes : Math.floor((goodBytes * this.#stored.size) / puts);
    for (const old of generations) {
      if (old < this.#generation) await unlink(this.#path(old));
    }
  }

  /** `puts`: how many records it holds, with those that others have replaced. */
  async #readJournal(path: string): Promise<{ goodBytes: number; allBytes: number; puts: number }> {
    const reader = new JournalReader(path);
    const buffer = Buffer.alloc(READ_BYTES);
    let allBytes = 0;
    let puts = 0;
    for (;;) {
      const { bytesRead } = await this.#file.read(buffer, 0, READ_BYTES, allBytes);
      if (bytesRead === 0) return { goodBytes: reader.end(), allBytes, puts };
      allBytes += bytesRead;
      for (const { put, ...change } of reader.push(buffer.subarray(0, bytesRead))) {
        puts += put?.length ?? 0;
        const lean = put?.map((record) => leanRecord(record, this.#stored.get(record.id)));
        this.#stored.apply({ ...change, ...(lean && { put: lean }) });
      }
    }
  }

  async #generations(): Promise<number[]> {
    const names = await readdir(this.#directory);
    return names.flatMap((name) => {
      const number = /^state-(\d+)\.jsonl$/.exec(name)?.[1];
      return number === undefined ? [] : [Number(number)];
    });
  }

  #path(generation: number): string {
    return join(this.#directory, `state-${generation}.jsonl`);
  }

  async #writePending(): Promise<void> {
    // Changes of the same turn of the event loop share a line and a sync.
    await Promise.resolve();
    while (this.#pending.length > 0) await this.#writeGroup(this.#pending.splice(0, PER_LINE));
    this.#writing = undefined;
  }

  async #writeGroup(group: readonly Pending[]): Promise<void> {
    try {
      if (this.#refusal && this.#refusal.code !== 'STATE_CLOSED') throw this.#refusal;
      await this.#append(encodeLine({ changes: group.map(({ change }) => change) }));
    } catch (error) {
      for (const { reject } of group) reject(error as Error);
      return;
    }
    for (const { change, resolve } of group) {
      this.#stored.apply(change);
      resolve();
    }
    const changed = this.#bytes - this.#snapshotBytes;
    if (changed > this.#compactAboveBytes && changed > 2 * this.#snapshotBytes) {
      // The changes are safe in the old journal; the next group tries again.
      await this.#compact().catch(() => {});
    }
  }

  async #append(line: string): Promise<void> {
    const bytes = Buffer.from(line);
    try {
      await writeAll(this.#file, bytes, this.#bytes);
    } catch (cause) {
      await this.#cutBack();
      throw unusable(`The state in ${this.#directory} could not be written`, cause);
    }
    await this.#file.datasync().catch((cause: unknown) => {
      throw this.#poison('The disk failed to keep the state', cause);
    });
    this.#bytes += bytes.length;
  }

  async #cutBack(): Promise<void> {
    await this.#file.truncate(this.#bytes).catch((cause: unknown) => {
      this.#poison('A half-written change could not be taken back', cause);
    });
  }

  #poison(what: string, cause: unknown): FrameworkStateError {
    this.#refusal = unusable(
      `${what} in ${this.#directory}; nothing is taken any more until the program is started again`,
      cause,
    );
    return this.#refusal;
  }

  /** Writes what is now known as the beginning of a new journal, which then replaces the old one. */
  async #compact(): Promise<void> {
    const next = this.#generation + 1;
    const temporary = `${this.#path(next)}.tmp`;
    const file = await this.#openFile(temporary, 'w', FILE_MODE);
    let bytes = 0;
    try {
      for (const line of snapshotLines(this.#stored)) {
        const encoded = Buffer.from(line);
        await writeAll(file, encoded, bytes);
        bytes += encoded.length;
      }
      await file.sync();
      await rename(temporary, this.#path(next));
    } catch (error) {
      await file.close();
      await unlink(temporary).catch(() => {});
      throw error;
    }
    // From here on the next opening reads the new journal, so nothing may go to the old one.
    this.#bytes = this.#snapshotBytes = bytes;
    await this.#switchTo(file, next);
  }

  async #switchTo(file: FileHandle, generation: number): Promise<void> {
    const old = { file: this.#file as FileHandle | undefined, generation: this.#generation };
    this.#file = file;
    this.#generation = generation;
    await old.file?.close();
    await syncDirectory(this.#directory).catch((cause: unknown) => {
      throw this.#poison('The disk failed to keep the state', cause);
    });
    // Should it stay behind, the next opening removes it.
    if (old.generation > 0) await unlink(this.#path(old.generation)).catch(() => {});
  }
}

function* snapshotLines(stored: StoredTasks): Generator<string> {
  yield headerLine;
  if (stored.frameworkId !== undefined) yield encodeLine({ changes: [{ frameworkId: stored.frameworkId }] });
  const tasks = [...stored.tasks];
  for (let from = 0; from < tasks.length; from += PER_SNAPSHOT_LINE) {
    yield encodeLine({ changes: [{ put: tasks.slice(from, from + PER_SNAPSHOT_LINE) }] });
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    if (bytesWritten === 0) throw new Error('the disk took nothing');
    done += bytesWritten;
  }
}

/** Makes a rename durable. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unusable(what: string, cause: unknown): FrameworkStateError {
  return new FrameworkStateError('STATE_UNUSABLE', `${what}: ${(cause as Error).message}`, { cause });
}
