import type { Clock } from '../../base/clock.ts';
import type { ContainerAddress } from '../../containers/container.ts';
import { ContainerConnection, type ConnectionDeps, type ContainerRequest } from './container-connection.ts';
import type { Exchange } from './exchange.ts';

/** A container whose address takes connections late (a remote one) is asked again after this, then twice as much. */
const FIRST_RETRY_MS = 5;
const MAX_RETRY_MS = 50;

const unreachable = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH']);

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
  readonly #idle: ContainerConnection[] = [];
  readonly #all = new Set<ContainerConnection>();
  #broken = false;
  #closed = false;

  private constructor(deps: ContainerClientDeps) {
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
    if ('socketPath' in deps.address) client.#idle.push(client.#connect());
    return client;
  }

  /** Sends one request. Never rejects. */
  async post(request: ContainerRequest): Promise<Exchange> {
    const connection = this.#take();
    const exchange = await connection.send(request);
    if (connection.isOpen) this.#idle.push(connection);
    if (exchange.outcome === 'unsent' && this.#mayRetry(exchange.why)) return this.#retry(request);
    return exchange;
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

  #mayRetry(code: string): boolean {
    return !this.#closed && 'port' in this.#deps.address && unreachable.has(code);
  }

  /** Nothing reached the container, so asking again is safe; the time limit counts from the first attempt. */
  async #retry(request: ContainerRequest): Promise<Exchange> {
    const { clock } = this.#deps;
    const untilMs = clock.monotonicMs() + request.timeoutMs;
    for (let pauseMs = FIRST_RETRY_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_RETRY_MS)) {
      await clock.sleep(pauseMs);
      const timeoutMs = untilMs - clock.monotonicMs();
      if (timeoutMs <= 0) return { outcome: 'timed-out' };
      const connection = this.#take();
      const exchange = await connection.send({ ...request, timeoutMs });
      if (connection.isOpen) this.#idle.push(connection);
      if (exchange.outcome !== 'unsent' || !this.#mayRetry(exchange.why)) return exchange;
    }
  }

  #take(): ContainerConnection {
    return this.#idle.pop() ?? this.#connect();
  }

  #connect(): ContainerConnection {
    const connection = new ContainerConnection(this.#deps);
    this.#all.add(connection);
    return connection;
  }

  #forget(connection: ContainerConnection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}
