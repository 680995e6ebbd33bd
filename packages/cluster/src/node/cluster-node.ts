import { LONGEST_TIMER_MS, systemClock, type Clock, type Timer } from '../base/clock.ts';
import { Deferred } from '../base/deferred.ts';
import { systemRandom } from '../base/random.ts';
import type { SeedSource } from '../discovery/seed-source.ts';
import type { LeaderLease } from '../lease/leader-lease.ts';
import type { ReplicatedMap } from '../map/replicated-map.ts';
import type { Member } from '../membership/member.ts';
import type { ConsensusStorage } from '../storage/consensus-storage.ts';
import { MemoryStorage } from '../storage/memory-storage.ts';
import { SocketTransport } from '../transport/socket-transport.ts';
import type { ClusterTransport } from '../transport/transport.ts';
import { PROTOCOL_VERSION } from '../wire/packet.ts';
import { checkOptions } from './check-options.ts';
import { ClusterCore } from './cluster-core.ts';
import type { Cluster, ClusterChange } from './cluster.ts';
import type { ClusterLogger, ClusterOptions } from './cluster-options.ts';
import type { ClusterView } from './cluster-view.ts';
import type { ClusterEffect, ClusterInput } from './core-messages.ts';
import { idSource } from './id-source.ts';
import { NodeMap } from './node-map.ts';
import { QuorumLease } from './quorum-lease.ts';
import { timingOf } from './timing.ts';

const LEAVE_WITHIN_MS = 10_000;
const SEEDS_WITHIN_MS = 15_000;

interface NodeDeps {
  readonly core: ClusterCore;
  readonly clock: Clock;
  readonly storage: ConsensusStorage;
  readonly seeds: SeedSource;
  readonly id: string;
  readonly newId: () => string;
  readonly keepsDisk: boolean;
  readonly epochFloor: () => Promise<number>;
  readonly logger: ClusterLogger | undefined;
}

/** An instance of a cluster over real sockets and a real disk. See {@link Cluster} for what it promises. */
export class ClusterNode implements Cluster {
  readonly #deps: NodeDeps;
  readonly #lease: QuorumLease;
  readonly #map: NodeMap;
  readonly #listeners = new Set<(change: ClusterChange) => void>();
  readonly #inputs: ClusterInput[] = [];
  readonly #left = new Deferred<void>();
  readonly #ending = new AbortController();
  #transport: ClusterTransport | undefined;
  #timer: { readonly atMs: number; readonly timer: Timer } | undefined;
  #isRunning = false;
  #closing: Promise<void> | undefined;

  private constructor(deps: NodeDeps) {
    this.#deps = deps;
    const { core, newId } = deps;
    this.#lease = new QuorumLease((why) => this.#input({ type: 'resign', why }));
    this.#map = new NodeMap({ here: core.map, input: (input) => this.#input(input), newId });
  }

  /**
   * Binds its port, reads what it knew, and begins to look for the others; resolves at once, not when there is a leader.
   *
   * Rejects with a `ClusterError` (INVALID_OPTIONS), a `TransportError` (the port is in use, …) or a `StorageError` (its
   * data directory belongs to another cluster, …).
   */
  static async open(options: ClusterOptions): Promise<ClusterNode> {
    const { clock = systemClock, listen, logger, name, random = systemRandom, seeds } = checkOptions(options);
    const timing = timingOf(options.timing);
    const storage = options.storage ?? new MemoryStorage({ random });
    const opened: { node?: ClusterNode; transport?: ClusterTransport } = {};
    try {
      const stored = await storage.load();
      const transport = (opened.transport = await SocketTransport.open({
        name,
        secrets: options.secrets,
        listen,
        clock,
        random,
        listener: {
          onPacket: (packet) => {
            if (opened.node) opened.node.#input({ type: 'packet', packet });
          },
          onRefused: (refused) => {
            if (opened.node) opened.node.#input({ type: 'refused', refused });
          },
          onUnsendable: ({ layer, to, why }) =>
            logger?.error({ layer, to }, `what can't be sent holds up another instance: ${why}`),
        },
      }));
      const { host, port } = options.advertise ?? listen;
      const newId = idSource(random);
      const core = new ClusterCore({
        name,
        address: { host, port: port === 0 ? transport.port : port },
        stored,
        meta: { ...options.meta, protocol: PROTOCOL_VERSION },
        timing,
        random,
        newId,
        ...(options.instances !== undefined && { instances: options.instances }),
      });
      const node = new ClusterNode({
        core,
        clock,
        storage,
        seeds,
        logger,
        newId,
        id: stored.identity.id,
        keepsDisk: options.storage !== undefined,
        epochFloor: options.epochFloor ?? (() => Promise.resolve(0)),
      });
      node.#transport = transport;
      opened.node = node;
      node.#input({ type: 'start' });
      return node;
    } catch (error) {
      await Promise.allSettled([storage.close(), opened.transport?.close()]);
      throw error;
    }
  }

  get id(): string {
    return this.#deps.id;
  }

  get lease(): LeaderLease {
    return this.#lease;
  }

  get map(): ReplicatedMap {
    return this.#map;
  }

  members(): readonly Member[] {
    return this.#deps.core.members();
  }

  view(): ClusterView {
    const view = this.#deps.core.view();
    return this.#closing ? { ...view, standing: 'closed' } : view;
  }

  watch(listener: (change: ClusterChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async leave({ withinMs = LEAVE_WITHIN_MS }: { readonly withinMs?: number } = {}): Promise<void> {
    if (!this.#closing) {
      this.#input({ type: 'leave', forGood: !this.#deps.keepsDisk, withinMs });
      await this.#left.promise;
    }
    return this.close();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#timer?.timer.cancel();
    this.#ending.abort();
    this.#left.resolve();
    await this.#lease.close();
    this.#map.close();
    this.#listeners.clear();
    await Promise.all([this.#transport?.close(), this.#deps.storage.close()]);
  }

  /** Takes effect before it returns, unless it comes from within an effect. */
  #input(input: ClusterInput): void {
    if (this.#closing) return;
    this.#inputs.push(input);
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) this.#step(next);
    } finally {
      this.#isRunning = false;
    }
    this.#arm();
  }

  #step(input: ClusterInput): void {
    const { clock, core } = this.#deps;
    const moment = { nowMs: clock.monotonicMs(), epochMs: clock.now() };
    for (const effect of core.step(moment, input)) this.#execute(effect);
  }

  #execute(effect: ClusterEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#transport?.send(effect.to, effect.packet, { reliable: effect.reliable });
      case 'persist':
        return this.#persist(effect);
      case 'find-seeds':
        return this.#findSeeds();
      case 'ask-epoch-floor':
        return this.#askEpochFloor();
      case 'lease':
        return this.#lease.renew(effect.lease, effect.why);
      case 'map-changed':
        return this.#map.changed(effect.changed);
      case 'written':
        return this.#map.written(effect.request, effect.outcome);
      case 'readable':
        return this.#map.readable(effect.request, effect.outcome);
      case 'changed':
        return this.#tell(effect.change);
      case 'left':
        return this.#left.resolve();
    }
  }

  #persist({ change, write }: ClusterEffect & { type: 'persist' }): void {
    this.#deps.storage.write(change).then(
      () => this.#input({ type: 'persisted', write }),
      (error: unknown) => this.#input({ type: 'persisted', write, error: asError(error) }),
    );
  }

  #findSeeds(): void {
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(SEEDS_WITHIN_MS)]);
    this.#deps.seeds.find(signal).then(
      (list) => this.#input({ type: 'seeds', ...list }),
      (error: unknown) => this.#input({ type: 'no-seeds', error: asError(error) }),
    );
  }

  #askEpochFloor(): void {
    this.#deps.epochFloor().then(
      (floor) => this.#input({ type: 'epoch-floor', floor }),
      (error: unknown) => {
        this.#deps.logger?.warn(
          { err: asError(error) },
          'the epoch of a former cluster could not be asked for',
        );
        this.#input({ type: 'no-epoch-floor', error: asError(error) });
        this.#deps.clock.after(SEEDS_WITHIN_MS / 10, () => {
          if (!this.#closing) this.#askEpochFloor();
        });
      },
    );
  }

  #tell(change: ClusterChange): void {
    const { logger } = this.#deps;
    if (change.kind === 'problem') logger?.warn({ kind: change.kind }, change.line);
    else logger?.info({ kind: change.kind }, change.line);
    for (const listener of Array.from(this.#listeners)) listener(change);
  }

  #arm(): void {
    if (this.#closing) return;
    const { clock, core } = this.#deps;
    const atMs = core.nextDeadlineMs;
    if (atMs === undefined || (this.#timer && this.#timer.atMs <= atMs)) return;
    this.#timer?.timer.cancel();
    const delayMs = Math.min(Math.max(0, Math.ceil(atMs - clock.monotonicMs())), LONGEST_TIMER_MS);
    const timer = clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#input({ type: 'tick' });
    });
    this.#timer = { atMs, timer };
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
