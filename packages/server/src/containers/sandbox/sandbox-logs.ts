import { Socket } from 'node:net';
import type { ContainerLogs, LogListener, LogStreamName } from '../container.ts';
import type { FifoPair } from './fifo-stock.ts';

/** What is kept for a listener that is yet to come. */
const KEPT_BYTES = 1024 * 1024;

/** Reads the two FIFOs of a sandbox. */
export class SandboxLogs implements ContainerLogs {
  /**
   * Both FIFOs and the action's socket are polled by one event loop. A FIFO that was written before an answer is reported
   * with the answer or before it, and one read takes all that a pipe can hold.
   */
  readonly inOrder = true;
  readonly #streams: readonly Socket[];
  /** Settles when both streams have ended: no process holds their other ends any more. */
  readonly ended: Promise<unknown>;
  #listener: LogListener | undefined;
  #kept: [LogStreamName, Buffer][] = [];
  #keptBytes = 0;

  /** The FIFOs' writers must be there already: an end of file is the end of the logs. */
  constructor(fifos: FifoPair) {
    const stdout = this.#read('stdout', fifos.stdoutFd);
    const stderr = this.#read('stderr', fifos.stderrFd);
    this.#streams = [stdout, stderr];
    this.ended = Promise.all(
      this.#streams.map((stream) => new Promise<void>((resolve) => stream.once('close', () => resolve()))),
    );
  }

  listen(listener: LogListener): void {
    this.#listener = listener;
    const kept = this.#kept;
    this.#kept = [];
    this.#keptBytes = 0;
    for (const [stream, bytes] of kept) listener(stream, bytes);
  }

  /** Gives up what has not been read. */
  close(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  #read(name: LogStreamName, fd: number): Socket {
    const stream = new Socket({ fd, readable: true, writable: false });
    stream.on('data', (bytes: Buffer) => this.#take(name, bytes));
    stream.on('error', () => stream.destroy());
    return stream;
  }

  #take(name: LogStreamName, bytes: Buffer): void {
    if (this.#listener !== undefined) return this.#listener(name, bytes);
    if (this.#keptBytes + bytes.length > KEPT_BYTES) return;
    this.#keptBytes += bytes.length;
    this.#kept.push([name, bytes]);
  }
}
