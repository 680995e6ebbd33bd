import { SqliteStores } from '../store/sqlite/sqlite-stores.ts';
import type { Foundation } from './foundation.ts';

/** The embedded store of a platform on one machine, with its journal. */
export type OpenStores = Pick<
  SqliteStores,
  'activations' | 'artifacts' | 'attachments' | 'auth' | 'journal' | 'close' | 'reloadKeys'
>;

/** Locks and opens the data directory. Errors carry a `mend`. */
export function openStores({
  config,
  clock,
  logger,
}: Pick<Foundation, 'config' | 'clock' | 'logger'>): Promise<OpenStores> {
  const { dataDir, journal, retention, secrets } = config;
  return SqliteStores.open({
    dataDir,
    clock,
    logger,
    inlineWrites: true,
    config: { journal, retention, secrets },
  });
}
