import type { Clock } from '../base/clock.ts';
import type { RandomSource } from '../base/random.ts';
import type { SeedSource } from '../discovery/seed-source.ts';
import type { Address, MemberMeta } from '../membership/member.ts';
import type { ConsensusStorage } from '../storage/consensus-storage.ts';

/** Pino, or anything alike. */
export interface ClusterLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Durations are milliseconds. */
export interface ClusterOptions {
  /** Instances with other names don't talk to each other. */
  readonly name: string;
  /** At least 16 characters. Of several the first one seals, all of them open: so secrets are rotated. */
  readonly secrets: readonly string[];
  /** UDP and TCP. Port 0: any; then seeds must come to know it in another way. */
  readonly listen: Address;
  /** Under which others reach this instance; default: `listen`. */
  readonly advertise?: Address;
  readonly seeds: SeedSource;
  /** How many instances there are to be; default: what the seed source says. */
  readonly instances?: number;
  /** Where term, vote and log are kept; default: in memory, and each start is a new member. */
  readonly storage?: ConsensusStorage;
  /** Known to all. `version` and `seed` mean something; `leaving` and `protocol` are the cluster's own. */
  readonly meta?: MemberMeta;
  readonly timing?: 'default' | 'fast' | Partial<ClusterTiming>;
  /** The highest epoch that was ever seen of this cluster, asked before one is founded anew; default 0. */
  readonly epochFloor?: () => Promise<number>;
  readonly logger?: ClusterLogger;
  readonly clock?: Clock;
  readonly random?: RandomSource;
}

/** All in milliseconds, but for counts. */
export interface ClusterTiming {
  /** From the leader to each participant. */
  readonly heartbeatMs: number;
  /** Without a word of the leader for a random time between these, an instance stands for election. */
  readonly electionMinMs: number;
  readonly electionMaxMs: number;
  /** How long the leader's lease lasts after a majority has heard of it: shorter than `electionMinMs` by the drift of clocks that is allowed for. */
  readonly leaseMs: number;
  /** Of gossip: each member probes another one that often. */
  readonly probeMs: number;
  readonly probeTimeoutMs: number;
  /** Suspects have this many probe intervals, times the logarithm of the number of members, to contradict. */
  readonly suspicionRounds: number;
  /** How long the same seeds must answer before a cluster is founded. */
  readonly foundingMarginMs: number;
  readonly seedsFoundingMs: number;
  readonly seedsLaterMs: number;
  /** For how long a dead voter must be missing from the seed source before another takes its place. */
  readonly replaceAfterMs: number;
}
