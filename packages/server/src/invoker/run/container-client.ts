import type { Clock } from '../../base/clock.ts';
import type { ContainerAddress } from '../../containers/container.ts';
import { PROOF_MS } from '../../containers/peer-proof.ts';
import {
  ContainerConnection,
  DIAL_MS,
  type ConnectionDeps,
  type ContainerRequest,
} from './container-connection.ts';
import type { Exchange } from './exchange.ts';

/** A remote container that refuses a connection is asked again after this, then twice as much. */
const FIRST_RETRY_MS = 5;
const MAX_RETRY_MS = 50;
/** An attempt that is begun has so long at least. */
const MIN_DIAL_MS = 100;
/**
 * What is written to a machine that is gone vanishes, and nobody says so: on a connection to a host that has been silent
 * for longer the container proves anew that it is there. One that can't prove anything gets a new connection.
 */
const MAX_IDLE_MS = 1000;
/** So long it may take to do so: then a new connection tells more, and has more time. */
const AGAIN_MS = 250;

const refusals = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH']);

export interface ContainerClientDeps {
  readonly address: ContainerAddress;
  readonly clock: Clock;
  /** Called once: the container sent something that nobody asked for, and can't be trusted any more. */
  readonly onBroken: () => void;
}

/**
 * Speaks HTTP/1.1 to one container. It keeps a connection for each request that was ever in flight at a time, and
 * writes requests itself: an undici or node:http request costs three times as much as the whole exchange.
 */
export class ContainerClient {
  readonly #deps: ConnectionDeps;
  readonly #isRemote: boolean;
  readonly #idle: ContainerConnection[] = [];
  readonly #all = new Set<ContainerConnection>();
  #broken = false;
  #closed = false;

  private constructor(deps: ContainerClientDeps) {
    this.#isRemote = 'port' in deps.address;
    this.#deps = {
      address: deps.address,
      clock: deps.clock,
      onEnd: (connection) => this.#forget(connection),
      onSurplus: () => {
        if (this.#broken) return;
        this.#broken = true;
        deps.onBroken();
      },
    };
  }

  /** Connects ahead, so that the first request finds a connection. */
  static open(deps: ContainerClientDeps): ContainerClient {
    const client = new ContainerClient(deps);
    const { address } = deps;
    if ('socketPath' in address || (address.proves === true && address.token !== undefined))
      client.getReady();
    return client;
  }

  /** A request is about to come: connecting, and proofs, may begin. Harmless when none comes. */
  getReady(): void {
    if (this.#closed) return;
    const nowMs = this.#isRemote ? this.#deps.clock.monotonicMs() : 0;
    const connection = this.#take(nowMs);
    connection.idleSinceMs = nowMs;
    this.#idle.push(connection);
  }

  /** Sends one request. Never rejects. */
  async post(request: ContainerRequest): Promise<Exchange> {
    const beganMs = this.#isRemote ? this.#deps.clock.monotonicMs() : 0;
    const connection = this.#take(beganMs);
    const exchange = await this.#send(connection, request);
    if (exchange.outcome === 'unsent' && connection.isDoubted)
      return this.#sendAnew(request, beganMs, exchange);
    if (!this.#mayRetry(exchange)) return exchange;
    return this.#retry(request, beganMs, exchange);
  }

  /** Ends all connections; answers that are awaited are lost. */
  close(): void {
    this.#closed = true;
    this.#idle.length = 0;
    for (const connection of this.#all) connection.close();
  }

  /** Gives up on a container that is not there yet. */
  stopRetrying(): void {
    this.#closed = true;
  }

  async #send(connection: ContainerConnection, request: ContainerRequest): Promise<Exchange> {
    const exchange = await connection.send(request);
    if (connection.isOpen) {
      if (this.#isRemote) connection.idleSinceMs = this.#deps.clock.monotonicMs();
      this.#idle.push(connection);
    }
    return exchange;
  }

  /** A kept connection had ended, or its machine was away: a new one tells whether the container is there. */
  async #sendAnew(request: ContainerRequest, beganMs: number, unsent: Exchange): Promise<Exchange> {
    const timeoutMs = beganMs + request.timeoutMs - this.#deps.clock.monotonicMs();
    if (timeoutMs <= 0 || this.#closed) return unsent;
    this.#dropIdle();
    const exchange = await this.#send(this.#connect(), { ...request, timeoutMs });
    return this.#mayRetry(exchange) ? this.#retry(request, beganMs, exchange) : exchange;
  }

  #mayRetry(exchange: Exchange): boolean {
    return exchange.outcome === 'unsent' && this.#isRemote && !this.#closed && refusals.has(exchange.why);
  }

  /** Nothing reached the container, so asking again is safe; the time limit counts from the first attempt. */
  async #retry(request: ContainerRequest, beganMs: number, refused: Exchange): Promise<Exchange> {
    const { clock } = this.#deps;
    const dialUntilMs = beganMs + Math.min(DIAL_MS, request.timeoutMs);
    let exchange = refused;
    for (let pauseMs = FIRST_RETRY_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_RETRY_MS)) {
      if (clock.monotonicMs() + pauseMs >= dialUntilMs || this.#closed) return exchange;
      await clock.sleep(pauseMs);
      const nowMs = clock.monotonicMs();
      const timeoutMs = beganMs + request.timeoutMs - nowMs;
      if (timeoutMs <= 0 || this.#closed) return exchange;
      const connection = this.#connect(Math.max(MIN_DIAL_MS, dialUntilMs - nowMs));
      exchange = await this.#send(connection, { ...request, timeoutMs });
      if (!this.#mayRetry(exchange)) return exchange;
    }
  }

  #take(nowMs: number): ContainerConnection {
    const idle = this.#idle.pop();
    if (idle === undefined) return this.#connect();
    if (!this.#isRemote || nowMs - idle.idleSinceMs <= MAX_IDLE_MS) return idle;
    if (idle.proveAgain(AGAIN_MS)) return idle;
    this.#idle.push(idle);
    // All others have been silent for longer.
    this.#dropIdle();
    return this.#connect();
  }

  #dropIdle(): void {
    for (const old of this.#idle.splice(0)) {
      this.#all.delete(old);
      old.close();
    }
  }

  #connect(dialMs: number = DIAL_MS): ContainerConnection {
    const connection = new ContainerConnection(this.#deps, { dialMs, proofMs: this.#proofMs });
    this.#all.add(connection);
    return connection;
  }

  /** Code that runs keeps the thread that would give the proof; and while it runs, nobody else has its port. */
  get #proofMs(): number {
    for (const { isAwaited } of this.#all) if (isAwaited) return Infinity;
    return PROOF_MS;
  }

  #forget(connection: ContainerConnection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}
