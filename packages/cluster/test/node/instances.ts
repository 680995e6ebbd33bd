import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SteadyClock, takeOwnLoopback, type OwnLoopback } from '@vibrissa/testkit';
import { vi } from 'vitest';

import { staticSeeds } from '../../src/discovery/static-seeds.ts';
import { addressText, type Address } from '../../src/membership/member.ts';
import { ClusterNode } from '../../src/node/cluster-node.ts';
import type { ClusterOptions } from '../../src/node/cluster-options.ts';
import { FileStorage } from '../../src/storage/file-storage.ts';

// They wait for several things, each of which may come late on a machine that has much else to do.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

export const SECRET = 'a secret of all instances';

const PORT = 7946;
/** Less than half of the shortest lease: what a busy machine takes from all of them at once ends none. */
const LONGEST_STALL_MS = 20;

/** Real instances over loopback, each at an address of its own; all are closed in the end. */
export class Instances {
  readonly #clock = new SteadyClock(LONGEST_STALL_MS);
  readonly #directory = mkdtempSync(join(tmpdir(), 'vibrissa-cluster-'));
  readonly #nodes = new Map<number, ClusterNode>();
  #loopback: OwnLoopback | undefined;
  #count = 0;

  get all(): readonly ClusterNode[] {
    return [...this.#nodes.values()];
  }

  /** Takes addresses that nobody has, so that every instance can know all seeds before it starts. */
  async reserve(count: number): Promise<void> {
    this.#loopback = await takeOwnLoopback();
    this.#count = count;
  }

  address(slot: number): Address {
    if (!this.#loopback) throw new Error('no addresses are reserved');
    return { host: this.#loopback.host(1 + slot), port: PORT };
  }

  get addresses(): readonly Address[] {
    return Array.from({ length: this.#count }, (_, slot) => this.address(slot));
  }

  async start(
    slot: number,
    more: Partial<ClusterOptions> & { readonly disk?: boolean } = {},
  ): Promise<ClusterNode> {
    const { disk, ...options } = more;
    const storage = disk
      ? await FileStorage.open(join(this.#directory, `instance-${slot}`), { name: options.name ?? 'test' })
      : undefined;
    const node = await ClusterNode.open({
      name: 'test',
      secrets: [SECRET],
      listen: this.address(slot),
      seeds: staticSeeds(this.addresses.map(addressText)),
      instances: this.#count,
      timing: 'fast',
      clock: this.#clock,
      ...(storage && { storage }),
      ...options,
    });
    this.#nodes.set(slot, node);
    return node;
  }

  async stop(slot: number): Promise<void> {
    const node = this.#nodes.get(slot);
    this.#nodes.delete(slot);
    await node?.close();
  }

  slotOf(node: ClusterNode): number {
    for (const [slot, each] of this.#nodes) if (each === node) return slot;
    throw new Error('this instance is not there');
  }

  leader(): ClusterNode | undefined {
    return this.all.find((node) => node.lease.current !== undefined);
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((node) => node.close()));
    await this.#loopback?.close();
    rmSync(this.#directory, { recursive: true });
  }
}

/** Waits until something is so; the test's own limit ends what never is. */
export async function until<T>(what: () => T | undefined | false): Promise<T> {
  for (;;) {
    const value = what();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
