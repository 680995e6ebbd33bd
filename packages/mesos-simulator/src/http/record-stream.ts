import type { ServerResponse } from 'node:http';

/**
 * An endless answer in RecordIO: each record is a chunk of its own, as a Mesos master writes them. What a reader
 * doesn't take waits in memory.
 */
export class RecordStream {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse, onClosed: () => void) {
    this.#response = response;
    response.once('close', () => {
      if (!response.writableFinished) onClosed();
    });
    // A reader that is gone is told by `close`.
    response.on('error', () => {});
    response.flushHeaders();
  }

  /** The length counts bytes, in decimal digits. */
  write(record: string): void {
    this.writeRaw(`${Buffer.byteLength(record)}\n${record}`);
  }

  /** Bytes as they are, which may be no record at all. */
  writeRaw(bytes: string): void {
    if (!this.#response.writableEnded && !this.#response.destroyed) this.#response.write(bytes);
  }

  /** The last chunk. The connection stays open for a next request. */
  end(): void {
    this.#response.end();
  }

  /** Writes these and breaks the connection. */
  cut(bytes: string): void {
    this.#response.write(bytes, () => this.#response.destroy());
  }
}
