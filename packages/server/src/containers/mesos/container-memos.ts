import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import type { ContainerMemo } from '../container.ts';

const OWNER_ONLY = 0o600;
const fileName = 'memos.jsonl';
/** Lines of containers that are no more are left out of a new file when there are so many, and more than of others. */
const MANY_LINES = 4096;

interface Pending {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function isMemo(value: unknown): value is ContainerMemo {
  if (typeof value !== 'object' || value === null) return false;
  const { key, action, capacity } = value as { readonly [Name in keyof ContainerMemo]?: unknown };
  return typeof key === 'string' && typeof action === 'string' && typeof capacity === 'number';
}

/** A line that a crash, or a full disk, has cut short ends where the next one begins. */
function lineOf(taskId: string, memo: ContainerMemo): string {
  return `\n${JSON.stringify({ taskId, memo })}`;
}

function entryIn(line: string): readonly (readonly [string, ContainerMemo])[] {
  try {
    const { taskId, memo } = JSON.parse(line) as { readonly taskId?: unknown; readonly memo?: unknown };
    return typeof taskId === 'string' && isMemo(memo) ? [[taskId, memo]] : [];
  } catch {
    return [];
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

async function sync(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * What containers have become, a line for each in one file: those that come while others are being synced are synced
 * together, so that a burst of cold starts waits for a few syncs and not for one after the other.
 */
export class ContainerMemos {
  readonly #directory: string;
  readonly #memos: Map<string, ContainerMemo>;
  /** Undefined until something is written: who only reads leaves the file as it is. */
  #file: FileHandle | undefined;
  #lines = 0;
  #pending: Pending[] = [];
  #writing: Promise<void> | undefined;

  private constructor(directory: string, memos: Map<string, ContainerMemo>) {
    this.#directory = directory;
    this.#memos = memos;
  }

  static async open(directory: string): Promise<ContainerMemos> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const lines = (await textOf(join(directory, fileName))).split('\n');
    return new ContainerMemos(directory, new Map(lines.flatMap(entryIn)));
  }

  /** Durable when it resolves. */
  write(taskId: string, memo: ContainerMemo): Promise<void> {
    this.#memos.set(taskId, memo);
    return new Promise((resolve, reject) => {
      this.#pending.push({ line: lineOf(taskId, memo), resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Undefined: there is none, or it can't be understood. */
  read(taskId: string): ContainerMemo | undefined {
    return this.#memos.get(taskId);
  }

  /** Its line stays for now. Ids are never used again, so that it does no harm. */
  forget(taskId: string): void {
    this.#memos.delete(taskId);
  }

  /** Removes those of tasks that are no more. */
  async keepOnly(taskIds: ReadonlySet<string>): Promise<void> {
    for (const taskId of this.#memos.keys()) if (!taskIds.has(taskId)) this.#memos.delete(taskId);
    const others = (await readdir(this.#directory)).filter((name) => name !== fileName);
    await Promise.all(others.map((name) => rm(join(this.#directory, name), { force: true })));
    while (this.#writing) await this.#writing.catch(() => {});
    await (this.#writing = this.#renew().finally(() => this.#goOn()));
  }

  async close(): Promise<void> {
    while (this.#writing) await this.#writing.catch(() => {});
    await this.#letGo();
  }

  async #writeAll(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      try {
        await this.#writeBatch(batch.map(({ line }) => line));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = undefined;
  }

  #goOn(): void {
    this.#writing = this.#pending.length > 0 ? this.#writeAll() : undefined;
  }

  async #writeBatch(lines: readonly string[]): Promise<void> {
    // What is to be written is among the memos already.
    if (!this.#file || this.#lines > Math.max(MANY_LINES, 2 * this.#memos.size)) return this.#renew();
    try {
      await this.#file.appendFile(lines.join(''));
      await this.#file.datasync();
      this.#lines += lines.length;
    } catch (error) {
      // Nobody knows what of it is on the disk: the next ones get a new file.
      await this.#letGo();
      throw error;
    }
  }

  async #letGo(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** Writes a file anew with what there is; the former one stands until that is on the disk. */
  async #renew(): Promise<void> {
    await this.#letGo();
    const path = join(this.#directory, fileName);
    const lines = [...this.#memos].map(([taskId, memo]) => lineOf(taskId, memo));
    const file = await open(`${path}.new`, 'w', OWNER_ONLY);
    try {
      await file.appendFile(lines.join(''));
      await file.sync();
      await rename(`${path}.new`, path);
      await sync(this.#directory);
    } catch (error) {
      await file.close();
      throw error;
    }
    this.#file = file;
    this.#lines = lines.length;
  }
}
