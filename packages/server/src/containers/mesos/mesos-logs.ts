import type { Clock } from '../../base/clock.ts';
import type { ContainerLogs, LogListener, LogStreamName } from '../container.ts';
import { LogFile, type ReadPages } from './log-file.ts';

/** From one fetch's beginning to the next one's, at least: calls in between share it. */
const PERIOD_MS = 10;
/** The same as a multiple of what the last fetch took: under load, fetching gives way to running. */
const PERIOD_FETCHES = 5;
const LONGEST_PERIOD_MS = 50;

export interface MesosLogsDeps {
  /** Rejects in the iteration when there is nobody to ask. */
  readonly pages: ReadPages;
  readonly clock: Clock;
  /** The runtime stamps its lines. */
  readonly stamped: boolean;
  /** A sentence for the user when the files can't be read: where they are. */
  readonly unreadable: string | undefined;
}

const streams: readonly LogStreamName[] = ['stdout', 'stderr'];

/** Reads a task's `stdout` and `stderr` through its agent, on demand. */
export class MesosLogs implements ContainerLogs {
  readonly stamped: boolean;
  readonly unreadable?: string;
  readonly #clock: Clock;
  readonly #files: readonly (readonly [LogStreamName, LogFile])[];
  #listener: LogListener | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #beganMs = -Infinity;
  #periodMs = PERIOD_MS;

  constructor({ clock, pages, stamped, unreadable }: MesosLogsDeps) {
    this.#clock = clock;
    this.#files = streams.map((stream) => [stream, new LogFile(stream, pages)]);
    this.stamped = stamped;
    if (unreadable !== undefined) this.unreadable = unreadable;
  }

  /** What is there already is nobody's: Mesos's own lines, or those of an earlier life. Rejects when nobody says how much. */
  async skipToEnd(): Promise<void> {
    await Promise.all(this.#files.map(([, file]) => file.skipToEnd()));
  }

  listen(listener: LogListener): void {
    this.#listener = listener;
  }

  catchUp(signal?: AbortSignal): Promise<void> {
    // Who waits already is next: nobody begins beside it.
    if (this.#next) return this.#next;
    if (!this.#running) return this.#begin(signal);
    // What runs may have asked for the end already, which has moved since.
    const begin = (): Promise<void> => this.#begin(signal);
    return (this.#next = this.#running.then(begin, begin));
  }

  #begin(signal: AbortSignal | undefined): Promise<void> {
    this.#next = undefined;
    return (this.#running = this.#fetchInTurn(signal));
  }

  async #fetchInTurn(signal: AbortSignal | undefined): Promise<void> {
    const waitMs = this.#beganMs + this.#periodMs - this.#clock.monotonicMs();
    if (waitMs > 0) await this.#clock.sleep(waitMs);
    this.#beganMs = this.#clock.monotonicMs();
    try {
      await this.#fetch(signal);
    } finally {
      const wantedMs = PERIOD_FETCHES * (this.#clock.monotonicMs() - this.#beganMs);
      this.#periodMs = Math.min(Math.max(PERIOD_MS, wantedMs), LONGEST_PERIOD_MS);
      this.#running = undefined;
    }
  }

  /** Over when both are, well or badly: nobody reads a file from where another is reading on. */
  async #fetch(signal: AbortSignal | undefined): Promise<void> {
    const listener = this.#listener;
    // Without a listener they stay where they are: it is given everything when there is one.
    if (!listener || signal?.aborted) return;
    const read = this.#files.map(([stream, file]) => file.read((bytes) => listener(stream, bytes), signal));
    const failed = (await Promise.allSettled(read)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason as Error;
  }
}
