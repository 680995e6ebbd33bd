import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { CliError } from '../cli-error.ts';

/** Where a project's files may be: its repository, or the manifest's folder where that is in none. */
function boundsOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (at === dirname(at)) return folder;
  }
}

function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/**
 * Throws {@link CliError} when a file lies outside of the project, links followed. Whoever deploys somebody else's project
 * would otherwise send any file of their own along. A file that is not there is left to whoever reads it.
 */
export function requireInProject(path: string, folder: string): void {
  if (path.includes('\0') || !existsSync(path)) return;
  const root = boundsOf(realpathSync(folder));
  const real = realpathSync(path);
  if (isWithin(real, root)) return;
  throw new CliError(`'${real}' is outside of the project in '${root}', and is not taken along`, {
    hints: ['Copy it into the project, or keep both in one repository (a folder with .git)'],
  });
}
