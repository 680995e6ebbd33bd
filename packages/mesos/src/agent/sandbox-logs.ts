import { systemClock, type Clock } from '../base/clock.ts';
import type { HttpAsker } from './http-asker.ts';
import { startOffset, type LogStart } from './log-start.ts';
import { pause } from './pause.ts';
import { SandboxError } from './sandbox-error.ts';
import { pageBytes, SandboxFile, type SandboxPage } from './sandbox-file.ts';
import type { SandboxPlace } from './sandbox-path.ts';
import { cutCharacter, restOfCharacter } from './utf8-edges.ts';

export interface LogRequest {
  /** A path in the sandbox; default `stdout`. */
  readonly file?: string;
  /** Default: the file's beginning. */
  readonly from?: LogStart;
  /** Goes on when the end is reached, until the task has ended (`ended`) and nothing is left. Default false. */
  readonly follow?: boolean;
  /** Fires when the task has ended; what it wrote before is still read. */
  readonly ended?: AbortSignal;
  /** Ends the reading at once, without an error; the asker's `close()` ends what follows, too. */
  readonly signal?: AbortSignal;
}

/** A piece of a file: whole characters, as long as it is UTF-8. */
export interface LogPage {
  readonly text: string;
  readonly bytes: Uint8Array;
  /** Where it begins, in bytes. */
  readonly offset: number;
  /** Where to go on (`from: { offset }`) after this page. */
  readonly nextOffset: number;
  /** The file became shorter than what was read of it (it was rotated), and is read from its beginning again. */
  readonly restarted: boolean;
}

export interface SandboxLogsOptions {
  readonly clock?: Clock;
  /** The first wait for more; doubled up to the longest. Default 250. */
  readonly firstPollMs?: number;
  /** Default 2,000. */
  readonly longestPollMs?: number;
  /** How long an agent that can't be reached is tried again while a file is followed. Default 60,000. */
  readonly unreachableMs?: number;
}

/** What a server writes for bytes that are no UTF-8, if it doesn't write them as they are. */
const REPLACEMENT = '\ufffd';

/** What one try to read has brought. */
type Attempt =
  | { readonly kind: 'page'; readonly page: SandboxPage }
  | { readonly kind: 'missing' | 'unreachable'; readonly error: SandboxError };

/** How far a reading is. */
interface Progress {
  readonly file: SandboxFile;
  offset: number;
  /** Undefined: not known until the file is there. */
  start: LogStart | undefined;
  /** The next page may begin within a character, whose rest is left out. */
  beginsAnywhere: boolean;
  isSeen: boolean;
  restarted: boolean;
  waitMs: number;
  unreachableSinceMs: number | undefined;
}

/**
 * Reads what tasks have written, through their agents: no access to their machines is needed.
 *
 *     const logs = new SandboxLogs(asker);
 *     for await (const page of logs.read(place, { follow: true, ended: task.ended })) process.stdout.write(page.text);
 *
 * Throws {@link SandboxError}. While it follows, it waits for a file that isn't there yet, and for an agent that
 * restarts.
 */
export class SandboxLogs {
  readonly #http: HttpAsker;
  readonly #clock: Clock;
  readonly #options: Required<Omit<SandboxLogsOptions, 'clock'>>;

  constructor(http: HttpAsker, options: SandboxLogsOptions = {}) {
    const { clock = systemClock, firstPollMs = 250, longestPollMs = 2_000, unreachableMs = 60_000 } = options;
    this.#http = http;
    this.#clock = clock;
    this.#options = { firstPollMs, longestPollMs, unreachableMs };
  }

  /** A file's length now, in bytes. */
  size(place: SandboxPlace, file = 'stdout'): Promise<number> {
    return new SandboxFile(this.#http, place, file).size();
  }

  /** A file from some place to its end as it is now, or followed until its task has ended. */
  async *read(place: SandboxPlace, request: LogRequest = {}): AsyncGenerator<LogPage, void, undefined> {
    const { file = 'stdout', from = { offset: 0 }, follow = false, signal } = request;
    const progress: Progress = {
      file: new SandboxFile(this.#http, place, file),
      offset: 0,
      start: from,
      beginsAnywhere: 'lastBytes' in from,
      isSeen: false,
      restarted: false,
      waitMs: this.#options.firstPollMs,
      unreachableSinceMs: undefined,
    };
    try {
      yield* follow ? this.#follow(progress, request) : this.#readToEnd(progress, signal);
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  }

  async *#readToEnd(
    progress: Progress,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<LogPage, void, undefined> {
    const { file, start = { offset: 0 } } = progress;
    let first: SandboxPage | undefined;
    if ('offset' in start) {
      progress.offset = Math.max(0, start.offset);
      // Who reads a file again and again finds little new in it: one question tells that, too.
      first = await file.page(progress.offset, pageBytes, signal);
      if (first.bytes.length === 0) return;
      // Where a server has replaced bytes, only the size tells where the page ends.
      if (first.bytes.includes(REPLACEMENT)) first = undefined;
      else if (first.bytes.length < pageBytes) return yield this.#pageOf(progress, first, true);
    }
    const size = await file.size(signal);
    progress.offset = await startOffset(file, size, start);
    while (progress.offset < size) {
      const wanted = Math.min(pageBytes, size - progress.offset);
      const page = first ?? (await file.page(progress.offset, wanted, signal));
      first = undefined;
      if (page.bytes.length === 0) return;
      const isLast = page.nextOffset >= size || page.bytes.length < wanted;
      yield this.#pageOf(progress, page, isLast);
      // Less than was asked for is the end, whatever size was told.
      if (isLast) return;
    }
  }

  async *#follow(progress: Progress, request: LogRequest): AsyncGenerator<LogPage, void, undefined> {
    const { ended, signal } = request;
    const { closed } = this.#http;
    while (!signal?.aborted && !closed.aborted) {
      // Asked before the file is: all that was written before the end is in what is read now.
      const isOver = ended?.aborted === true;
      const attempt = await this.#attempt(progress, signal);
      if (attempt.kind === 'page' && hasWhole(attempt.page.bytes, isOver)) {
        progress.waitMs = this.#options.firstPollMs;
        yield this.#pageOf(progress, attempt.page, isOver && attempt.page.bytes.length < pageBytes);
        continue;
      }
      if (attempt.kind === 'page' && (await this.#wasCut(progress, signal))) continue;
      if (this.#isExhausted(attempt, progress, isOver)) return;
      await pause(this.#clock, progress.waitMs, signal, closed, isOver ? undefined : ended);
      progress.waitMs = Math.min(progress.waitMs * 2, this.#options.longestPollMs);
    }
  }

  /** Nothing new came: is that all, or (throws) a failure, or (false) a reason to wait? */
  #isExhausted(attempt: Attempt, progress: Progress, isOver: boolean): boolean {
    if (attempt.kind === 'page') return isOver;
    if (attempt.kind === 'missing') {
      if (isOver && !progress.isSeen) throw attempt.error;
      return isOver;
    }
    const nowMs = this.#clock.monotonicMs();
    progress.unreachableSinceMs ??= nowMs;
    if (nowMs - progress.unreachableSinceMs >= this.#options.unreachableMs) throw attempt.error;
    return false;
  }

  async #attempt(progress: Progress, signal: AbortSignal | undefined): Promise<Attempt> {
    const { file } = progress;
    try {
      if (progress.start) {
        progress.offset = await startOffset(file, await file.size(signal), progress.start);
        progress.start = undefined;
      }
      const page = await file.page(progress.offset, pageBytes, signal);
      progress.isSeen = true;
      progress.unreachableSinceMs = undefined;
      return { kind: 'page', page };
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error;
      if (error.code === 'SANDBOX_UNREACHABLE') return { kind: 'unreachable', error };
      if (error.code !== 'SANDBOX_NOT_FOUND') throw error;
      progress.unreachableSinceMs = undefined;
      return { kind: 'missing', error };
    }
  }

  /** Beyond the end an agent answers as it does at the end; only the size tells that a file was rotated away. */
  async #wasCut(progress: Progress, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      if ((await progress.file.size(signal)) >= progress.offset) return false;
    } catch (error) {
      if (error instanceof SandboxError) return false;
      throw error;
    }
    progress.offset = 0;
    progress.beginsAnywhere = false;
    progress.restarted = true;
    return true;
  }

  /** What of a page can be told now; the beginning of a character at its end is read again with its rest. */
  #pageOf(progress: Progress, { bytes, nextOffset }: SandboxPage, isLast: boolean): LogPage {
    // A server that replaces bytes makes a page longer than what it stands for: it can't be cut anywhere.
    const isExact = nextOffset - progress.offset === bytes.length;
    const begin = progress.beginsAnywhere ? restOfCharacter(bytes) : 0;
    const kept = isLast || !isExact ? 0 : cutCharacter(bytes);
    const told = bytes.subarray(begin, Math.max(begin, bytes.length - kept));
    const page: LogPage = {
      text: told.toString(),
      bytes: told,
      offset: progress.offset + begin,
      nextOffset: isExact ? progress.offset + begin + told.length : nextOffset,
      restarted: progress.restarted,
    };
    progress.offset = page.nextOffset;
    progress.beginsAnywhere = false;
    progress.restarted = false;
    return page;
  }
}

/** Is there a whole character to tell, or at the end of all anything? */
function hasWhole(bytes: Buffer, isOver: boolean): boolean {
  return isOver ? bytes.length > 0 : bytes.length > cutCharacter(bytes);
}
