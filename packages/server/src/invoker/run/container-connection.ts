import { connect, type Socket } from 'node:net';
import type { Clock, Timer } from '../../base/clock.ts';
import type { ContainerAddress } from '../../containers/container.ts';
import { challenge, MAX_PROOF_BYTES, type Challenge } from '../../containers/peer-proof.ts';
import { nextTurn } from './await-logs.ts';
import type { Exchange } from './exchange.ts';
import { AnswerReader, type BodyLimits } from './read-answer.ts';

/** A request in the form in which it is written. */
export interface ContainerRequest extends BodyLimits {
  /** Request line, headers but Content-Length, each with its line end. */
  readonly head: string;
  readonly body: string;
  readonly timeoutMs: number;
}

export interface ConnectionDeps {
  readonly address: ContainerAddress;
  readonly clock: Clock;
  /** The connection has ended, or is about to, and takes no more requests. */
  readonly onEnd: (connection: ContainerConnection) => void;
  /** The container sent something that nobody asked for. */
  readonly onSurplus: () => void;
}

/** With a peer that has a host and a port. */
interface PeerPatience {
  readonly dialMs: number;
  /** From the connection to the proof; Infinity: as long as the request may take. */
  readonly proofMs: number;
}

/**
 * All connections read into the same memory: what is read is looked at before anything else is read, and idle
 * connections, of which there may be thousands, have none of their own.
 */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/** Bodies of this length and shorter are checked for plain ASCII, which is written faster. */
const SHORT_BODY = 16 * 1024;

/** A container's address takes connections: one that is not made within this is not made because its machine is gone. */
export const DIAL_MS = 1000;

/** A peer that resets a Unix socket has left bytes unread; one that resets TCP may have read all of them. */
function isUnread(code: string | undefined, address: ContainerAddress): boolean {
  return code === 'EPIPE' || (code === 'ECONNRESET' && 'socketPath' in address);
}

/** Why nothing was sent to a peer that is not the container. */
const UNPROVEN = 'its peer did not prove that it is the container';

function challengeFor(address: ContainerAddress): Challenge | undefined {
  if (!('port' in address) || address.token === undefined || address.proves !== true) return undefined;
  return challenge({ host: address.host, port: address.port, token: address.token });
}

/** One kept-alive HTTP/1.1 connection to a container, one request at a time. */
export class ContainerConnection {
  readonly #deps: ConnectionDeps;
  readonly #socket: Socket;
  readonly #reader = new AnswerReader();
  /** Monotonic milliseconds since when it waits for a request; its keeper's to set. */
  idleSinceMs = 0;
  #resolve: ((exchange: Exchange) => void) | undefined;
  /** The connection is made, and its peer has proven that it is the container, where it can. */
  #connected = false;
  #hasProven = false;
  #challenge: Challenge | undefined;
  #proofMs: number;
  #proofBytes = 0;
  /** Awaits the proof. */
  #waiting: ContainerRequest | undefined;
  #heard = false;
  #ended = false;
  #errorCode: string | undefined;
  /** Monotonic milliseconds until which the answer must be there; Infinity while none is awaited. */
  #deadlineMs = Infinity;
  /** One timer serves many requests: it looks at the deadline when it fires, and is set anew where that moved. */
  #timer: Timer | undefined;
  #timerDueMs = Infinity;
  /** Until a connection to a host is made, and then until its peer has proven who it is. */
  #dialTimer: Timer | undefined;

  constructor(deps: ConnectionDeps, { dialMs, proofMs }: PeerPatience) {
    this.#deps = deps;
    this.#proofMs = proofMs;
    const onread = { buffer: readBuffer, callback: (size: number) => this.#onBytes(size) };
    const { address } = deps;
    this.#socket =
      'socketPath' in address
        ? connect({ path: address.socketPath, onread })
        : connect({ host: address.host, port: address.port, noDelay: true, onread });
    if ('port' in address) this.#dialTimer = this.#awaitPeer(dialMs);
    this.#challenge = challengeFor(address);
    this.#socket.on('connect', () => this.#onConnect());
    this.#socket.on('error', (error: NodeJS.ErrnoException) => (this.#errorCode = error.code));
    this.#socket.on('end', () => this.#socket.destroy());
    this.#socket.on('close', () => this.#onClose());
  }

  /** May it be given a request? */
  get isOpen(): boolean {
    return !this.#ended;
  }

  /** Is a request in flight with a peer that is the container? */
  get isAwaited(): boolean {
    return this.#connected && this.#resolve !== undefined;
  }

  /** Its peer was the container, and has not proven anew that it still is: what it was to be sent is unsent. */
  get isDoubted(): boolean {
    return this.#hasProven && !this.#connected;
  }

  /**
   * Has the peer of a connection that was silent prove again that it is there, within so long: a request waits for that.
   * False: peers of this address can't. Only while nothing is in flight.
   */
  proveAgain(proofMs: number): boolean {
    if (this.#challenge === undefined) return false;
    if (!this.#connected) return true;
    this.#challenge = challengeFor(this.#deps.address);
    this.#connected = false;
    this.#proofBytes = 0;
    this.#proofMs = proofMs;
    this.#onConnect();
    return true;
  }

  /** Sends a request; resolves with its answer or with why there is none. One at a time. */
  send(request: ContainerRequest): Promise<Exchange> {
    this.#setDeadline(request.timeoutMs);
    if (this.#challenge && !this.#connected) this.#waiting = request;
    else this.#write(request);
    return new Promise((resolve) => (this.#resolve = resolve));
  }

  /** Ends it at once; an answer that is awaited is lost. */
  close(): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  #onConnect(): void {
    this.#dialTimer?.cancel();
    if (this.#challenge === undefined) {
      this.#connected = true;
      return;
    }
    if (this.#proofMs < Infinity) this.#dialTimer = this.#awaitPeer(this.#proofMs);
    this.#reader.begin({ maxBytes: MAX_PROOF_BYTES, keepBytes: MAX_PROOF_BYTES });
    this.#socket.write(this.#challenge.request, 'latin1');
  }

  #awaitPeer(patienceMs: number): Timer {
    return this.#deps.clock.after(patienceMs, () => void this.#onDialTimer());
  }

  /** After a turn that took long, what has come meanwhile is read only after the timers. */
  async #onDialTimer(): Promise<void> {
    await nextTurn();
    if (!this.#connected) this.#fail(this.#unsent('ETIMEDOUT'));
  }

  #onProofBytes(asked: Challenge, size: number): void {
    this.#proofBytes += size;
    const state = this.#proofBytes > MAX_PROOF_BYTES ? 'garbage' : this.#reader.push(readBuffer, size);
    if (state === 'more') return;
    const { answer, closes, surplus } = this.#reader;
    const isProven = state === 'done' && !closes && !surplus && answer && asked.isMetBy(answer);
    if (!isProven) return this.#fail(this.#unsent(UNPROVEN));
    this.#dialTimer?.cancel();
    this.#connected = this.#hasProven = true;
    if (this.#waiting) this.#write(this.#waiting);
    this.#waiting = undefined;
  }

  #write(request: ContainerRequest): void {
    const { head, body } = request;
    this.#reader.begin(request);
    this.#heard = false;
    const length = Buffer.byteLength(body);
    const isAscii = length === body.length && length <= SHORT_BODY;
    this.#socket.write(`${head}Content-Length: ${length}\r\n\r\n${body}`, isAscii ? 'latin1' : 'utf8');
  }

  #onBytes(size: number): boolean {
    if (this.#challenge && !this.#connected) {
      this.#onProofBytes(this.#challenge, size);
      return true;
    }
    if (this.#resolve === undefined) {
      this.#end();
      this.#deps.onSurplus();
      return true;
    }
    this.#heard = true;
    const state = this.#reader.push(readBuffer, size);
    if (state === 'done') this.#answered();
    else if (state === 'garbage') this.#fail({ outcome: 'no-answer', why: this.#reader.problem });
    return true;
  }

  #answered(): void {
    const { answer, closes, surplus } = this.#reader;
    if (closes || surplus) this.#end();
    if (surplus) this.#deps.onSurplus();
    this.#settle(answer as Exchange);
  }

  #fail(exchange: Exchange): void {
    this.#end();
    this.#settle(exchange);
  }

  #unsent(why: string): Exchange {
    const unreachable = !this.#connected && 'port' in this.#deps.address;
    return { outcome: 'unsent', why, ...(unreachable && { unreachable }) };
  }

  #settle(exchange: Exchange): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#deadlineMs = Infinity;
    resolve?.(exchange);
  }

  /** Takes no more requests. The listener hears of it before whoever awaits the answer does. */
  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#deps.onEnd(this);
    this.#socket.destroy();
  }

  #onClose(): void {
    this.#timer?.cancel();
    this.#dialTimer?.cancel();
    if (!this.#ended) {
      this.#ended = true;
      this.#deps.onEnd(this);
    }
    if (this.#resolve === undefined) return;
    const why = this.#errorCode ?? 'the container closed the connection';
    const unsent = !this.#connected || (!this.#heard && isUnread(this.#errorCode, this.#deps.address));
    this.#settle(unsent ? this.#unsent(why) : { outcome: 'no-answer', why });
  }

  #setDeadline(timeoutMs: number): void {
    const nowMs = this.#deps.clock.monotonicMs();
    this.#deadlineMs = nowMs + timeoutMs;
    if (this.#timerDueMs <= this.#deadlineMs) return;
    this.#timer?.cancel();
    this.#setTimer(timeoutMs);
  }

  #setTimer(delayMs: number): void {
    this.#timerDueMs = this.#deps.clock.monotonicMs() + delayMs;
    this.#timer = this.#deps.clock.after(delayMs, () => void this.#onTimer());
  }

  /** An answer that waits in the socket, after this process itself was held up, has come in time. */
  async #onTimer(): Promise<void> {
    this.#timerDueMs = Infinity;
    const deadlineMs = this.#deadlineMs;
    if (deadlineMs === Infinity) return;
    const leftMs = deadlineMs - this.#deps.clock.monotonicMs();
    if (leftMs > 0) return this.#setTimer(Math.ceil(leftMs));
    await nextTurn();
    if (this.#deadlineMs === deadlineMs)
      this.#fail(this.#connected ? { outcome: 'timed-out' } : this.#unsent('ETIMEDOUT'));
  }
}
