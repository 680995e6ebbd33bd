export { systemClock, type Clock, type Timer } from './base/clock.ts';
export { systemRandom, type RandomSource } from './base/random.ts';
export { dnsSeeds, type DnsSeedsOptions, type SeedResolver } from './discovery/dns-seeds.ts';
export { fileSeeds } from './discovery/file-seeds.ts';
export type { MarathonAuth, MarathonSeedsOptions } from './discovery/marathon-options.ts';
export { marathonSeeds } from './discovery/marathon-seeds.ts';
export { parseAddress } from './discovery/parse-address.ts';
export { SeedError, type SeedErrorCode } from './discovery/seed-error.ts';
export type { Seed, SeedList, SeedSource } from './discovery/seed-source.ts';
export { staticSeeds } from './discovery/static-seeds.ts';
export type { Problem, ProblemCode } from './founding/founding-messages.ts';
export type { Lease, LeaderLease, LeaseEvent } from './lease/leader-lease.ts';
export type { LeaseWitness, WitnessReport } from './lease/lease-witness.ts';
export { SingleLease, type SingleLeaseOptions } from './lease/single-lease.ts';
export { WitnessLease, type WitnessLeaseOptions } from './lease/witness-lease.ts';
export type { MapChange, Versioned } from './map/map-messages.ts';
export type { MapChanged, ReplicatedMap, WaitOptions } from './map/replicated-map.ts';
export type { Address, Json, Member, MemberMeta, MemberState } from './membership/member.ts';
export { ClusterError, ConflictError, type ClusterErrorCode } from './node/cluster-errors.ts';
export { ClusterNode } from './node/cluster-node.ts';
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
export { FileStorage, type FileStorageOptions } from './storage/file-storage.ts';
export { MemoryStorage } from './storage/memory-storage.ts';
export { StorageError, type StorageErrorCode } from './storage/storage-error.ts';
export { TransportError, type TransportErrorCode } from './transport/transport-error.ts';
