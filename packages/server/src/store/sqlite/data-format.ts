import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

import { DataDirectoryError } from './data-directory-error.ts';

/** What `<data-dir>/format.json` says. */
export interface DataFormat {
  /** Version of the directory's layout. */
  readonly format: number;
  /** Ids of the master keys that something in the directory may be sealed with. */
  readonly keyIds: readonly string[];
}

/** Brings a directory from `from` to `from + 1`; must be repeatable, because a crash may come before it is noted. */
export interface FormatUpgrade {
  readonly from: number;
  readonly apply: (directory: string) => Promise<void>;
}

/** Version of the layout that this platform writes. */
export const CURRENT_FORMAT = 1;

const upgrades: readonly FormatUpgrade[] = [];

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  await handle.sync().finally(() => handle.close());
}

/** Replaces the file whole: a crash leaves the old one or the new one. */
export async function writeFormat(directory: string, format: DataFormat): Promise<void> {
  const path = join(directory, 'format.json');
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(format)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await syncDirectory(directory);
}

async function readFormat(directory: string): Promise<DataFormat | undefined> {
  const path = join(directory, 'format.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const { format, keyIds } = JSON.parse(text) as Partial<DataFormat>;
    if (Number.isInteger(format) && Array.isArray(keyIds)) return { format: format!, keyIds };
  } catch {
    // Said below, as for text that is JSON but not ours.
  }
  throw new DataDirectoryError('DATA_DIRECTORY_UNUSABLE', {
    what: `${path} is damaged.`,
    mend: `Restore it from a backup, or write {"format":${CURRENT_FORMAT},"keyIds":[]} to it.`,
  });
}

/**
 * Reads the version of a directory and brings an older one up to date, step by step. A fresh directory gets the
 * current version. Throws {@link DataDirectoryError} for one that a newer platform wrote.
 */
export async function ensureFormat(
  directory: string,
  target = { format: CURRENT_FORMAT, upgrades },
): Promise<DataFormat> {
  let found = await readFormat(directory);
  if (!found) {
    found = { format: target.format, keyIds: [] };
    await writeFormat(directory, found);
  }
  if (found.format > target.format) {
    throw new DataDirectoryError('DATA_DIRECTORY_NEWER', {
      what: `The data directory ${directory} has format ${found.format}; this version of Vibrissa knows formats up to ${target.format}.`,
      mend: 'Start the newer version that wrote it, or give this one another directory with --data-dir.',
    });
  }
  while (found.format < target.format) {
    const from: number = found.format;
    const upgrade = target.upgrades.find((candidate) => candidate.from === from);
    if (!upgrade) {
      throw new DataDirectoryError('DATA_DIRECTORY_UNUSABLE', {
        what: `The data directory ${directory} has format ${from}, from which this version can't upgrade.`,
        mend: 'Start a version in between first.',
      });
    }
    await upgrade.apply(directory);
    found = { ...found, format: from + 1 };
    await writeFormat(directory, found);
  }
  return found;
}
