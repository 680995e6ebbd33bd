import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';

const OWNER_ONLY = 0o600;

/** The one line of a file of ours; undefined when there is no such file. */
export function readOwnerFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a file of one line for its owner's eyes: it appears under its name when its content is on the disk. */
export function writeOwnerFile(path: string, line: string): void {
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', OWNER_ONLY);
  try {
    writeSync(file, `${line}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}
