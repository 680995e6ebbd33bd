import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openDatabase, type Connection } from '../database.ts';
import { EntityTables } from './entity-tables.ts';
import { entityMigrations } from './schema.ts';

describe('code that no action uses any more', () => {
  let directory: string;
  let connection: Connection;
  let tables: EntityTables;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'vibrissa-entities-'));
    const path = join(directory, 'entities.db');
    connection = openDatabase({ path, synchronous: 'NORMAL', migrations: entityMigrations, cacheKb: 1024 });
    tables = new EntityTables(connection);
  });
  afterEach(() => {
    connection.close();
    rmSync(directory, { recursive: true });
  });

  const put = (name: string, digest: string) =>
    tables.put(
      {
        entityType: 'action',
        path: 'guest',
        name,
        updated: 1,
        digest,
        json: '{}',
        sealed: null,
        keyId: null,
      },
      undefined,
    )!;

  it('is deleted after some passes, and not before', () => {
    const digest = tables.write('unused');
    expect([tables.collectOrphans(3), tables.collectOrphans(3)]).toEqual([0, 0]);
    expect(tables.read(digest)).toBe('unused');
    expect(tables.collectOrphans(3)).toBe(1);
    expect(tables.read(digest)).toBeUndefined();
  });

  it('is kept as long as any action uses it', () => {
    const digest = tables.write('shared');
    const first = put('a', digest);
    put('b', digest);
    tables.delete({ type: 'action', path: 'guest', name: 'a' }, first);
    for (let pass = 0; pass < 5; pass++) expect(tables.collectOrphans(2)).toBe(0);
    expect(tables.read(digest)).toBe('shared');
  });

  it('starts its count anew when it is written or used again', () => {
    const digest = tables.write('back again');
    tables.collectOrphans(2);
    tables.write('back again');
    expect(tables.collectOrphans(2)).toBe(0);
    const revision = put('a', digest);
    tables.collectOrphans(2);
    tables.delete({ type: 'action', path: 'guest', name: 'a' }, revision);
    expect(tables.collectOrphans(2)).toBe(0);
    expect(tables.collectOrphans(2)).toBe(1);
  });
});
