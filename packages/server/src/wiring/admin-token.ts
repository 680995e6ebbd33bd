import { join } from 'node:path';

import type { Ids } from '../base/ids.ts';
import { readOwnerFile, writeOwnerFile } from './owner-file.ts';

/** The secret that the administration asks for over TCP, from `<data-dir>/admin.token`; made when it is missing. */
export function ensureAdminToken(dataDir: string, ids: Ids): string {
  const path = join(dataDir, 'admin.token');
  const written = readOwnerFile(path);
  if (written) return written;
  const token = ids.key();
  writeOwnerFile(path, token);
  return token;
}
