import type { Clock } from '../../base/clock.ts';
import type { Scheme } from '../master-url.ts';
import type { MasterDetector, MasterUrl } from '../transport.ts';
import { Deferred } from './deferred.ts';
import { InvalidMasters, NoMasters } from './detector-error.ts';
import { contendersOf, hasOnlyOldContenders, readMasterZnode } from './master-znode.ts';
import { within } from './within.ts';
import { loadZooKeeper } from './zookeeper-client.ts';
import { SessionLost, ZooKeeperSession } from './zookeeper-session.ts';

export interface ZooKeeperMastersOptions {
  /** `h1:2181,h2:2181`. */
  readonly hosts: string;
  /** `user:password`, from `zk://user:password@…`. */
  readonly auth?: string;
  /** The masters' `--zk` path: `/mesos`. */
  readonly path: string;
  /** How masters are dialled: their znodes don't say. */
  readonly scheme: Scheme;
  readonly clock: Clock;
  /** How long a detection waits for a connection, and for a master to come up where there is none. */
  readonly timeoutMs: number;
  /** After so much silence the ensemble forgets this client; default 10,000 ms. */
  readonly sessionTimeoutMs?: number;
}

/**
 * Masters by their znodes: the one with the lowest sequence number leads, the others follow as second choices. Each
 * detection reads them anew; where there is no master it watches until one comes. One session serves all detections, and
 * a new one is opened when it is lost.
 */
export class ZooKeeperMasters implements MasterDetector {
  readonly #options: ZooKeeperMastersOptions;
  #session: ZooKeeperSession | undefined;
  #changed = new Deferred<void>();
  #isClosed = false;
  /** One function for all watches: the library keeps each other one for ever. */
  readonly #onChange = () => this.#changed.resolve();

  constructor(options: ZooKeeperMastersOptions) {
    this.#options = options;
  }

  async detect(signal: AbortSignal): Promise<readonly MasterUrl[]> {
    const { clock, timeoutMs, path } = this.#options;
    let found = 'there was no connection';
    const say = (what: string) => (found = what);
    const late = () =>
      new NoMasters(`ZooKeeper named no master at ${path} within ${timeoutMs} ms: ${found}.`);
    try {
      return await within(this.#search(signal, say), { signal, clock, timeoutMs, late });
    } catch (error) {
      // Whatever it was still waiting for must not go on.
      await this.#drop();
      if (signal.aborted || error instanceof NoMasters || error instanceof InvalidMasters) throw error;
      throw new NoMasters(`ZooKeeper named no master at ${path}: ${messageOf(error)}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#drop();
  }

  async #search(signal: AbortSignal, say: (found: string) => void): Promise<MasterUrl[]> {
    const module = await loadZooKeeper();
    for (;;) {
      signal.throwIfAborted();
      if (this.#isClosed) throw new NoMasters('The detector was closed.');
      if (this.#session?.isLost) await this.#drop();
      this.#session ??= ZooKeeperSession.open(module, {
        ...this.#options,
        sessionTimeoutMs: this.#options.sessionTimeoutMs ?? 10_000,
      });
      const session = this.#session;
      try {
        return await this.#firstMasters(session, say);
      } catch (error) {
        if (!(error instanceof SessionLost) || this.#session !== session) throw error;
        await this.#drop();
      }
    }
  }

  async #firstMasters(session: ZooKeeperSession, say: (found: string) => void): Promise<MasterUrl[]> {
    for (;;) {
      this.#changed = new Deferred<void>();
      const children = await session.children(this.#options.path, this.#onChange);
      const masters = await this.#read(session, children);
      if (masters.length > 0) return masters;
      say(describe(children));
      await session.orLost(this.#changed.promise);
    }
  }

  async #read(session: ZooKeeperSession, children: readonly string[]): Promise<MasterUrl[]> {
    const { path, scheme } = this.#options;
    const contents = await Promise.all(contendersOf(children).map((name) => session.data(`${path}/${name}`)));
    const masters = contents.map((data) => data && readMasterZnode(data, scheme));
    return masters.filter((master) => master !== undefined);
  }

  async #drop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }
}

function describe(children: readonly string[]): string {
  if (hasOnlyOldContenders(children)) return 'its masters are older than Mesos 0.24';
  const contenders = contendersOf(children).length;
  return contenders > 0 ? `${contenders} znodes there hold no address` : 'there is none there';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
