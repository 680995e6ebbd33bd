/**
 * Removes what an earlier life of this platform left when it was killed together with its spawner. Its cgroups and its
 * socket directory carry the name of its data directory: nothing else is looked at, so that another platform on the
 * same machine keeps its own.
 */
import { readdirSync, readFileSync, rmSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { killCgroup, removeCgroup } from './cgroup-files.ts';

export interface LeftoverPlaces {
  readonly cgroupBases: readonly string[];
  /** The platform's sockets and FIFOs. */
  readonly sockets: string;
  /** The root directory that its sandboxes were given. */
  readonly root: string;
  /** Has the present life sandboxes already? Then what is in that root may be theirs. */
  readonly hasLiving: boolean;
  /** Names of sandboxes, sockets and FIFOs that belong to the present life. */
  isAlive(name: string): boolean;
}

function entries(directory: string, kind: 'directory' | 'any'): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => kind === 'any' || entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/**
 * Processes whose root directory is the one that our sandboxes were given: it is the same inode, however it is mounted.
 * Finds what has no cgroup, and what shook off the signal that should have ended it with its spawner.
 */
function processesIn(root: string): number[] {
  const ours = statSync(root, { throwIfNoEntry: false });
  if (ours === undefined) return [];
  return entries('/proc', 'directory')
    .map(Number)
    .filter((pid) => pid > 0 && isRootOf(pid, ours));
}

function isRootOf(pid: number, ours: Stats): boolean {
  try {
    const its = statSync(`/proc/${pid}/root/`);
    return its.dev === ours.dev && its.ino === ours.ino;
  } catch {
    return false;
  }
}

/**
 * Plain processes of ours run a program below that directory, and lead a group each. For those that have no cgroup; one
 * that hides its command line stays.
 */
function plainProcessesOf(root: string): number[] {
  return entries('/proc', 'directory')
    .map(Number)
    .filter((pid) => pid > 0 && commandLineOf(pid).some((word) => word.startsWith(`${root}/`)));
}

function commandLineOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** bubblewrap itself, which had not yet changed its root when its parent was killed. */
function strandedIn(root: string): number[] {
  return entries('/proc', 'directory')
    .map(Number)
    .filter((pid) => {
      const words = pid > 0 ? commandLineOf(pid) : [];
      return words.includes('--die-with-parent') && words.includes(root);
    });
}

/** @param pid of a process, or of a group as a negative number */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile, or is not ours.
  }
}

async function emptied(cgroup: string, clock: Clock): Promise<void> {
  const giveUpAt = clock.monotonicMs() + 8000;
  for (let waitMs = 1; !removeCgroup(cgroup); waitMs = Math.min(waitMs * 2, 100)) {
    if (clock.monotonicMs() > giveUpAt) throw new Error(`${cgroup} can't be emptied`);
    killCgroup(cgroup);
    await clock.sleep(waitMs);
  }
}

/** @returns how many sandboxes, sockets and FIFOs were removed */
export async function removeLeftovers(places: LeftoverPlaces, clock: Clock): Promise<number> {
  const sandboxes = new Set<string>();
  const cgroups: string[] = [];
  for (const base of places.cgroupBases)
    for (const name of entries(base, 'directory'))
      if (!places.isAlive(name)) {
        sandboxes.add(name);
        cgroups.push(join(base, name));
      }
  for (const cgroup of cgroups) killCgroup(cgroup);
  await Promise.all(cgroups.map((cgroup) => emptied(cgroup, clock)));
  let removed = sandboxes.size;
  if (!places.hasLiving)
    for (const pid of [
      ...new Set([...processesIn(places.root), ...strandedIn(places.root)]),
      ...plainProcessesOf(places.root).map((pid) => -pid),
    ]) {
      kill(pid);
      removed++;
    }
  for (const name of entries(places.sockets, 'any'))
    if (!places.isAlive(name)) {
      rmSync(join(places.sockets, name), { force: true, recursive: true });
      removed++;
    }
  return removed;
}
