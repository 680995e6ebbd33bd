import { closeSync, constants, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Bytes of a Unix socket's path that the kernel takes, with its end. */
const MAX_PATH_BYTES = 107;

/** A path under which a socket can be bound or reached, however long its own path is. */
export interface ReachablePath {
  readonly path: string;
  close(): void;
}

/**
 * The kernel takes no socket paths over 107 bytes. A longer one goes through a descriptor of its directory, which must
 * stay open as long as the path is used.
 */
export function reachable(path: string): ReachablePath {
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return { path, close: () => {} };
  const directory = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  return { path: `/proc/self/fd/${directory}/${basename(path)}`, close: () => closeSync(directory) };
}
