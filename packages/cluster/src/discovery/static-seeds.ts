import { listSeeds } from './list-seeds.ts';
import { parseAddress } from './parse-address.ts';
import { SeedError } from './seed-error.ts';
import type { SeedSource } from './seed-source.ts';

/**
 * Always the same addresses; this instance's own may be among them.
 *
 *     staticSeeds(['10.0.0.3:7946', '10.0.0.4:7946', '10.0.0.5:7946'])
 *
 * Throws {@link SeedError} `INVALID_ADDRESS`, `NO_SEEDS`.
 */
export function staticSeeds(addresses: readonly string[]): SeedSource {
  if (addresses.length === 0) {
    throw new SeedError('NO_SEEDS', {
      what: 'The list of seeds is empty.',
      mend: 'Name the addresses of all instances, or at least of some that always run.',
    });
  }
  const list = listSeeds(addresses.map(parseAddress));
  return {
    description: `the list ${addresses.join(', ')}`,
    find: () => Promise.resolve(list),
  };
}
