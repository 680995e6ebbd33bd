import type { RunningTask } from '@vibrissa/mesos';

import type { Clock } from '../../base/clock.ts';
import type { ContainerLogs, LogListener, LogStreamName } from '../container.ts';

/** From one fetch's beginning to the next one's, at least: calls in between share it. */
const PERIOD_MS = 10;
/** The same as a multiple of what the last fetch took: under load, fetching gives way to running. */
const PERIOD_FETCHES = 5;
const LONGEST_PERIOD_MS = 50;

export interface MesosLogsDeps {
  readonly task: Pick<RunningTask, 'logPages'>;
  /** A file's length now. */
  readonly size: (file: string) => Promise<number>;
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
  readonly #deps: MesosLogsDeps;
  /** Bytes of each file that the listener has. */
  readonly #offsets = { stdout: 0, stderr: 0 };
  #listener: LogListener | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #beganMs = -Infinity;
  #periodMs = PERIOD_MS;

  constructor(deps: MesosLogsDeps) {
    this.#deps = deps;
    this.stamped = deps.stamped;
    if (deps.unreadable !== undefined) this.unreadable = deps.unreadable;
  }

  /** What is there already is nobody's: Mesos's own lines, or those of an earlier life. Rejects when nobody says how much. */
  async skipToEnd(): Promise<void> {
    const sizes = await Promise.all(streams.map((stream) => this.#deps.size(stream)));
    streams.forEach((stream, index) => (this.#offsets[stream] = sizes[index] ?? 0));
  }

  listen(listener: LogListener): void {
    this.#listener = listener;
  }

  catchUp(): Promise<void> {
    if (this.#running === undefined) return (this.#running = this.#fetchInTurn());
    // What runs may have asked for the end already, which has moved since.
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return (this.#running = this.#fetchInTurn());
      });
    return this.#next;
  }

  async #fetchInTurn(): Promise<void> {
    const { clock } = this.#deps;
    const waitMs = this.#beganMs + this.#periodMs - clock.monotonicMs();
    if (waitMs > 0) await clock.sleep(waitMs);
    this.#beganMs = clock.monotonicMs();
    try {
      // Without a listener they stay where they are: it is given everything when there is one.
      if (this.#listener) await Promise.all(streams.map((stream) => this.#fetch(stream)));
    } finally {
      const wantedMs = PERIOD_FETCHES * (clock.monotonicMs() - this.#beganMs);
      this.#periodMs = Math.min(Math.max(PERIOD_MS, wantedMs), LONGEST_PERIOD_MS);
      this.#running = undefined;
    }
  }

  async #fetch(stream: LogStreamName): Promise<void> {
    if (await this.#read(stream, stream)) return;
    // Nothing new: or a new file, because Mesos has rotated the full one away.
    const size = await this.#deps.size(stream);
    if (size >= this.#offsets[stream]) return;
    await this.#read(stream, `${stream}.1`).catch(() => false);
    this.#offsets[stream] = 0;
    await this.#read(stream, stream);
  }

  /** False when there was nothing beyond what is known. */
  async #read(stream: LogStreamName, file: string): Promise<boolean> {
    const from = { offset: this.#offsets[stream] };
    let isNew = false;
    for await (const { bytes, nextOffset } of this.#deps.task.logPages({ file, from })) {
      isNew = true;
      this.#offsets[stream] = nextOffset;
      this.#listener?.(stream, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    }
    return isNew;
  }
}
