import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { aRecord } from '@vibrissa/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openDatabase, type Connection } from '../database.ts';
import { BatchBuffer } from '../journal/batch-buffer.ts';
import { readEntry, writeFinished } from '../journal/entries.ts';
import { readFrame } from '../journal/frame.ts';
import { ActivationTables } from './activation-tables.ts';
import { JournalFold } from './journal-fold.ts';
import { oldestKept, RetentionTables } from './retention.ts';
import { activationMigrations } from './schema.ts';

const HOUR = 3_600_000;

describe('the age of records', () => {
  const opened = { now: 1000 * HOUR, monotonicMs: 50 * HOUR };

  it('is counted back from now', () => {
    const current = { now: 1003 * HOUR, monotonicMs: 53 * HOUR };
    expect(oldestKept(opened, current, 2 * HOUR)).toBe(1001 * HOUR);
  });

  it('does not grow by years when the clock is set ahead, so that nothing is deleted by mistake', () => {
    const current = { now: 99_999 * HOUR, monotonicMs: 53 * HOUR };
    expect(oldestKept(opened, current, 2 * HOUR)).toBe(1002 * HOUR);
  });

  it('shrinks when the clock is set back', () => {
    const current = { now: 500 * HOUR, monotonicMs: 53 * HOUR };
    expect(oldestKept(opened, current, 2 * HOUR)).toBe(498 * HOUR);
  });
});

describe('retention', () => {
  let directory: string;
  let connection: Connection;
  let tables: ActivationTables;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'vibrissa-retention-'));
    const path = join(directory, 'activations.db');
    connection = openDatabase({
      path,
      synchronous: 'NORMAL',
      migrations: activationMigrations,
      cacheKb: 1024,
    });
    tables = new ActivationTables(connection);
  });
  afterEach(() => {
    connection.close();
    rmSync(directory, { recursive: true });
  });

  const fill = (starts: readonly number[], padding = 0) => {
    const fold = new JournalFold();
    for (const start of starts) {
      const batch = new BatchBuffer();
      const response = { statusCode: 0, resultJson: JSON.stringify('x'.repeat(padding)) } as const;
      writeFinished(batch, aRecord({ start, response }), []);
      const read = readFrame(batch.bytes, 0, batch.length);
      if (read.state !== 'whole') throw new Error(read.state);
      const { type, payloadStart, payloadEnd } = read.frame;
      fold.add(readEntry(type, Buffer.from(batch.bytes.subarray(payloadStart, payloadEnd)))!, 0);
    }
    tables.apply(fold, tables.state.position + 1);
  };
  const starts = () =>
    tables
      .list({ namespace: 'guest', skip: 0, limit: 10_000 })
      .map(({ summaryJson }) => (JSON.parse(summaryJson) as { start: number }).start);
  const all = { activationAge: 1, activationSize: 2 ** 40 };

  it('deletes what is older than allowed, and only that', () => {
    fill([5, 1, 4, 2, 3]);
    const retention = new RetentionTables(connection, all);
    expect(retention.slice(3)).toBe(2);
    expect(starts()).toEqual([5, 4, 3]);
    expect(retention.slice(3)).toBe(0);
  });

  it('deletes the oldest when all of them take too much', () => {
    fill([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const { bytes } = tables.state;
    const retention = new RetentionTables(connection, { ...all, activationSize: bytes * 0.65 });
    expect(retention.slice(0)).toBe(4);
    expect(starts()).toEqual([10, 9, 8, 7, 6, 5]);
    expect(retention.slice(0)).toBe(0);
  });

  it('deletes a few hundred at a time and counts what is left', () => {
    fill(Array.from({ length: 1200 }, (_, index) => index));
    const retention = new RetentionTables(connection, all);
    const slices = [];
    for (let deleted = retention.slice(1100); deleted > 0; deleted = retention.slice(1100))
      slices.push(deleted);
    expect(slices).toEqual([500, 500, 100]);
    tables.refresh();
    expect(tables.state).toMatchObject({ records: 100 });
    expect(starts()).toHaveLength(100);
    expect(retention.slice(10_000)).toBe(100);
    tables.refresh();
    expect(tables.state).toMatchObject({ records: 0, bytes: 0 });
  });

  it('gives the room on the disk back', () => {
    fill(
      Array.from({ length: 300 }, (_, index) => index),
      5000,
    );
    const pages = () =>
      (connection.prepare('PRAGMA page_count').get([]) as { page_count: number }).page_count;
    const before = pages();
    const retention = new RetentionTables(connection, all);
    while (retention.slice(1000) > 0);
    retention.giveBack();
    retention.giveBack();
    expect(pages()).toBeLessThan(before / 2);
  });
});
