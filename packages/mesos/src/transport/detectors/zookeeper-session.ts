import type { Clock } from '../../base/clock.ts';
import { Deferred } from './deferred.ts';
import type { ZooKeeperClient, ZooKeeperException, ZooKeeperModule } from './zookeeper-client.ts';

export interface ZooKeeperSessionOptions {
  /** `h1:2181,h2:2181`. */
  readonly hosts: string;
  /** `user:password`. */
  readonly auth?: string;
  readonly sessionTimeoutMs: number;
  readonly clock: Clock;
}

/** The session is over (expired, refused, closed) or its connection broke under a request: another one may do. */
export class SessionLost extends Error {
  override readonly name = 'SessionLost';
}

/** ZooKeeper's own codes. */
const NO_NODE = -101;
const CONNECTION_LOSS = -4;
const NO_AUTH = -102;
/** A state of the client library's connection: nothing is open and nothing will be. */
const CLOSED = -2;
/** Between two rounds through servers that refuse. */
const SPIN_MS = 200;
/**
 * A server that takes connections and says nothing: one that is just starting, or a dead network. The library would wait
 * for ever.
 */
const STALL_MS = 2000;
const CLOSE_POLL_MS = 25;
const CLOSE_POLLS = 40;
/** As long a session may take its leave before its socket is destroyed. */
const GRACEFUL_POLLS = 20;

/** One session with a ZooKeeper ensemble. The library reconnects within it; when it is lost, this object is done. */
export class ZooKeeperSession {
  readonly #client: ZooKeeperClient;
  readonly #clock: Clock;
  readonly #lost = new Deferred<never>();
  #connected = new Deferred<void>();
  #isConnected = false;
  #isLost = false;

  private constructor(client: ZooKeeperClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
    // Whoever waits is told; that nobody does is no error.
    this.#lost.promise.catch(() => undefined);
    client.on('connected', () => {
      this.#isConnected = true;
      this.#connected.resolve();
    });
    client.on('disconnected', () => {
      if (this.#isConnected) this.#connected = new Deferred();
      this.#isConnected = false;
    });
    client.on('expired', () => this.#lose(new SessionLost('The ZooKeeper session expired')));
    client.on('authenticationFailed', () =>
      this.#lose(new Error('ZooKeeper refuses the user or password of the zk:// address')),
    );
  }

  /** Requests wait until a connection stands. */
  static open(module: ZooKeeperModule, options: ZooKeeperSessionOptions): ZooKeeperSession {
    const settings = { sessionTimeout: options.sessionTimeoutMs, spinDelay: SPIN_MS, retries: 0 };
    const client = module.createClient(options.hosts, settings);
    if (options.auth !== undefined) client.addAuthInfo('digest', Buffer.from(options.auth));
    const session = new ZooKeeperSession(client, options.clock);
    client.connect();
    return session;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** The names of a znode's children, none when it doesn't exist. `onChange` is told once when that may have changed. */
  async children(path: string, onChange: () => void): Promise<string[]> {
    for (;;) {
      const names = await this.#ask<string[]>((done) => this.#client.getChildren(path, onChange, done));
      if (names) return names;
      const exists = await this.#ask((done) => this.#client.exists(path, onChange, done));
      // Otherwise it was made in between, and what is watched now is not its children.
      if (!exists) return [];
    }
  }

  /** The data of a znode; undefined when it doesn't exist. */
  data(path: string): Promise<Buffer | undefined> {
    return this.#ask<Buffer | undefined>((done) => this.#client.getData(path, done));
  }

  /** Rejects when `wait` is still open and the session is lost. */
  orLost<T>(wait: Promise<T>): Promise<T> {
    return Promise.race([wait, this.#lost.promise]);
  }

  /** Takes leave of the ensemble when there is a connection. Idempotent; afterwards no socket and no timer is left. */
  async close(): Promise<void> {
    const isGraceful = this.#isConnected;
    this.#lose(new SessionLost('The ZooKeeper session was closed'));
    try {
      this.#client.close();
    } catch {
      // The library writes to a socket that it doesn't have yet.
    }
    const manager = this.#client.connectionManager;
    for (let poll = 0; manager.state !== CLOSED && poll < CLOSE_POLLS; poll++) {
      if (!isGraceful || poll >= GRACEFUL_POLLS) manager.socket?.destroy();
      await this.#sleep(CLOSE_POLL_MS);
    }
  }

  /** Undefined: there is no such znode. */
  async #ask<T>(
    request: (done: (error: ZooKeeperException | null | undefined, result: T) => void) => void,
  ): Promise<T | undefined> {
    // The library sends what was asked before there was a connection ahead of the user and password.
    await this.#connection();
    const { promise, resolve, reject } = new Deferred<T | undefined>();
    request((error, result) => {
      if (!error) resolve(result);
      else if (error.getCode() === NO_NODE) resolve(undefined);
      else reject(translate(error));
    });
    const timer = this.#clock.after(STALL_MS, () => reject(new SessionLost('ZooKeeper does not answer')));
    try {
      return await this.orLost(promise);
    } finally {
      timer.cancel();
    }
  }

  async #connection(): Promise<void> {
    while (!this.#isConnected) {
      const stalled = new Deferred<'stalled'>();
      const timer = this.#clock.after(STALL_MS, () => stalled.resolve('stalled'));
      try {
        const outcome = await this.orLost(Promise.race([this.#connected.promise, stalled.promise]));
        // The library goes on to the next server when this socket is gone.
        if (outcome === 'stalled') this.#client.connectionManager.socket?.destroy();
      } finally {
        timer.cancel();
      }
    }
  }

  #lose(why: Error): void {
    this.#isLost = true;
    this.#lost.reject(why);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(ms, resolve));
  }
}

function translate(error: ZooKeeperException): Error {
  if (error.getCode() === CONNECTION_LOSS)
    return new SessionLost('The connection to ZooKeeper broke', { cause: error });
  if (error.getCode() === NO_AUTH) {
    return new Error('ZooKeeper does not let this client read there: give zk://user:password@…', {
      cause: error,
    });
  }
  return error;
}
