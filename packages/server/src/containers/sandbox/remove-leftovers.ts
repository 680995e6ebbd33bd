/**
 * Removes what an earlier life of this platform left when it was killed together with its spawner. Its cgroups and its
 * socket directory carry the name of its data directory: nothing else is looked at, so that another platform on the
 * same machine keeps its own.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { killCgroup, removeCgroup } from './cgroup-files.ts';

export interface LeftoverPlaces {
  readonly cgroupBases: readonly string[];
  /** The platform's sockets and FIFOs. */
  readonly sockets: string;
  /** The root that its sandboxes were given: it stands in the command line of each. */
  readonly root: string;
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

/** Sandboxes without cgroups: bubblewrap processes whose command line names our root. */
function watchersOf(root: string): number[] {
  return entries('/proc', 'directory')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && commandLine(pid).includes(root));
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

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
  if (removed === 0 && places.cgroupBases.length === 0)
    for (const pid of watchersOf(places.root)) {
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
