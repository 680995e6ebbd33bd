/** Looks at the machine from outside: what a platform's sandboxes are, have, and have left behind. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const uid = process.getuid?.() ?? 0;

function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The name that everything of this data directory's sandboxes carries. */
function stateName(dataDir: string): string {
  const fingerprint = createHash('sha256')
    .update(`${uid}:${realpathSync(dataDir)}`)
    .digest('hex');
  return `vibrissa-${fingerprint.slice(0, 12)}`;
}

function stateDirectories(dataDir: string): string[] {
  const name = stateName(dataDir);
  const places = [join('/run', name), join(dataDir, 'run'), join(tmpdir(), name)];
  const runtime = process.env['XDG_RUNTIME_DIR'];
  if (runtime !== undefined) places.push(join(runtime, name));
  return places.filter((place) => statSync(place, { throwIfNoEntry: false }) !== undefined);
}

/** Every cgroup of a sandbox of this platform, in every hierarchy. */
export function sandboxCgroups(dataDir: string): string[] {
  const name = stateName(dataDir);
  const mounts = read('/proc/self/mountinfo').split('\n');
  const points = mounts.filter((line) => / - cgroup2? /.test(line)).map((line) => line.split(' ')[4]!);
  const bases = points.flatMap((point) => basesBelow(point, name, 3));
  return bases.flatMap((base) =>
    names(base)
      .map((entry) => join(base, entry))
      .filter((entry) => statSync(entry, { throwIfNoEntry: false })?.isDirectory() === true),
  );
}

function basesBelow(directory: string, name: string, depth: number): string[] {
  if (basename(directory) === name) return [directory];
  if (depth === 0) return [];
  return names(directory)
    .map((entry) => join(directory, entry))
    .filter((entry) => statSync(entry, { throwIfNoEntry: false })?.isDirectory() === true)
    .flatMap((entry) => basesBelow(entry, name, depth - 1));
}

/** Pids of the processes in its sandboxes: their root directory is the one that the platform gave them. */
export function sandboxProcesses(dataDir: string): number[] {
  const roots = stateDirectories(dataDir)
    .map((directory) => statSync(join(directory, 'root'), { throwIfNoEntry: false }))
    .filter((root) => root !== undefined);
  return names('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && roots.some((root) => hasRoot(pid, root)));
}

function hasRoot(pid: number, root: { readonly dev: number; readonly ino: number }): boolean {
  try {
    const its = statSync(`/proc/${pid}/root/`);
    return its.dev === root.dev && its.ino === root.ino;
  } catch {
    return false;
  }
}

/** Processes outside that were started for this platform: they name its data directory or its state directory. */
export function hostProcesses(dataDir: string): number[] {
  const name = stateName(dataDir);
  return names('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => {
      const text = read(`/proc/${pid}/cmdline`) + read(`/proc/${pid}/environ`);
      return text.includes(dataDir) || text.includes(name);
    });
}

export interface Traces {
  readonly processes: readonly number[];
  readonly cgroups: readonly string[];
  /** Sockets and FIFOs of sandboxes. */
  readonly files: readonly string[];
  readonly mounts: readonly string[];
}

/** All that the sandboxes of a data directory have on the host now. */
export function tracesOf(dataDir: string): Traces {
  const name = stateName(dataDir);
  return {
    processes: sandboxProcesses(dataDir),
    cgroups: sandboxCgroups(dataDir).map((path) => basename(path)),
    files: stateDirectories(dataDir).flatMap((directory) => names(join(directory, 's'))),
    mounts: read('/proc/self/mountinfo')
      .split('\n')
      .filter((line) => line.includes(name)),
  };
}

/** The state directories that are there. */
export function stateOf(dataDir: string): string[] {
  return stateDirectories(dataDir);
}
