import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const MAX_PATH_BYTES = 107;

/** A directory of this user that nobody else can enter; the same one at every start. */
function privateDirectory(name: string): string {
  const path = join(tmpdir(), name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new Error(`${path} belongs to somebody else`);
  }
  chmodSync(path, 0o700);
  return path;
}

/** Removes the directory that {@link apiSocketPathOf} made, if it made one; the socket in it is gone already. */
export function forgetApiSocketPath(path: string, dataDir: string): void {
  if (dirname(path) !== dataDir) rmSync(dirname(path), { recursive: true, force: true });
}

/**
 * Where sandboxes reach the API: `<data-dir>/api.sock`, or, where that is longer than a socket's path may be, a socket
 * in a directory of its own. (A detour through a descriptor won't do: sandboxes are made by another process.)
 */
export function apiSocketPathOf(dataDir: string): string {
  const path = join(dataDir, 'api.sock');
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return path;
  const fingerprint = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  return join(privateDirectory(`vibrissa-api-${fingerprint}`), 'api.sock');
}
