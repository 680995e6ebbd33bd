import { writeSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import type { ContainerMemo } from '../container.ts';

const OWNER_ONLY = 0o600;
const fileName = 'memos.jsonl';
/** The file's first line: without it nobody knows what else is missing. */
const HEADER = '{"file":"memos","version":1}';
/** Lines of containers that are no more are left out of a new file when there are so many, and more than of others. */
const MANY_LINES = 4096;

interface Pending {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** `unknown`: it may have been given to an action, and nobody can say which. */
type Became = ContainerMemo | 'unknown';

function isMemo(value: unknown): value is ContainerMemo {
  if (typeof value !== 'object' || value === null) return false;
  const { key, action, capacity } = value as { readonly [Name in keyof ContainerMemo]?: unknown };
  return typeof key === 'string' && typeof action === 'string' && typeof capacity === 'number';
}

/** A line that a crash, or a full disk, has cut short ends where the next one begins. */
function lineOf(taskId: string, became: Became): string {
  return `\n${JSON.stringify({ taskId, memo: became === 'unknown' ? null : became })}`;
}

function entryIn(line: string): readonly [string, Became] | undefined {
  try {
    const { taskId, memo } = JSON.parse(line) as { readonly taskId?: unknown; readonly memo?: unknown };
    if (typeof taskId !== 'string') return undefined;
    if (memo === null) return [taskId, 'unknown'];
    return isMemo(memo) ? [taskId, memo] : undefined;
  } catch {
    return undefined;
  }
}

interface Content {
  readonly memos: Map<string, Became>;
  /** Why memos may be missing. */
  readonly doubt: string | undefined;
}

function contentOf(text: string): Content {
  const lines = text.split('\n').filter((line) => line !== '');
  const entries = lines.filter((line) => line !== HEADER).map(entryIn);
  const memos = new Map(entries.filter((entry) => entry !== undefined));
  const unread = entries.filter((entry) => entry === undefined).length;
  if (lines[0] !== HEADER) return { memos, doubt: `${fileName} does not begin as it should` };
  return { memos, doubt: unread === 0 ? undefined : `${unread} lines of ${fileName} can't be read` };
}

async function readContent(path: string): Promise<Content> {
  try {
    return contentOf(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { memos: new Map(), doubt: `there is no ${fileName}` };
  }
}

/** Of a few lines: on the event loop that takes a tenth of the time for which it would wait for the thread pool. */
function append({ fd }: FileHandle, text: string): void {
  let left = Buffer.from(text);
  while (left.length > 0) left = left.subarray(writeSync(fd, left));
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
  readonly #memos: Map<string, Became>;
  #doubt: string | undefined;
  /** Undefined until something is written: who only reads leaves the file as it is. */
  #file: FileHandle | undefined;
  #lines = 0;
  #pending: Pending[] = [];
  #writing: Promise<void> | undefined;

  private constructor(directory: string, { doubt, memos }: Content) {
    this.#directory = directory;
    this.#doubt = doubt;
    this.#memos = memos;
  }

  static async open(directory: string): Promise<ContainerMemos> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return new ContainerMemos(directory, await readContent(join(directory, fileName)));
  }

  /** Why a container without a memo may have had one; undefined: it had none. Over with `keepOnly`. */
  get doubt(): string | undefined {
    return this.#doubt;
  }

  /** Durable when it resolves. */
  write(taskId: string, memo: ContainerMemo): Promise<void> {
    this.#memos.set(taskId, memo);
    return new Promise((resolve, reject) => {
      this.#pending.push({ line: lineOf(taskId, memo), resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Undefined: there is none, and has been none unless there is a {@link doubt}. */
  read(taskId: string): Became | undefined {
    return this.#memos.get(taskId);
  }

  /** Its line stays for now. Ids are never used again, so that it does no harm. */
  forget(taskId: string): void {
    this.#memos.delete(taskId);
  }

  /**
   * Removes those of tasks that are no more. Where memos may be missing, those that have none are `unknown` from now on,
   * in later lives as well: the new file would not tell that there was a doubt.
   */
  async keepOnly(taskIds: ReadonlySet<string>): Promise<void> {
    if (this.#doubt !== undefined)
      for (const taskId of taskIds) if (!this.#memos.has(taskId)) this.#memos.set(taskId, 'unknown');
    this.#doubt = undefined;
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
      append(this.#file, lines.join(''));
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
    // As long as memos may be missing, the file says so to the next life.
    const header = this.#doubt === undefined ? [HEADER] : [];
    const lines = [...header, ...[...this.#memos].map(([taskId, became]) => lineOf(taskId, became))];
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
