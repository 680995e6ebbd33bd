import type { LogPage, LogRequest } from '@vibrissa/mesos';

/** Reads a file of the task's sandbox, from some place to its end as it is now. */
export type ReadPages = (request: LogRequest) => AsyncIterable<LogPage>;

/** A call reads no more: what an action floods its output with keeps nobody else waiting. More than `logLimit.max`. */
const MAX_BYTES = 16 * 1024 * 1024;
/** So many bytes before the place where reading stopped tell whether it is still the same file. */
const TAIL_BYTES = 64;
const NEW_LINE = 10;
const LOST = 'Lines are missing here: Mesos has rotated them away before they were read.';

const nothing = Buffer.alloc(0);

/** Lines were written, and can't be had any more. A line at their place says so, too. */
class LinesLost extends Error {
  override readonly name = 'LinesLost';
}

function bufferOf({ bytes }: LogPage): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SANDBOX_NOT_FOUND';
}

/**
 * A file that grows, and that Mesos may rotate: then what was read of it continues in `NAME.1`, and `NAME` begins anew,
 * perhaps with more than was read before. That is seen by the bytes before the place where reading stopped.
 */
export class LogFile {
  readonly #name: string;
  readonly #pages: ReadPages;
  #offset = 0;
  /** What stands before the offset, as far as it was read. */
  #tail: Buffer = nothing;
  #leftBytes = MAX_BYTES;
  /** Of the reading that is under way. */
  #signal: AbortSignal | undefined;

  constructor(name: string, pages: ReadPages) {
    this.#name = name;
    this.#pages = pages;
  }

  /** What is there already is left out. Rejects when nobody says what that is. */
  async skipToEnd(): Promise<void> {
    for await (const page of this.#pages({ file: this.#name, from: { lastBytes: TAIL_BYTES } })) {
      this.#note(bufferOf(page), page.nextOffset);
    }
  }

  /**
   * Gives what is new, as far as one call goes. Rejects when the file can't be read, and when lines of it were lost;
   * the next call goes on from there.
   */
  async read(give: (bytes: Buffer) => void, signal?: AbortSignal): Promise<void> {
    this.#leftBytes = MAX_BYTES;
    this.#signal = signal;
    if (await this.#goOn(this.#name, give)) return;
    const isWhole = await this.#finishRotated(give);
    if (this.#isEnough) return;
    if (!isWhole) give(Buffer.from(`${this.#endsLine ? '' : '\n'}${LOST}\n`));
    this.#offset = 0;
    this.#tail = nothing;
    await this.#goOn(this.#name, give);
    if (!isWhole) throw new LinesLost(`${this.#name}: ${LOST}`);
  }

  get #endsLine(): boolean {
    return this.#tail.length === 0 || this.#tail.at(-1) === NEW_LINE;
  }

  /** Nothing more is read for now, whatever there is. */
  get #isEnough(): boolean {
    return this.#leftBytes <= 0 || this.#signal?.aborted === true;
  }

  /** False: it was rotated away, too, and nobody knows with how much. */
  async #finishRotated(give: (bytes: Buffer) => void): Promise<boolean> {
    try {
      return await this.#goOn(`${this.#name}.1`, give);
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** False: it is not the file of which the former bytes were read. */
  async #goOn(file: string, give: (bytes: Buffer) => void): Promise<boolean> {
    let known = this.#tail;
    const from = { offset: this.#offset - known.length };
    const signal = this.#signal;
    for await (const page of this.#pages({ file, from, ...(signal && { signal }) })) {
      if (this.#isEnough) return true;
      const bytes = bufferOf(page);
      if (!bytes.subarray(0, known.length).equals(known)) return false;
      const fresh = bytes.subarray(known.length);
      known = nothing;
      if (fresh.length === 0) continue;
      this.#note(fresh, page.nextOffset);
      give(fresh);
      this.#leftBytes -= fresh.length;
      if (this.#isEnough) return true;
    }
    return known.length === 0 || this.#isEnough;
  }

  #note(bytes: Buffer, nextOffset: number): void {
    const all = bytes.length < TAIL_BYTES ? Buffer.concat([this.#tail, bytes]) : bytes;
    // A copy: a page's memory is not kept for its last bytes.
    this.#tail = Buffer.from(all.subarray(-TAIL_BYTES));
    this.#offset = nextOffset;
  }
}
