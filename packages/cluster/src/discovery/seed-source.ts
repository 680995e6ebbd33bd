import type { Address } from '../membership/member.ts';

/**
 * Where the addresses of other instances come from: a list, DNS, a file, Marathon's application state.
 *
 *     const source = marathonSeeds({ url: 'http://marathon.mesos:8080', app: '/my-framework', port: 'cluster' });
 *     const { seeds, instances } = await source.find(signal);
 *
 * What it lists at one moment decides nothing by itself: a cluster is founded by those who have answered, and a voter is
 * only replaced when it is missing again and again and gossip has found it dead.
 */
export interface SeedSource {
  /** For people: `Marathon's app /my-framework at http://…`. */
  readonly description: string;
  /** Rejects with a `SeedError` that says what, why and how to mend it. */
  find(signal: AbortSignal): Promise<SeedList>;
}

export interface SeedList {
  readonly seeds: readonly Seed[];
  /** How many instances there are to be, where the source knows. */
  readonly instances?: number;
}

export interface Seed {
  readonly address: Address;
  /** What the source calls it (Marathon: the task's id). An instance tells its own in `meta.seed`. */
  readonly name?: string;
  /** Does the source think that it works? Unhealthy ones are asked, too, but don't count towards a majority. */
  readonly healthy: boolean;
}
