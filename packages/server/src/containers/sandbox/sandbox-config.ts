import { defaultUidRange, type UidRange } from './uid-pool.ts';

export interface SandboxConfig {
  /** Plain processes, also where the machine could make sandboxes. */
  readonly plain: boolean;
  /** Size of the private /tmp. */
  readonly tmpMb: number;
  /** Size of the private directory that code is unpacked in. */
  readonly actionDirMb: number;
  readonly sharedMemoryMb: number;
  /** Processes and threads of one sandbox. */
  readonly pids: number;
  /** Cores that one sandbox may use at most; absent: as many as are idle. */
  readonly cpuCores?: number;
  /** Users that sandboxes run as, when the platform is root. */
  readonly uids: UidRange;
  /** May actions ask for the internet at all? */
  readonly internet: boolean;
  /** `host:port` that such actions may reach although the address is private. */
  readonly allowedDestinations: readonly string[];
}

export const defaultSandboxConfig: SandboxConfig = {
  plain: false,
  tmpMb: 128,
  actionDirMb: 256,
  sharedMemoryMb: 16,
  pids: 1024,
  uids: defaultUidRange,
  internet: true,
  allowedDestinations: [],
};
