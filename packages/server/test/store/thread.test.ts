import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { ManualClock } from '@vibrissa/testkit';
import { describe, expect, it } from 'vitest';

import { silentLogger } from '../../src/base/logger.ts';
import { SharedOffset } from '../../src/store/sqlite/thread/shared-offset.ts';
import { ThreadClient } from '../../src/store/sqlite/thread/thread-client.ts';
import { storeConfig, temporaryDirectory } from './temporary-stores.ts';

describe('the store thread', () => {
  it('that dies fails those who wait, and is started again with all that it had kept', async () => {
    const directory = await temporaryDirectory();
    const journalDirectory = join(directory, 'journal');
    await mkdir(journalDirectory);
    const clock = new ManualClock();
    const problems: string[] = [];
    const data = {
      directory,
      journalDirectory,
      shared: new SharedOffset().buffer,
      retention: storeConfig.retention,
      program: new URL('../../dist/store/sqlite/thread/worker.js', import.meta.url).href,
    };
    const logger = { ...silentLogger, error: (_fields: object, message: string) => problems.push(message) };
    const program = new URL('./dying-thread.mjs', import.meta.url);
    const thread = new ThreadClient({ data, clock, logger, program });
    await thread.call('limits.put', 'guest', { invocationsPerMinute: 7 });

    await expect(thread.call('entities.typeOf', 'guest', 'die')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    await expect(thread.call('limits.get', 'guest')).rejects.toThrow('The store thread is not running.');
    await clock.advance(1000);
    expect(await thread.call('limits.get', 'guest')).toEqual({ invocationsPerMinute: 7 });

    await thread.close();
    await expect(thread.call('limits.get', 'guest')).rejects.toThrow('The store thread is not running.');
    await rm(directory, { recursive: true });
  });
});
