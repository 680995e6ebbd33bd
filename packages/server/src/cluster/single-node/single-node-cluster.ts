import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { SingleLease, type ClusterView } from '@vibrissa/cluster';

import type { Clock } from '../../base/clock.ts';

const OWNER_ONLY = 0o700;

export interface SingleNodeDeps {
  readonly dataDir: string;
  readonly clock: Clock;
  /** Of this machine: by it people know the instance. */
  readonly host: string;
  readonly version: string;
}

/**
 * A platform as a cluster of one: it leads as long as it runs, and each start on its data directory is another epoch,
 * counted in `cluster/epoch` there.
 *
 *     const cluster = await SingleNodeCluster.open({ dataDir, clock, host: hostname(), version });
 *     cluster.view('10.0.0.5:3233').leader?.epoch;
 */
export class SingleNodeCluster {
  readonly epoch: number;
  readonly #deps: SingleNodeDeps;
  readonly #lease: SingleLease;
  readonly #since: number;

  private constructor(deps: SingleNodeDeps, lease: SingleLease, epoch: number) {
    this.#deps = deps;
    this.#lease = lease;
    this.epoch = epoch;
    this.#since = deps.clock.now();
  }

  /** Throws a `StorageError`, with a mend, when the epoch can't be read or written. */
  static async open(deps: SingleNodeDeps): Promise<SingleNodeCluster> {
    const directory = join(deps.dataDir, 'cluster');
    await mkdir(directory, { recursive: true, mode: OWNER_ONLY });
    const lease = await SingleLease.open({ epochFile: join(directory, 'epoch') });
    return new SingleNodeCluster(deps, lease, lease.current?.epoch ?? 0);
  }

  /** `address`: where users reach it, `host:port`. */
  view(address: string): ClusterView {
    const { host: id, version } = this.#deps;
    const { epoch } = this;
    const since = this.#since;
    const leads = this.#lease.current !== undefined;
    return {
      name: 'vibrissa',
      standing: leads ? 'leading' : 'closed',
      problems: [],
      self: { id, address, version },
      instances: 1,
      ...(leads && { leader: { id, address, epoch, since } }),
      members: [
        {
          id,
          address,
          state: 'alive',
          role: 'voter',
          isLeader: leads,
          isSelf: true,
          meta: { version },
          since,
        },
      ],
      // It shares nothing with anybody: what it must not forget is in its journal.
      log: { first: 0, last: 0, committed: 0, applied: 0, term: epoch },
      changes: [{ epoch, leader: id, at: since }],
      refusedPackets: 0,
    };
  }

  close(): Promise<void> {
    return this.#lease.close();
  }
}
