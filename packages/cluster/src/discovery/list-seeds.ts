import { addressText, type Address } from '../membership/member.ts';
import type { Seed, SeedList } from './seed-source.ts';

/** Seeds without names, of whose health nothing is known; each address once. */
export function listSeeds(addresses: readonly Address[]): SeedList {
  const seeds = new Map<string, Seed>();
  for (const address of addresses) seeds.set(addressText(address), { address, healthy: true });
  return { seeds: [...seeds.values()] };
}
