import type { Socket } from 'node:net';

/** What one connection makes the platform hold. */
interface Account {
  bytes: number;
  holdings: number;
}

/** Something held for a client, until it is released. */
export interface Holding {
  grow(bytes: number): void;
  /** Once; nothing when its connection has ended. */
  release(): void;
}

/**
 * Memory whose time clients decide about: what they have not read, or not sent to the end. When all of it is more than it may be,
 * the connection that has held some for longest is cut, then the next. One thing alone may be larger.
 */
export class HeldMemory {
  readonly #maxBytes: number;
  /** The oldest first. */
  readonly #accounts = new Map<Socket, Account>();
  readonly #watched = new WeakSet<Socket>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  hold(socket: Socket, bytes: number): Holding {
    const account = this.#accounts.get(socket) ?? { bytes: 0, holdings: 0 };
    account.holdings += 1;
    this.#accounts.set(socket, account);
    this.#watch(socket);
    let held = 0;
    const grow = (more: number): void => {
      held += more;
      this.#add(socket, more);
    };
    grow(bytes);
    return { grow, release: () => this.#release(socket, held) };
  }

  #watch(socket: Socket): void {
    if (this.#watched.has(socket)) return;
    this.#watched.add(socket);
    // Requests that wait behind others of their connection are not closed with it.
    socket.once('close', () => this.#forget(socket));
  }

  #add(socket: Socket, bytes: number): void {
    const account = this.#accounts.get(socket);
    if (account === undefined) return;
    account.bytes += bytes;
    this.#bytes += bytes;
    for (const [oldest, { holdings }] of this.#accounts) {
      if (this.#bytes <= this.#maxBytes || (oldest === socket && holdings === 1)) break;
      this.#forget(oldest);
      oldest.destroy();
    }
  }

  #release(socket: Socket, bytes: number): void {
    const account = this.#accounts.get(socket);
    if (account === undefined) return;
    account.bytes -= bytes;
    account.holdings -= 1;
    this.#bytes -= bytes;
    if (account.holdings === 0) this.#accounts.delete(socket);
  }

  #forget(socket: Socket): void {
    this.#bytes -= this.#accounts.get(socket)?.bytes ?? 0;
    this.#accounts.delete(socket);
  }
}
