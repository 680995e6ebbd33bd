import { readFile } from 'node:fs/promises';

import { listSeeds } from './list-seeds.ts';
import { parseAddress } from './parse-address.ts';
import { SeedError } from './seed-error.ts';
import type { SeedSource } from './seed-source.ts';

/**
 * Addresses in a file that is read each time: one a line (`#` begins a comment), or a JSON list of texts.
 *
 *     fileSeeds('/etc/my-framework/seeds')
 */
export function fileSeeds(path: string): SeedSource {
  return {
    description: `the file ${path}`,
    async find(signal) {
      const text = await readFile(path, { encoding: 'utf8', signal }).catch((cause: unknown) => {
        throw new SeedError('SEEDS_UNREACHABLE', {
          what: `The file of seeds ${path} can't be read: ${(cause as Error).message}.`,
          mend: 'Write the address of one instance on each line, such as 10.0.0.3:7946.',
          cause,
        });
      });
      const addresses = textsOf(text, path).map((address) => parseIn(path, address));
      if (addresses.length > 0) return listSeeds(addresses);
      throw new SeedError('NO_SEEDS', {
        what: `The file of seeds ${path} lists nothing.`,
        mend: 'Write the address of one instance on each line, such as 10.0.0.3:7946.',
      });
    },
  };
}

function textsOf(text: string, path: string): readonly string[] {
  if (!/^\s*\[\s*(\]|")/.test(text)) return linesOf(text);
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
  } catch {
    // Told below.
  }
  throw new SeedError('INVALID_ADDRESS', {
    what: `The file of seeds ${path} begins like JSON, and is not a JSON list of texts.`,
    mend: 'Write ["10.0.0.3:7946", "10.0.0.4:7946"], or one address on each line.',
  });
}

function linesOf(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

function parseIn(path: string, text: string) {
  try {
    return parseAddress(text);
  } catch (cause) {
    const { what, mend } = cause as SeedError;
    throw new SeedError('INVALID_ADDRESS', { what: `In the file of seeds ${path}: ${what}`, mend, cause });
  }
}
