/**
 * What a sandbox needs of cgroups, as data: the platform builds the plan, the spawner carries it out, and whoever
 * cleans up after a crash reads the same names from the disk.
 */
export interface CgroupLimits {
  readonly memoryMb: number;
  /** Relative weight on the scale of cgroup v1 (1024 = one usual share). */
  readonly cpuShares: number;
  /** Cores that it may use at most; absent: as many as are idle. */
  readonly cpuCores?: number;
  readonly pids: number;
}

export interface CgroupDirectory {
  readonly path: string;
  /** The file by which a process enters. */
  readonly enter: 'cgroup.procs' | 'tasks';
  /** Limits to write, in order. A file that ends in `?` may be missing on this kernel. */
  readonly files: readonly (readonly [name: string, value: string])[];
}

export interface CgroupPlan {
  /** To make, in order; a process enters each of them. */
  readonly directories: readonly CgroupDirectory[];
  /** Where the kernel counts its kills for want of memory. */
  readonly oomCounter?: string;
  readonly freezer?: CgroupFreezer;
}

export interface CgroupFreezer {
  readonly file: string;
  readonly freeze: string;
  readonly thaw: string;
}

/** One layout of cgroups, opened for one platform. */
export interface Cgroups {
  readonly version: 'v1' | 'v2';
  /** The platform's own directories; its sandboxes' lie directly below, nothing else does. */
  readonly bases: readonly string[];
  /** Protections that this layout gives. */
  readonly enforced: readonly CgroupProtection[];
  plan(name: string, limits: CgroupLimits): CgroupPlan;
}

export type CgroupProtection = 'memory' | 'cpu' | 'pids' | 'freezer';

const protections: readonly CgroupProtection[] = ['memory', 'cpu', 'pids', 'freezer'];

/** What a machine without (these) cgroups does not limit. */
export function missingProtections(cgroups: Cgroups | undefined): CgroupProtection[] {
  return protections.filter((protection) => !cgroups?.enforced.includes(protection));
}
