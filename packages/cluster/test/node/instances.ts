import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { staticSeeds } from '../../src/discovery/static-seeds.ts';
import { ClusterNode } from '../../src/node/cluster-node.ts';
import type { ClusterOptions } from '../../src/node/cluster-options.ts';
import { FileStorage } from '../../src/storage/file-storage.ts';

export const SECRET = 'a secret of all instances';

/** Real instances over loopback, each on a port of its own; all are closed in the end. */
export class Instances {
  readonly #directory = mkdtempSync(join(tmpdir(), 'vibrissa-cluster-'));
  readonly #nodes = new Map<number, ClusterNode>();
  /** Bound once to learn which ports are free. */
  readonly #ports: number[] = [];

  get all(): readonly ClusterNode[] {
    return [...this.#nodes.values()];
  }

  get directory(): string {
    return this.#directory;
  }

  /** Takes ports of the system that nobody has, so that every instance can know all seeds before it starts. */
  async reserve(count: number): Promise<void> {
    const found: ClusterNode[] = [];
    for (let index = 0; index < count; index++) {
      const node = await ClusterNode.open({
        name: 'nobody',
        secrets: [SECRET],
        listen: { host: '127.0.0.1', port: 0 },
        seeds: staticSeeds(['127.0.0.1:1']),
        instances: 3,
      });
      found.push(node);
      this.#ports.push(Number(node.view().self.address.split(':').at(-1)));
    }
    await Promise.all(found.map((node) => node.close()));
  }

  port(slot: number): number {
    return this.#ports[slot] ?? 0;
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
      listen: { host: '127.0.0.1', port: this.port(slot) },
      seeds: staticSeeds(this.#ports.map((port) => `127.0.0.1:${port}`)),
      instances: this.#ports.length,
      timing: 'fast',
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
