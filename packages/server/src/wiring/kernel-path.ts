import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';

export function nearestExisting(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestExisting(dirname(path));
}

const kernel = /^\/(?:proc|sys)(?:\/|$)/;

/** Below `/proc` or `/sys`: nothing can be kept there, and Node's recursive `mkdir` never ends there. */
export function isKernelPath(path: string): boolean {
  return kernel.test(path) || kernel.test(realpathSync(nearestExisting(path)));
}
