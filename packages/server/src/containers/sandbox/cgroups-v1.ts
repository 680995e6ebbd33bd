import { join } from 'node:path';
import type { CgroupDirectory, CgroupLimits, CgroupPlan, CgroupProtection, Cgroups } from './cgroup-plan.ts';

/**
 * Base directories of one platform, by controller. `unified`, the empty cgroup2 of a hybrid machine, is used only where
 * v1's freezer is missing: a process enters a cgroup2 through a lock that waits for all processors (some 10 ms when
 * nobody did lately), while a single thread that moves itself by v1's `tasks` file needs none.
 */
export interface CgroupV1Bases {
  readonly memory?: string;
  readonly cpu?: string;
  readonly pids?: string;
  readonly freezer?: string;
  readonly unified?: string;
}

const CPU_PERIOD_US = 100_000;

function memoryFiles(memoryMb: number): CgroupDirectory['files'] {
  const bytes = String(memoryMb * 1024 * 1024);
  // Without swap accounting the second file is missing; memory.swappiness then keeps the group off the swap.
  return [
    ['memory.limit_in_bytes', bytes],
    ['memory.memsw.limit_in_bytes?', bytes],
    ['memory.swappiness?', '0'],
  ];
}

function cpuFiles(limits: CgroupLimits): CgroupDirectory['files'] {
  const shares = ['cpu.shares', String(limits.cpuShares)] as const;
  if (limits.cpuCores === undefined) return [shares];
  return [
    shares,
    ['cpu.cfs_period_us?', String(CPU_PERIOD_US)],
    ['cpu.cfs_quota_us?', String(Math.max(1000, Math.round(limits.cpuCores * CPU_PERIOD_US)))],
  ];
}

/** Two controllers may share a directory (`cpu,cpuacct`): one entry, all files. */
function merged(directories: readonly CgroupDirectory[]): CgroupDirectory[] {
  const byPath = new Map<string, CgroupDirectory>();
  for (const { path, enter, files } of directories)
    byPath.set(path, { path, enter, files: [...(byPath.get(path)?.files ?? []), ...files] });
  return [...byPath.values()];
}

function planV1(bases: CgroupV1Bases, name: string, limits: CgroupLimits): CgroupPlan {
  const { memory, cpu, pids, freezer, unified } = bases;
  const directories: CgroupDirectory[] = [];
  const add = (base: string | undefined, files: CgroupDirectory['files']) => {
    if (base === undefined) return;
    const enter = base === unified ? 'cgroup.procs' : 'tasks';
    directories.push({ path: join(base, name), enter, files });
  };
  add(memory, memoryFiles(limits.memoryMb));
  add(cpu, cpuFiles(limits));
  add(pids, [['pids.max', String(limits.pids)]]);
  add(freezer, []);
  if (freezer === undefined) add(unified, []);
  return {
    directories: merged(directories),
    ...(memory === undefined ? {} : { oomCounter: join(memory, name, 'memory.oom_control') }),
    ...freezerOf(bases, name),
  };
}

function freezerOf({ freezer, unified }: CgroupV1Bases, name: string): Pick<CgroupPlan, 'freezer'> {
  if (freezer !== undefined)
    return { freezer: { file: join(freezer, name, 'freezer.state'), freeze: 'FROZEN', thaw: 'THAWED' } };
  if (unified !== undefined)
    return { freezer: { file: join(unified, name, 'cgroup.freeze'), freeze: '1', thaw: '0' } };
  return {};
}

/** cgroup v1, alone or with an empty cgroup2 beside it. */
export function cgroupsV1(bases: CgroupV1Bases): Cgroups {
  const enforced: CgroupProtection[] = [];
  if (bases.memory !== undefined) enforced.push('memory');
  if (bases.cpu !== undefined) enforced.push('cpu');
  if (bases.pids !== undefined) enforced.push('pids');
  if (bases.unified !== undefined || bases.freezer !== undefined) enforced.push('freezer');
  return {
    version: 'v1',
    bases: [...new Set(Object.values(bases).filter((base): base is string => base !== undefined))],
    enforced,
    plan: (name, limits) => planV1(bases, name, limits),
  };
}
