import type { Timer } from '../base/clock.ts';
import type { RandomSource } from '../base/random.ts';
import type { Address } from '../membership/member.ts';
import { ClientSession, type SessionDeps } from './client-session.ts';
import type { HostCache } from './host-cache.ts';
import { IdleWatch } from './idle-watch.ts';
import type { RefusalReason } from './transport.ts';

export interface LinkDeps extends SessionDeps {
  readonly random: RandomSource;
  readonly hosts: HostCache;
  readonly onRefused: (why: RefusalReason, from: Address) => void;
  /** It was not used for a time, or nothing waits for a peer that can't be reached: it can be forgotten. */
  readonly onResting: (link: PeerLink) => void;
}

/**
 * The way to one peer: connects when there is something to send, keeps what comes until the peer has answered, and tries
 * again with back-off. What waited for an attempt that failed is lost: to a peer that is back after a minute it would say
 * nothing but how things stood.
 */
export class PeerLink {
  readonly #to: Address;
  readonly #deps: LinkDeps;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #session: ClientSession | undefined;
  #isOpen = false;
  #isConnecting = false;
  #isClosed = false;
  #failures = 0;
  #backOff: Timer | undefined;
  #idle: IdleWatch | undefined;

  constructor(to: Address, deps: LinkDeps) {
    this.#to = to;
    this.#deps = deps;
  }

  send(plain: Buffer): void {
    if (this.#isClosed) return;
    this.#idle?.touch();
    if (this.#isOpen) return this.#session?.send(plain);
    this.#waitingBytes += plain.length;
    if (this.#waitingBytes > this.#deps.limits.queueBytes) return this.#forget();
    this.#waiting.push(plain);
    if (!this.#isConnecting && !this.#backOff) this.#connect();
  }

  close(): void {
    this.#isClosed = true;
    this.#backOff?.cancel();
    this.#idle?.stop();
    this.#session?.endGently();
    this.#forget();
  }

  #connect(): void {
    this.#isConnecting = true;
    this.#deps.hosts.find(this.#to.host, (ip) => {
      if (this.#isClosed) return;
      if (ip === undefined) return this.#onEnd();
      this.#session = new ClientSession({ host: ip, port: this.#to.port }, this.#deps, {
        onOpen: () => this.#onOpen(),
        onEnd: () => this.#onEnd(),
        onRefused: (why) => this.#deps.onRefused(why, this.#to),
      });
    });
  }

  #onOpen(): void {
    this.#isOpen = true;
    this.#isConnecting = false;
    this.#failures = 0;
    this.#idle = new IdleWatch(this.#deps.clock, this.#deps.limits.idleMs, () => this.#rest());
    const waiting = this.#waiting;
    this.#forget();
    for (const plain of waiting) this.#session?.send(plain);
  }

  #onEnd(): void {
    this.#isOpen = this.#isConnecting = false;
    this.#session = undefined;
    this.#idle?.stop();
    this.#idle = undefined;
    this.#forget();
    if (this.#isClosed) return;
    this.#backOff = this.#deps.clock.after(this.#backOffMs(), () => {
      this.#backOff = undefined;
      if (this.#waiting.length > 0) this.#connect();
      else this.#rest();
    });
  }

  /** Doubles; half of it at random, so that all peers of one that starts don't come at the same moment. */
  #backOffMs(): number {
    const { backOffMinMs, backOffMaxMs } = this.#deps.limits;
    const wholeMs = Math.min(backOffMaxMs, backOffMinMs * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 10);
    return wholeMs * (0.5 + this.#deps.random.next() / 2);
  }

  #rest(): void {
    this.close();
    this.#deps.onResting(this);
  }

  #forget(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
