import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What the system takes at once as a rule; less is not worth a look. */
const SMALL_BYTES = 64 * 1024;
const MAX_BYTES = 256 * 1024 * 1024;
const STALL_MS = 30_000;

export interface UnsentAnswersOptions {
  /** All of them together may hold so much memory. */
  readonly maxBytes?: number;
  /** A client that takes no byte for so long has its connection cut. */
  readonly stallMs?: number;
}

/** What one connection has asked for and not taken. */
interface Held {
  bytes: number;
  answers: number;
}

/**
 * Large answers that their clients have not taken yet. A client decides how fast it reads, and the platform holds the rest: whoever
 * doesn't read at all is cut off after a while, and whoever has been reading for longest as soon as all of them hold too much.
 */
export class UnsentAnswers {
  readonly #maxBytes: number;
  readonly #stallMs: number;
  /** The oldest first. */
  readonly #held = new Map<Socket, Held>();
  readonly #watched = new WeakSet<Socket>();
  #bytes = 0;

  constructor({ maxBytes = MAX_BYTES, stallMs = STALL_MS }: UnsentAnswersOptions = {}) {
    this.#maxBytes = maxBytes;
    this.#stallMs = stallMs;
  }

  /** To be called for an answer that was just written. */
  add(response: ServerResponse): void {
    const bytes = response.writableLength;
    const { socket } = response.req;
    if (bytes < SMALL_BYTES || socket.destroyed) return;
    this.#hold(socket, bytes);
    response.once('close', () => this.#release(socket, bytes));
    response.setTimeout(this.#stallMs, () => socket.destroy());
    for (const [oldest, { answers }] of this.#held) {
      if (this.#bytes <= this.#maxBytes || (oldest === socket && answers === 1)) break;
      this.#forget(oldest);
      oldest.destroy();
    }
  }

  #hold(socket: Socket, bytes: number): void {
    const held = this.#held.get(socket) ?? { bytes: 0, answers: 0 };
    held.bytes += bytes;
    held.answers += 1;
    this.#held.set(socket, held);
    this.#bytes += bytes;
    if (this.#watched.has(socket)) return;
    this.#watched.add(socket);
    // Answers that wait behind others of their connection are not closed with it.
    socket.once('close', () => this.#forget(socket));
  }

  #release(socket: Socket, bytes: number): void {
    const held = this.#held.get(socket);
    if (held === undefined) return;
    held.bytes -= bytes;
    held.answers -= 1;
    this.#bytes -= bytes;
    if (held.answers === 0) this.#held.delete(socket);
  }

  #forget(socket: Socket): void {
    this.#bytes -= this.#held.get(socket)?.bytes ?? 0;
    this.#held.delete(socket);
  }
}
