import type { ServerResponse } from 'node:http';

import { HeldMemory } from './held-memory.ts';

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

/**
 * Large answers that their clients have not taken yet. A client decides how fast it reads, and the platform holds the rest: whoever
 * doesn't read at all is cut off after a while, and whoever has been reading for longest as soon as all of them hold too much.
 */
export class UnsentAnswers {
  readonly #memory: HeldMemory;
  readonly #stallMs: number;

  constructor({ maxBytes = MAX_BYTES, stallMs = STALL_MS }: UnsentAnswersOptions = {}) {
    this.#memory = new HeldMemory(maxBytes);
    this.#stallMs = stallMs;
  }

  /** To be called for an answer that was just written. */
  add(response: ServerResponse): void {
    const bytes = response.writableLength;
    const { socket } = response.req;
    if (bytes < SMALL_BYTES || socket.destroyed) return;
    response.setTimeout(this.#stallMs, () => socket.destroy());
    const holding = this.#memory.hold(socket, bytes);
    response.once('close', () => holding.release());
  }
}
