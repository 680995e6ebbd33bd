import { join } from 'node:path';

import { askAdmin, type AdminReply } from '../administration/ask-admin.ts';
import type { Refused } from './administer-data-directory.ts';
import { reachable } from './socket-path.ts';

async function askSocket(dataDir: string, path: string): Promise<AdminReply | undefined> {
  const reach = reachable(join(dataDir, 'admin.sock'));
  try {
    return await askAdmin(reach.path, { path });
  } finally {
    reach.close();
  }
}

/** GET from the platform that runs on a data directory; or why nobody answers. */
export async function askDataDirectory(dataDir: string, path: string): Promise<AdminReply | Refused> {
  const nobody: Refused = {
    refused: `No platform runs on ${dataDir}.`,
    mend: 'Start one, or name the directory of the one that runs: --data-dir DIRECTORY',
  };
  try {
    return (await askSocket(dataDir, path)) ?? nobody;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return nobody;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    return {
      refused: `${dataDir} belongs to another user.`,
      mend: 'Run this as the user that runs the platform, or name the right directory with --data-dir.',
    };
  }
}
