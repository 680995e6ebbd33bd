import { connect, type Socket } from 'node:net';

import type { Clock, Timer } from '../base/clock.ts';
import type { Address } from '../membership/member.ts';
import type { KeyRing } from '../wire/key-ring.ts';
import { ByteQueue } from './byte-queue.ts';
import { FrameOpener, FrameSealer } from './frames.ts';
import { connectionKeys, HELLO_BYTES, makeHello, readHello } from './handshake.ts';
import type { RefusalReason } from './transport.ts';
import type { TransportLimits } from './transport-limits.ts';

/** A peer that is sent something is asked that often whether it still reads. */
const PING_EVERY_MS = 1_000;
const SLOWEST_BYTES_PER_MS = 1_000;
const LINGER_MS = 250;
const empty = Buffer.alloc(0);

export interface SessionDeps {
  readonly ring: KeyRing;
  readonly clock: Clock;
  readonly limits: TransportLimits;
}

export interface SessionHandlers {
  /** The peer has proved that it has the secret. */
  onOpen(): void;
  /** Once; nothing can be sent any more. */
  onEnd(): void;
  onRefused(why: RefusalReason): void;
}

/**
 * One connection to a peer, from the side that connects. Only this side sends packets; the other one answers pings, so
 * that a peer which is gone without a word, or stopped, is noticed within seconds and not when TCP gives up.
 */
export class ClientSession {
  readonly #deps: SessionDeps;
  readonly #handlers: SessionHandlers;
  readonly #socket: Socket;
  readonly #queue = new ByteQueue();
  readonly #hello: Buffer;
  #deadline: Timer;
  #sealer: FrameSealer | undefined;
  #opener: FrameOpener | undefined;
  #isOpen = false;
  #isOver = false;
  #isPinging = false;
  #isCorked = false;
  #pingedMs = -Infinity;

  /** `to.host` is an IP address. */
  constructor(to: Address, deps: SessionDeps, handlers: SessionHandlers) {
    this.#deps = deps;
    this.#handlers = handlers;
    this.#hello = makeHello(deps.ring.first);
    this.#socket = connect({ host: to.host, port: to.port, noDelay: true });
    this.#deadline = this.#within(deps.limits.connectMs);
    this.#socket.on('connect', () => {
      this.#expectWithin(deps.limits.handshakeMs);
      this.#socket.write(this.#hello);
    });
    this.#socket.on('data', (piece) => this.#onData(piece));
    this.#socket.on('error', () => this.end());
    this.#socket.on('close', () => this.end());
  }

  /** Only after `onOpen`. */
  send(plain: Buffer): void {
    if (this.#isOver || !this.#sealer) return;
    this.#write(plain);
    const { clock, limits } = this.#deps;
    if (!this.#isPinging && clock.monotonicMs() - this.#pingedMs >= PING_EVERY_MS) this.#ping();
    if (this.#socket.writableLength > limits.queueBytes) this.end();
  }

  /** Cuts the connection. Idempotent. */
  end(): void {
    if (!this.#finish()) return;
    this.#socket.destroy();
    this.#handlers.onEnd();
  }

  /** Ends it when what was sent has left this process, soon in any case. */
  endGently(): void {
    if (!this.#finish()) return;
    this.#socket.uncork();
    // Answers are read until the peer ends, too: where one is left unread the system resets the connection, and what the
    // peer has not read yet is lost.
    this.#socket.end();
    const timer = this.#deps.clock.after(LINGER_MS, () => this.#socket.destroy());
    this.#socket.once('close', () => timer.cancel());
    this.#handlers.onEnd();
  }

  #finish(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#deadline.cancel();
    return true;
  }

  #onData(piece: Buffer): void {
    if (this.#isOver) return;
    this.#queue.push(piece);
    if (!this.#opener) this.#readHello();
    for (let frame = this.#opener?.next(); frame && !this.#isOver; frame = this.#opener?.next()) {
      if (frame.length === 0) this.#onPong();
    }
    if (this.#opener?.isBroken) this.#refuse('forged');
  }

  #readHello(): void {
    const server = this.#queue.take(HELLO_BYTES);
    if (!server) return;
    const { ring } = this.#deps;
    const key = readHello(ring, server);
    if (typeof key === 'string') return this.#refuse(key);
    if (key !== ring.first) return this.#refuse('malformed');
    const keys = connectionKeys(ring, key, { client: this.#hello, server });
    this.#sealer = new FrameSealer(keys.toServer);
    this.#opener = new FrameOpener(keys.toClient, { queue: this.#queue, maxBytes: 0 });
    this.#write(empty);
  }

  #onPong(): void {
    this.#isPinging = false;
    this.#deadline.cancel();
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#handlers.onOpen();
  }

  #ping(): void {
    this.#isPinging = true;
    this.#pingedMs = this.#deps.clock.monotonicMs();
    this.#write(empty);
    this.#expectWithin(this.#deps.limits.stallMs + this.#socket.writableLength / SLOWEST_BYTES_PER_MS);
  }

  #write(plain: Buffer): void {
    if (!this.#sealer) return;
    // Whatever is sent in one turn of the event loop is one write.
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(this.#sealer.seal(plain));
  }

  #refuse(why: RefusalReason): void {
    this.#handlers.onRefused(why);
    this.end();
  }

  #expectWithin(delayMs: number): void {
    this.#deadline.cancel();
    this.#deadline = this.#within(delayMs);
  }

  #within(delayMs: number): Timer {
    return this.#deps.clock.after(delayMs, () => this.end());
  }
}
