import { join } from 'node:path';
import type { CgroupDirectory, CgroupLimits, CgroupProtection, Cgroups } from './cgroup-plan.ts';

const CPU_PERIOD_US = 100_000;

/** v1's shares (2 … 262144) on v2's scale (1 … 10000), by the formula that runc and crun use. */
export function cpuWeight(shares: number): number {
  return Math.floor(1 + ((Math.min(Math.max(shares, 2), 262_144) - 2) * 9999) / 262_142);
}

function limitFiles(limits: CgroupLimits, controllers: ReadonlySet<string>): CgroupDirectory['files'] {
  const files: (readonly [string, string])[] = [];
  if (controllers.has('memory'))
    files.push(
      ['memory.max', String(limits.memoryMb * 1024 * 1024)],
      ['memory.swap.max?', '0'],
      // One out-of-memory ends the container as a whole, as its engine would.
      ['memory.oom.group?', '1'],
    );
  if (controllers.has('cpu')) {
    files.push(['cpu.weight', String(cpuWeight(limits.cpuShares))]);
    if (limits.cpuCores !== undefined)
      files.push([
        'cpu.max',
        `${Math.max(1000, Math.round(limits.cpuCores * CPU_PERIOD_US))} ${CPU_PERIOD_US}`,
      ]);
  }
  if (controllers.has('pids')) files.push(['pids.max', String(limits.pids)]);
  return files;
}

/** cgroup v2. `controllers` are those that are enabled for the children of `base`. */
export function cgroupsV2(base: string, controllers: ReadonlySet<string>): Cgroups {
  const enforced: CgroupProtection[] = ['freezer'];
  for (const controller of ['memory', 'cpu', 'pids'] as const)
    if (controllers.has(controller)) enforced.push(controller);
  return {
    version: 'v2',
    bases: [base],
    enforced,
    plan(name, limits) {
      const path = join(base, name);
      return {
        directories: [{ path, enter: 'cgroup.procs', files: limitFiles(limits, controllers) }],
        ...(controllers.has('memory') ? { oomCounter: join(path, 'memory.events') } : {}),
        freezer: { file: join(path, 'cgroup.freeze'), freeze: '1', thaw: '0' },
      };
    },
  };
}
