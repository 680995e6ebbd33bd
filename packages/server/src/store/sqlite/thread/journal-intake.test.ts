import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { aMessage, aRecord } from '@vibrissa/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { silentLogger } from '../../../base/logger.ts';
import { generateKeyLine, parseKeyring } from '../../crypto/keyring.ts';
import { Sealer } from '../../crypto/sealer.ts';
import { openDatabase, type Connection } from '../database.ts';
import { BatchBuffer } from '../journal/batch-buffer.ts';
import { STARTED, writeAccepted, writeFinished, writeMark } from '../journal/entries.ts';
import { segmentName } from '../journal/segment-names.ts';
import { ActivationTables } from './activation-tables.ts';
import { JournalIntake } from './journal-intake.ts';
import { activationMigrations } from './schema.ts';
import { SegmentReader } from './segment-reader.ts';

const sealer = new Sealer(parseKeyring(generateKeyLine(), 'the test'));

describe('the intake of the journal', () => {
  let directory: string;
  let journal: string;
  let connection: Connection;
  let reader: SegmentReader;
  let problems: string[];
  const note = (_fields: object, message: string) => problems.push(message);
  const logger = { ...silentLogger, warn: note, error: note };
  const open = () => {
    const path = join(directory, 'activations.db');
    connection = openDatabase({
      path,
      synchronous: 'NORMAL',
      migrations: activationMigrations,
      cacheKb: 1024,
    });
    reader = new SegmentReader(journal);
    const tables = new ActivationTables(connection);
    return { tables, intake: new JournalIntake(reader, tables, logger) };
  };
  const reopen = () => {
    reader.close();
    connection.close();
    return open();
  };
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'vibrissa-intake-'));
    journal = join(directory, 'journal');
    mkdirSync(journal);
    problems = [];
  });
  afterEach(() => {
    reader.close();
    connection.close();
    rmSync(directory, { recursive: true });
  });

  const frame = (write: (batch: BatchBuffer) => void) => {
    const batch = new BatchBuffer();
    write(batch);
    return Buffer.from(batch.bytes);
  };
  const finished = (logs: string[] = []) => frame((batch) => writeFinished(batch, aRecord(), logs));
  const segment = (base: number, bytes: Buffer) => {
    writeFileSync(join(journal, segmentName(base)), bytes);
    return base + bytes.length;
  };
  const records = (tables: ActivationTables) => tables.state.records;

  it('takes over all segments of an earlier process, once', () => {
    const next = segment(0, Buffer.concat([finished(), finished()]));
    const end = segment(next, finished());
    const first = open();
    expect(first.intake.recover()).toBe(end);
    expect(records(first.tables)).toBe(3);
    const second = reopen();
    expect(second.intake.recover()).toBe(end);
    expect(second.tables.state).toMatchObject({ records: 3, duplicates: 0 });
    expect(problems).toEqual([]);
  });

  it('cuts off what a crash left unfinished, and new entries start there', () => {
    const whole = finished();
    segment(0, Buffer.concat([whole, finished().subarray(0, -1)]));
    const { tables, intake } = open();
    expect(intake.recover()).toBe(whole.length);
    expect(records(tables)).toBe(1);
    expect(readFileSync(join(journal, segmentName(0)))).toHaveLength(whole.length);
    expect(problems).toEqual(['the end of the journal was cut off in a crash']);
  });

  it('removes a segment of which nothing was finished, so that its name is free', () => {
    segment(0, Buffer.alloc(0));
    const { intake } = open();
    expect(intake.recover()).toBe(0);
    expect(readdirSync(journal)).toEqual([]);
  });

  it('goes on with the next segment behind damage, and says so', () => {
    const damaged = Buffer.concat([finished(), finished(), finished()]);
    damaged[damaged.length >> 1]! ^= 1;
    const end = segment(segment(0, damaged), finished());
    const { tables, intake } = open();
    expect(intake.recover()).toBe(end);
    expect(records(tables)).toBe(2);
    expect(problems).toEqual(['a part of the journal is damaged and was skipped']);
  });

  it('starts behind what the tables know when the machine has lost the end of the journal', () => {
    const end = segment(0, Buffer.concat([finished(), finished()]));
    const first = open();
    first.intake.recover();
    segment(0, readFileSync(join(journal, segmentName(0))).subarray(0, 10));
    const second = reopen();
    expect(second.intake.recover()).toBe(end);
    expect(records(second.tables)).toBe(2);
  });

  it('follows the growing journal across segments, in slices', () => {
    const { tables, intake } = open();
    intake.recover();
    const end = segment(0, Buffer.concat(Array.from({ length: 1500 }, () => finished())));
    intake.slice(end);
    expect(records(tables)).toBe(1000);
    intake.slice(end);
    expect(records(tables)).toBe(1500);
    const last = finished();
    segment(end, last);
    intake.catchUp(end + last.length);
    expect(intake.position).toBe(end + last.length);
    expect(records(tables)).toBe(1501);
  });

  it('never looks beyond what is known to be written', () => {
    const { tables, intake } = open();
    intake.recover();
    const whole = finished();
    segment(0, Buffer.concat([whole, finished().subarray(0, -3)]));
    intake.catchUp(whole.length);
    expect(records(tables)).toBe(1);
    expect(problems).toEqual([]);
  });

  it('takes an entry of several megabytes', () => {
    const { tables, intake } = open();
    intake.recover();
    const bytes = Buffer.concat([finished(), finished(['x'.repeat(5_000_000)]), finished()]);
    intake.catchUp(segment(0, bytes));
    expect(records(tables)).toBe(3);
    expect(problems).toEqual([]);
  });

  it('skips what the disk has changed since, and says so', () => {
    const { tables, intake } = open();
    intake.recover();
    const bytes = Buffer.concat([finished(), finished()]);
    bytes[bytes.length - 1]! ^= 1;
    const end = segment(0, bytes);
    intake.catchUp(end);
    expect(intake.position).toBe(end);
    expect(records(tables)).toBe(1);
    expect(problems).toEqual(['a part of the journal is damaged and was skipped']);
  });

  it('deletes only segments that are wholly in the tables', () => {
    const second = segment(0, finished());
    const third = segment(second, finished());
    const { intake } = open();
    intake.recover();
    intake.dropSegments(second, false);
    expect(readdirSync(journal)).toEqual([segmentName(second)]);
    intake.dropSegments(third, false);
    expect(readdirSync(journal)).toEqual([segmentName(second)]);
    intake.dropSegments(third, true);
    expect(readdirSync(journal)).toEqual([]);
  });

  it('keeps an intent until it is finished, wherever a slice ends in between', () => {
    const message = aMessage({ durable: true, content: '{}' });
    const record = aRecord({ activationId: message.activationId });
    const parts = [
      frame((batch) => writeAccepted(batch, message, sealer)),
      frame((batch) => writeMark(batch, STARTED, message.activationId)),
      frame((batch) => writeFinished(batch, record, [])),
      frame((batch) => writeFinished(batch, record, [])),
    ];
    const whole = Buffer.concat(parts);
    const ends = [0, 1, 2, 3, 4].map((count) => Buffer.concat(parts.slice(0, count)).length);
    for (const stops of [[1, 2, 3, 4], [2, 4], [1, 3, 4], [3, 4], [4]]) {
      rmSync(directory, { recursive: true });
      mkdirSync(journal, { recursive: true });
      const { tables, intake } = open();
      intake.recover();
      segment(0, whole);
      for (const stop of stops) {
        intake.catchUp(ends[stop]!);
        const pending = tables.pendingBefore(whole.length);
        expect(pending.map(({ started }) => started)).toEqual(stop < 3 ? [stop === 2] : []);
      }
      expect(tables.state).toMatchObject({ records: 1, duplicates: 1, pending: 0 });
      reader.close();
      connection.close();
    }
    open();
  });

  it('recovers every whole entry and no torn one, whatever byte a crash cuts at', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 4 }), fc.nat(), (sizes, where) => {
        rmSync(directory, { recursive: true });
        mkdirSync(journal, { recursive: true });
        const frames = sizes.map((size) => finished(['y'.repeat(size)]));
        const bytes = Buffer.concat(frames);
        const cut = where % (bytes.length + 1);
        segment(0, bytes.subarray(0, cut));
        const { tables, intake } = open();
        const ends = frames.map((_, index) => Buffer.concat(frames.slice(0, index + 1)).length);
        const whole = ends.filter((end) => end <= cut);
        expect(intake.recover()).toBe(whole.at(-1) ?? 0);
        expect(records(tables)).toBe(whole.length);
        // What comes next stands where the torn entry stood.
        if (whole.length > 0) appendFileSync(join(journal, segmentName(0)), frames[0]!);
        else segment(0, frames[0]!);
        reader.close();
        connection.close();
        const next = open();
        next.intake.recover();
        expect(records(next.tables) + next.tables.state.duplicates).toBe(whole.length + 1);
        reader.close();
        connection.close();
      }),
      { numRuns: 60 },
    );
    open();
  });
});
