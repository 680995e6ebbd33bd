/**
 * Carries out a {@link CgroupPlan}: cgroupfs lives in memory, a write to it takes microseconds, so these calls are
 * synchronous. Used by the spawner, and by whoever cleans up after a crash.
 */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CgroupDirectory, CgroupPlan } from './cgroup-plan.ts';

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENODEV' || code === 'EOPNOTSUPP';
}

function writeLimit(directory: string, name: string, value: string): void {
  const optional = name.endsWith('?');
  try {
    writeFileSync(join(directory, optional ? name.slice(0, -1) : name), value);
  } catch (error) {
    // An optional limit may also be refused (a quota above the parent's): the other limits still hold.
    if (!optional) throw error;
  }
}

/** Makes the groups with their limits. All or nothing; a group that is there already is someone else's. */
export function makeCgroups(plan: CgroupPlan): void {
  const made: CgroupDirectory[] = [];
  try {
    for (const directory of plan.directories) {
      mkdirSync(directory.path);
      made.push(directory);
      for (const [name, value] of directory.files) writeLimit(directory.path, name, value);
    }
  } catch (error) {
    for (const { path } of made) removeCgroup(path);
    throw error;
  }
}

/** Processes in a group; none when it is gone. */
export function cgroupProcesses(directory: string): number[] {
  try {
    const text = readFileSync(join(directory, 'cgroup.procs'), 'utf8');
    // 0 stands for a process that this pid namespace can't see; killing 0 would hit our own group.
    return text
      .split('\n')
      .map(Number)
      .filter((pid) => pid > 0);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** `writeFileSync` that tells by its result whether the file was there. */
export function writeIfPresent(file: string, value: string): boolean {
  try {
    // Opening with the wish to create would be refused by cgroupfs with EACCES, whatever the reason.
    writeFileSync(file, value, { flag: 'r+' });
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Kills all that is in the group, frozen or not. */
export function killCgroup(directory: string): void {
  if (writeIfPresent(join(directory, 'cgroup.kill'), '1')) return;
  // A task frozen by v1 dies only when thawed: the order is thaw, then kill.
  writeIfPresent(join(directory, 'freezer.state'), 'THAWED');
  for (const pid of cgroupProcesses(directory)) killProcess(pid);
}

/** Removes an empty group. False while something in it still lives or dies (EBUSY). */
export function removeCgroup(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return true;
    if (code === 'EBUSY' || code === 'ENOTEMPTY') return false;
    throw error;
  }
}

/** The kernel's kills for want of memory: `oom_kill N`, in v1's memory.oom_control and v2's memory.events alike. */
export function oomKills(counterFile: string): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync(counterFile, 'utf8'))?.[1] ?? 0);
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}
