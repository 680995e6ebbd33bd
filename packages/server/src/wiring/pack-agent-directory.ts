import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { writeAgentDirectory } from '../containers/sandbox/on-agent/agent-archive.ts';
import type { Refused } from './administer-data-directory.ts';
import { isKernelPath } from './kernel-path.ts';

/** A directory that was packed before has this file. */
const MARK = join('agent', 'digest');

function isForeign(directory: string): boolean {
  return existsSync(directory) && !existsSync(join(directory, MARK)) && readdirSync(directory).length > 0;
}

/** Writes what agents need for command tasks; files of an earlier packing are replaced, others are left alone. */
export function packAgentDirectory(directory: string): { readonly digest: string } | Refused {
  try {
    if (isKernelPath(directory)) {
      return {
        refused: `${directory} lies in a file system of the kernel, which keeps nothing.`,
        mend: 'Name a directory on a disk.',
      };
    }
    if (isForeign(directory)) {
      return {
        refused: `${directory} has other files in it.`,
        mend: 'Name an empty directory, one that does not exist yet, or one that was packed before.',
      };
    }
    return { digest: writeAgentDirectory(directory) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return {
      refused: `${directory} can't be written: ${message}.`,
      mend: 'Name a directory that this user may write.',
    };
  }
}
