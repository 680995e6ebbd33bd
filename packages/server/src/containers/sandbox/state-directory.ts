/**
 * Where a platform's sandboxes have their sockets and FIFOs: one directory per data directory, so that the next life
 * of the same platform finds what was left, and never another's.
 *
 * It is 0711: a sandbox's own user has to walk through it to the root that it is given, but can list nothing; what
 * must stay private lies in `s`, which is 0700.
 */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface StateDirectory {
  readonly path: string;
  /** Names this platform's cgroups. */
  readonly baseName: string;
  /** Sockets and FIFOs. */
  readonly sockets: string;
  /** The directory that becomes the root of every sandbox. */
  readonly root: string;
  /** Made for this life only, as there is no data directory: gone with it. */
  readonly temporary: boolean;
}

/** Room for `/s/` and a socket's name in the 107 bytes of a Unix socket's path. */
const LONGEST = 107 - 3 - 40;

function fingerprint(dataDir: string, uid: number): string {
  return createHash('sha256').update(`${uid}:${dataDir}`).digest('hex').slice(0, 12);
}

/** Candidates, best first. Pure. */
export function stateDirectoryCandidates(
  dataDir: string,
  uid: number,
  env: { readonly XDG_RUNTIME_DIR?: string | undefined },
): string[] {
  const name = `vibrissa-${fingerprint(dataDir, uid)}`;
  const beside = join(dataDir, 'run');
  // As root the sandboxes have users of their own, who can't walk through a 0700 data directory.
  const candidates =
    uid === 0
      ? [join('/run', name)]
      : [beside, ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, name)] : [])];
  return [...candidates, join(tmpdir(), name)].filter((path) => path.length <= LONGEST);
}

/** Makes the directory, or takes it over when it is ours; a directory that someone else put there is refused. */
function claim(path: string, uid: number): void {
  mkdirSync(path, { recursive: true, mode: 0o711 });
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== uid) throw new Error(`${path} belongs to someone else`);
  chmodSync(path, 0o711);
}

function within(path: string, baseName: string, temporary: boolean): StateDirectory {
  const sockets = join(path, 's');
  mkdirSync(sockets, { recursive: true, mode: 0o700 });
  chmodSync(sockets, 0o700);
  return { path, baseName, sockets, root: join(path, 'root'), temporary };
}

export function openStateDirectory(dataDir: string | undefined): StateDirectory {
  const uid = process.getuid?.() ?? 0;
  if (dataDir === undefined) {
    const path = mkdtempSync(join(tmpdir(), 'vibrissa-'));
    chmodSync(path, 0o711);
    return within(path, path.slice(path.lastIndexOf('/') + 1), true);
  }
  const real = realpathSync(dataDir);
  const problems: string[] = [];
  for (const path of stateDirectoryCandidates(real, uid, process.env))
    try {
      claim(path, uid);
      return within(path, `vibrissa-${fingerprint(real, uid)}`, false);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  throw new Error(`no directory for the sandboxes' sockets can be made: ${problems.join('; ')}`);
}

export function removeStateDirectory(directory: StateDirectory): void {
  rmSync(directory.path, { recursive: true, force: true });
}
