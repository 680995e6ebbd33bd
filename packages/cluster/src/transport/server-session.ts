import type { Socket } from 'node:net';

import type { Timer } from '../base/clock.ts';
import type { Address } from '../membership/member.ts';
import { ByteQueue } from './byte-queue.ts';
import type { SessionDeps } from './client-session.ts';
import { FrameOpener, FrameSealer } from './frames.ts';
import { connectionKeys, HELLO_BYTES, makeHello, readHello } from './handshake.ts';
import { IdleWatch } from './idle-watch.ts';
import type { RefusalReason } from './transport.ts';

/** Answers to pings that the peer does not read. */
const MOST_UNREAD_BYTES = 64 * 1024;
const empty = Buffer.alloc(0);

interface ServerSessionHandlers {
  onTrusted(): void;
  onFrame(plain: Buffer): boolean;
  onRefused(why: RefusalReason, from: Address): void;
  onEnd(): void;
}

/**
 * One connection that another one has made. Before it has proved that it has the secret it may send a hello and an empty
 * frame, no more: so a stranger costs a few bytes of memory.
 */
export class ServerSession {
  readonly #socket: Socket;
  readonly #deps: SessionDeps;
  readonly #handlers: ServerSessionHandlers;
  readonly #from: Address;
  readonly #queue = new ByteQueue();
  #deadline: Timer;
  #sealer: FrameSealer | undefined;
  #opener: FrameOpener | undefined;
  #idle: IdleWatch | undefined;
  #isOver = false;

  constructor(socket: Socket, deps: SessionDeps, handlers: ServerSessionHandlers) {
    this.#socket = socket;
    this.#deps = deps;
    this.#handlers = handlers;
    this.#from = { host: socket.remoteAddress ?? 'unknown', port: socket.remotePort ?? 0 };
    this.#deadline = deps.clock.after(deps.limits.handshakeMs, () => this.end());
    socket.setNoDelay(true);
    socket.on('data', (piece) => this.#onData(piece));
    socket.on('error', () => this.end());
    socket.on('close', () => this.end());
  }

  /** Idempotent. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#deadline.cancel();
    this.#idle?.stop();
    this.#socket.destroy();
    this.#handlers.onEnd();
  }

  #onData(piece: Buffer): void {
    if (this.#isOver) return;
    this.#idle?.touch();
    this.#queue.push(piece);
    if (!this.#opener) this.#readHello();
    for (let frame = this.#opener?.next(); frame && !this.#isOver; frame = this.#opener?.next()) {
      this.#onFrame(frame);
    }
    if (this.#opener?.isBroken) this.#refuse('forged');
  }

  #readHello(): void {
    const client = this.#queue.take(HELLO_BYTES);
    if (!client) return;
    const { ring } = this.#deps;
    const key = readHello(ring, client);
    if (typeof key === 'string') return this.#refuse(key);
    const server = makeHello(key);
    const keys = connectionKeys(ring, key, { client, server });
    this.#sealer = new FrameSealer(keys.toClient);
    this.#opener = new FrameOpener(keys.toServer, { queue: this.#queue, maxBytes: 0 });
    this.#socket.write(server);
  }

  #onFrame(frame: Buffer): void {
    if (!this.#idle) this.#trust();
    if (frame.length === 0) return this.#pong();
    if (!this.#handlers.onFrame(frame)) this.#refuse('malformed');
  }

  #trust(): void {
    const { clock, limits } = this.#deps;
    this.#deadline.cancel();
    this.#idle = new IdleWatch(clock, 2 * limits.idleMs, () => this.end());
    if (this.#opener) this.#opener.maxBytes = limits.frameBytes;
    this.#handlers.onTrusted();
  }

  #pong(): void {
    if (this.#sealer) this.#socket.write(this.#sealer.seal(empty));
    if (this.#socket.writableLength > MOST_UNREAD_BYTES) this.end();
  }

  #refuse(why: RefusalReason): void {
    if (this.#isOver) return;
    this.#handlers.onRefused(why, this.#from);
    this.end();
  }
}
