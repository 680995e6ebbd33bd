import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';

import type {
  Cluster,
  ClusterChange,
  ClusterView,
  Json,
  Lease,
  LeaderLease,
  LeaseEvent,
  MapChange,
  MapChanged,
  Member,
  ReplicatedMap,
  Versioned,
  WaitOptions,
} from '@vibrissa/cluster';

import { clusterError } from './cluster-error.ts';
import type { SharedHome } from './shared-home.ts';

const LEASE_MS = 60_000;

/** One instance of a cluster that is shared in a process. */
export class SharedInstance implements Cluster {
  readonly id: string;
  readonly lease: LeaderLease;
  readonly map: ReplicatedMap;
  isAlive = true;
  isPaused = false;
  /** It has slept, or its clock stands: it takes its lease for good though another one leads. */
  believes = false;
  /** What others write arrives here only when this is false. */
  lags = false;
  readonly #cluster: SharedHome;
  readonly #entries = new Map<string, Versioned>();
  #applied = 0;
  #current: Lease | undefined;
  readonly #leaseListeners = new Set<(event: LeaseEvent) => void>();
  readonly #mapListeners = new Set<{ prefix: string; listener: (changed: MapChanged) => void }>();
  readonly #listeners = new Set<(change: ClusterChange) => void>();
  readonly #missed: (() => void)[] = [];
  readonly #mute: ((error: Error) => void)[] = [];

  constructor(cluster: SharedHome, id: string) {
    this.#cluster = cluster;
    this.id = id;
    this.lease = this.#leaseFace();
    this.map = this.#mapFace();
    this.follow();
  }

  members(): readonly Member[] {
    return [...this.#cluster.instances.values()].map(({ id, isAlive }) => ({
      id,
      address: { host: '127.0.0.1', port: 1 },
      generation: 1,
      incarnation: 0,
      state: isAlive ? 'alive' : 'dead',
      meta: {},
    }));
  }

  view(): ClusterView {
    const { name, leader, epoch, log } = this.#cluster;
    const last = log.length;
    return {
      name,
      clusterId: name,
      standing: leader === undefined ? 'leaderless' : leader === this.id ? 'leading' : 'following',
      problems: [],
      self: { id: this.id, address: '127.0.0.1:1' },
      instances: this.#cluster.instances.size,
      ...(leader === undefined ? {} : { leader: { id: leader, address: '127.0.0.1:1', epoch, since: 1 } }),
      members: this.members().map(({ id, state, meta }) => ({
        id,
        state,
        meta,
        address: '127.0.0.1:1',
        role: 'voter',
        isLeader: id === leader,
        isSelf: id === this.id,
        since: 1,
      })),
      log: { first: 1, last, committed: last, applied: this.#applied, term: epoch },
      changes: leader === undefined ? [] : [{ epoch, leader, at: 1, tookMs: 20, former: 'before' }],
      refusedPackets: 0,
    };
  }

  watch(listener: (change: ClusterChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async leave(): Promise<void> {
    if (this.#cluster.leader === this.id) this.lease.resign('it leaves');
    await this.close();
  }

  async close(): Promise<void> {
    if (this.isAlive) this.#cluster.crash(this.id);
  }

  tell(kind: ClusterChange['kind']): void {
    for (const listener of this.#listeners) listener({ kind, line: `${kind} of ${this.id}` });
  }

  leaseAcquired(epoch: number): void {
    this.#now(() => {
      this.#current = { epoch, validUntilMs: performance.now() + LEASE_MS };
      for (const listener of this.#leaseListeners) listener({ kind: 'acquired', epoch });
    });
  }

  leaseLost(epoch: number, why: string): void {
    this.#now(() => {
      this.#current = undefined;
      for (const listener of this.#leaseListeners) listener({ kind: 'lost', epoch, why });
    });
  }

  die(): void {
    this.isAlive = false;
    for (const reject of this.#mute.splice(0)) reject(clusterError('CLOSED'));
  }

  pause(): void {
    this.isPaused = true;
  }

  /** It wakes; what it has missed reaches it now. */
  resume(): void {
    this.isPaused = false;
    this.believes = false;
    for (const missed of this.#missed.splice(0)) missed();
    this.follow();
  }

  /** Takes over what was written. */
  follow(): void {
    if (this.lags || this.isPaused) return;
    while (this.#applied < this.#cluster.log.length) {
      const { version, put, removed } = this.#cluster.log[this.#applied]!;
      this.#applied += 1;
      for (const key of removed) this.#entries.delete(key);
      for (const [key, value] of put) this.#entries.set(key, { value: value as Json, version });
      this.#tellMap({ version, values: put as ReadonlyMap<string, Json>, removed, reset: false });
    }
  }

  /** Missed so much that it takes over everything at once, as of now. */
  takeSnapshot(): void {
    this.lags = false;
    this.#applied = this.#cluster.log.length;
    this.#entries.clear();
    for (const [key, { value, version }] of this.#cluster.entries()) {
      this.#entries.set(key, { value: value as Json, version });
    }
    for (const { listener } of this.#mapListeners) {
      listener({ version: this.#applied, values: new Map(), removed: [], reset: true });
    }
  }

  #now(run: () => void): void {
    if (this.isPaused) this.#missed.push(run);
    else run();
  }

  #tellMap(changed: MapChanged): void {
    for (const { prefix, listener } of this.#mapListeners) {
      const values = new Map([...changed.values].filter(([key]) => key.startsWith(prefix)));
      const removed = changed.removed.filter((key) => key.startsWith(prefix));
      if (values.size + removed.length > 0) listener({ ...changed, values, removed });
    }
  }

  #leaseFace(): LeaderLease {
    const current = () => this.#current;
    return {
      get current() {
        return current();
      },
      isValid: () => this.believes || (this.isAlive && !this.isPaused && this.#current !== undefined),
      watch: (listener) => {
        this.#leaseListeners.add(listener);
        if (this.#current) listener({ kind: 'acquired', epoch: this.#current.epoch });
        return () => this.#leaseListeners.delete(listener);
      },
      resign: (why) => {
        if (this.#cluster.leader !== this.id) return;
        this.#cluster.lead(undefined, why);
        this.#cluster.elect(this.id);
      },
      close: async () => {},
    };
  }

  #mapFace(): ReplicatedMap {
    return {
      get: (key) => this.#entries.get(key),
      entries: (prefix) => this.#withPrefix(prefix),
      read: (prefix, options) => this.#read(prefix, options),
      write: (change, options) => this.#write(change, options),
      watch: (prefix, listener) => {
        const one = { prefix, listener };
        this.#mapListeners.add(one);
        return () => this.#mapListeners.delete(one);
      },
    };
  }

  #withPrefix(prefix: string): ReadonlyMap<string, Versioned> {
    return new Map([...this.#entries].filter(([key]) => key.startsWith(prefix)));
  }

  async #read(prefix: string, options: WaitOptions = {}): Promise<ReadonlyMap<string, Versioned>> {
    await this.#leader(options);
    this.lags = false;
    this.follow();
    return this.#withPrefix(prefix);
  }

  async #write(change: MapChange, options: WaitOptions = {}): Promise<{ version: number }> {
    await this.#leader(options);
    const fate = this.#cluster.fate(this.id, change);
    if (fate === 'lost') throw clusterError('NO_LEADER');
    this.#checkAlive();
    const { version } = this.#cluster.commit(change);
    if (fate === 'unknown') throw clusterError('OUTCOME_UNKNOWN');
    // The writer hears of it in a later turn, as it would from a majority.
    await wait(1);
    this.#checkAlive();
    if (fate === 'mute') await new Promise((_, reject) => this.#mute.push(reject));
    return { version };
  }

  async #leader({ withinMs = 10_000 }: WaitOptions): Promise<void> {
    const untilMs = performance.now() + withinMs;
    await wait(1);
    for (;;) {
      this.#checkAlive();
      if (this.#cluster.leader !== undefined && !this.isPaused) return;
      if (performance.now() > untilMs) throw clusterError('NO_LEADER');
      await wait(2);
    }
  }

  #checkAlive(): void {
    if (!this.isAlive) throw clusterError('CLOSED');
  }
}
