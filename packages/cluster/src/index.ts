export type { Clock, Timer } from './base/clock.ts';
export type { RandomSource } from './base/random.ts';
export type { Seed, SeedList, SeedSource } from './discovery/seed-source.ts';
export type { Problem, ProblemCode } from './founding/founding-messages.ts';
export type { Lease, LeaderLease, LeaseEvent } from './lease/leader-lease.ts';
export type { MapChange, Versioned } from './map/map-messages.ts';
export type { MapChanged, ReplicatedMap, WaitOptions } from './map/replicated-map.ts';
export type { Address, Json, Member, MemberMeta, MemberState } from './membership/member.ts';
export type { Cluster, ClusterChange } from './node/cluster.ts';
export type { ClusterLogger, ClusterOptions, ClusterTiming } from './node/cluster-options.ts';
export type {
  ClusterStanding,
  ClusterView,
  LeaderChange,
  LeaderView,
  LogView,
  MemberView,
} from './node/cluster-view.ts';
export type {
  ConsensusStorage,
  FoundingPromise,
  Identity,
  StorageChange,
  StoredConsensus,
} from './storage/consensus-storage.ts';
