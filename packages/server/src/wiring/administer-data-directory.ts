import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { administer } from '../administration/administer.ts';
import { askPlatform } from '../administration/ask-platform.ts';
import type { Answer, Operation } from '../administration/operation.ts';
import { randomIds } from '../base/ids.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import type { Config } from '../config/schema.ts';
import { mendOf } from '../base/mendable.ts';
import { openStores } from './open-stores.ts';
import { reachable, type ReachablePath } from './socket-path.ts';

/** Why nothing could be done, and how to mend it. */
export interface Refused {
  readonly refused: string;
  readonly mend: string;
}

async function askRunning(dataDir: string, operation: Operation): Promise<Answer | undefined> {
  let reach: ReachablePath;
  try {
    reach = reachable(join(dataDir, 'admin.sock'));
  } catch {
    return undefined;
  }
  return askPlatform(reach.path, operation).finally(() => reach.close());
}

async function workOnStore(config: Config, operation: Operation): Promise<Answer> {
  const stores = await openStores({ config, clock: systemClock, logger: silentLogger });
  try {
    return await administer(
      { auth: stores.auth, ids: randomIds, reloadKeys: () => stores.reloadKeys() },
      operation,
    );
  } finally {
    await stores.close();
  }
}

/** Carries out an operation on the platform of a data directory: by the running one, else on the store itself. */
export async function administerDataDirectory(
  config: Config,
  operation: Operation,
): Promise<Answer | Refused> {
  if (!existsSync(config.dataDir)) {
    return {
      refused: `There is no data directory ${config.dataDir}.`,
      mend: 'Start the platform once, or name the directory that it was started with: --data-dir DIRECTORY',
    };
  }
  try {
    return (await askRunning(config.dataDir, operation)) ?? (await workOnStore(config, operation));
  } catch (error) {
    const mendable = mendOf(error);
    if (mendable) return { refused: mendable.message, mend: mendable.mend };
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    return {
      refused: `${config.dataDir} belongs to another user.`,
      mend: 'Run this as the user that runs the platform, or name the right directory with --data-dir.',
    };
  }
}
