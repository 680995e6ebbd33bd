import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { SqliteStores, type StoreConfig, type StoreDeps } from '../../src/store/sqlite/sqlite-stores.ts';

/** The standard settings. */
export const storeConfig: StoreConfig = {
  journal: { durability: 'on', segmentSize: 64 * 1024 * 1024 },
  retention: { activationAge: 100 * 365 * 86_400_000, activationSize: 4 * 1024 ** 3 },
  secrets: {},
};

/** A directory of its own. */
export function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'vibrissa-store-'));
}

/** Opens what lies in a directory, with the real clock. */
export function openStores(dataDir: string, over: Partial<StoreDeps> = {}): Promise<SqliteStores> {
  return SqliteStores.open({
    dataDir,
    clock: systemClock,
    logger: silentLogger,
    config: storeConfig,
    ...over,
  });
}

/** Empty stores in a directory that `remove` deletes. */
export async function temporaryStores(over: Partial<StoreDeps> = {}) {
  const directory = await temporaryDirectory();
  const stores = await openStores(directory, over);
  const remove = async () => {
    await stores.close();
    await rm(directory, { recursive: true });
  };
  return { directory, stores, remove };
}
