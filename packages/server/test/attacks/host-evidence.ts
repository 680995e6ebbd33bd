/** Looks at the host from outside: what an attack really did. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Cgroup directories of the sandbox with this id, in every hierarchy. */
export function cgroupsOf(id: string): string[] {
  const found: string[] = [];
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    if (!/ - cgroup2? /.test(line)) continue;
    const point = line.split(' ')[4] ?? '';
    for (const base of directories(point).filter((name) => name.startsWith('vibrissa-')))
      if (directories(join(point, base)).includes(id)) found.push(join(point, base, id));
  }
  return found;
}

function directories(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Host pids of all processes of a sandbox. */
export function processesOf(id: string): number[] {
  const pids = new Set<number>();
  for (const cgroup of cgroupsOf(id))
    for (const line of read(join(cgroup, 'cgroup.procs')).split('\n'))
      if (Number(line) > 0) pids.add(Number(line));
  return [...pids];
}

export function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** A process's line of `/proc/PID/status`. */
export function statusOf(pid: number, field: string): string | undefined {
  return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(read(`/proc/${pid}/status`))?.[1];
}

export function isAlive(pid: number): boolean {
  return !['', 'Z (zombie)'].includes(statusOf(pid, 'State') ?? '');
}
