import type { MapChange } from '@vibrissa/cluster';

import { clusterError } from './cluster-error.ts';
import type { Applied, SharedHome, WriteFate } from './shared-home.ts';
import { SharedInstance } from './shared-instance.ts';

/**
 * A cluster whose instances live in one process and share a log and a lease, which move when a test says so. What the
 * real one promises holds here by construction; what it may do to its users (refuse, forget to answer, lag) can be asked
 * for.
 */
export class SharedCluster implements SharedHome {
  readonly name: string;
  readonly log: Applied[] = [];
  readonly instances = new Map<string, SharedInstance>();
  /** Decides about each write before it takes effect. */
  fate: (writer: string, change: MapChange) => WriteFate = () => 'fine';
  /** A resigned or crashed leader is followed by another instance, after so long. */
  electMs: number | undefined = 20;
  epoch: number;
  leader: string | undefined;
  #isElecting = false;

  constructor({ name = 'shared', epochFloor = 0 }: { name?: string; epochFloor?: number } = {}) {
    this.name = name;
    this.epoch = epochFloor;
  }

  join(id: string): SharedInstance {
    const instance = new SharedInstance(this, id);
    this.instances.set(id, instance);
    this.elect();
    return instance;
  }

  /** The lease goes to this instance, or to nobody. */
  lead(id: string | undefined, why = 'another instance was elected'): void {
    const former = this.leader;
    this.leader = id;
    const epoch = this.epoch;
    if (id !== undefined) this.epoch += 1;
    if (former !== undefined) this.instances.get(former)?.leaseLost(epoch, why);
    if (id !== undefined) this.instances.get(id)?.leaseAcquired(this.epoch);
    for (const instance of this.instances.values()) instance.tell('leader');
  }

  /** Some other instance than this one leads soon. */
  elect(butNot?: string): void {
    if (this.electMs === undefined || this.#isElecting || this.leader !== undefined) return;
    this.#isElecting = true;
    setTimeout(() => {
      this.#isElecting = false;
      if (this.leader !== undefined) return;
      const able = [...this.instances.values()].filter((one) => one.isAlive && !one.isPaused);
      const next = able.find(({ id }) => id !== butNot) ?? able[0];
      if (next) this.lead(next.id);
    }, this.electMs);
  }

  /** A crash of the process: nothing that it has begun takes effect any more. */
  crash(id: string): void {
    this.instances.get(id)?.die();
    if (this.leader === id) this.lead(undefined);
    this.elect(id);
  }

  /** Its process stands still (SIGSTOP), and another one takes over. */
  pause(id: string): void {
    const instance = this.instances.get(id);
    instance?.pause();
    if (this.leader === id) this.lead(undefined);
    this.elect(id);
  }

  /** Takes effect, or throws what the writer is told. */
  commit(change: MapChange): Applied {
    if (change.epoch !== undefined && (change.epoch !== this.epoch || this.leader === undefined)) {
      throw clusterError('EPOCH_OVER');
    }
    const now = this.entries();
    for (const { key, version } of change.if ?? []) {
      if ((now.get(key)?.version ?? 0) !== version) throw clusterError('CONFLICT');
    }
    const put = new Map<string, unknown>(Object.entries(structuredClone(change.put ?? {})));
    const removed = (change.remove ?? []).filter((key) => now.has(key) && !put.has(key));
    const applied = { version: this.log.length + 1, put, removed };
    this.log.push(applied);
    for (const instance of this.instances.values()) instance.follow();
    return applied;
  }

  /** What all writes until then amount to. */
  entries(until = this.log.length): Map<string, { value: unknown; version: number }> {
    const entries = new Map<string, { value: unknown; version: number }>();
    for (const { version, put, removed } of this.log.slice(0, until)) {
      for (const key of removed) entries.delete(key);
      for (const [key, value] of put) entries.set(key, { value, version });
    }
    return entries;
  }
}
