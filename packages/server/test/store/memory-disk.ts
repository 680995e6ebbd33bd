import type { JournalFile, JournalFiles } from '../../src/store/sqlite/journal/journal-files.ts';

export type DiskCall = 'create' | 'write' | 'inline' | 'datasync' | 'truncate';

/** What goes wrong: an error at once, or (a write only) after so many bytes, or a write that takes only those. */
export interface Fault {
  readonly error?: NodeJS.ErrnoException;
  readonly afterBytes?: number;
}

/** An error as the system gives it. */
export function diskError(code: 'ENOSPC' | 'EIO'): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

class MemoryFile implements JournalFile {
  readonly #disk: MemoryDisk;
  bytes = Buffer.alloc(0);
  /** What the disk has for certain. */
  syncedLength = 0;
  closed = false;

  constructor(disk: MemoryDisk) {
    this.#disk = disk;
  }

  async write(bytes: Buffer, position: number): Promise<number> {
    const copy = Buffer.from(bytes);
    return this.#put(copy, position, await this.#disk.reach('write'));
  }

  writeInline(bytes: Buffer, position: number): number {
    return this.#put(bytes, position, this.#disk.take('inline'));
  }

  #put(copy: Buffer, position: number, fault: Fault | undefined): number {
    const count = fault ? (fault.afterBytes ?? 0) : copy.length;
    const end = position + count;
    if (end > this.bytes.length)
      this.bytes = Buffer.concat([this.bytes, Buffer.alloc(end - this.bytes.length)]);
    copy.copy(this.bytes, position, 0, count);
    if (fault?.error) throw fault.error;
    return count;
  }

  async datasync(): Promise<void> {
    const length = this.bytes.length;
    const fault = await this.#disk.reach('datasync');
    if (fault?.error) throw fault.error;
    this.syncedLength = length;
  }

  async truncate(length: number): Promise<void> {
    const fault = await this.#disk.reach('truncate');
    if (fault?.error) throw fault.error;
    this.bytes = this.bytes.subarray(0, length);
  }

  async close(): Promise<void> {
    if (this.closed) throw new Error('closed twice');
    this.closed = true;
  }
}

/** The journal's disk in memory, which fails as a test says, and shows what would be left of it. */
export class MemoryDisk implements JournalFiles {
  readonly files = new Map<string, MemoryFile>();
  readonly history: DiskCall[] = [];
  readonly #faults: { call: DiskCall; fault: Fault }[] = [];

  /** The next call of that name goes wrong. */
  fail(call: DiskCall, fault: Fault): void {
    this.#faults.push({ call, fault });
  }

  async create(_directory: string, name: string): Promise<JournalFile> {
    const fault = await this.reach('create');
    if (fault?.error) throw fault.error;
    if (this.files.has(name)) throw new Error(`${name} exists`);
    const file = new MemoryFile(this);
    this.files.set(name, file);
    return file;
  }

  /** Notes a call and takes the fault that waits for it; every call ends in a later turn, as a real one does. */
  async reach(call: DiskCall): Promise<Fault | undefined> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.take(call);
  }

  /** The same for a call that ends at once. */
  take(call: DiskCall): Fault | undefined {
    this.history.push(call);
    const index = this.#faults.findIndex((planned) => planned.call === call);
    return index === -1 ? undefined : this.#faults.splice(index, 1)[0]?.fault;
  }

  /** The bytes of all files, in the order of their names. */
  get bytes(): Buffer {
    return Buffer.concat(
      [...this.files].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file.bytes),
    );
  }
}
