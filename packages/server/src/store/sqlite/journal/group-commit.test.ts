import { anActivationId, ManualClock, settle } from '@vibrissa/testkit';
import { describe, expect, it } from 'vitest';

import { silentLogger } from '../../../base/logger.ts';
import { diskError, MemoryDisk } from '../../../../test/store/memory-disk.ts';
import { JournalUnavailableError } from '../../activation-journal.ts';
import { readEntry, STARTED, writeLogged, writeMark } from './entries.ts';
import { readFrame } from './frame.ts';
import { GroupCommit, type GroupCommitDeps } from './group-commit.ts';
import { segmentName } from './segment-names.ts';

async function openCommit(over: Partial<GroupCommitDeps> = {}) {
  const disk = new MemoryDisk();
  const clock = new ManualClock();
  const published: number[] = [];
  const commit = await GroupCommit.open({
    files: disk,
    directory: '/journal',
    clock,
    logger: silentLogger,
    durability: 'on',
    segmentBytes: 1_000_000,
    inlineWrites: false,
    offset: 0,
    published: (offset) => published.push(offset),
    ...over,
  });
  const mark = (id = anActivationId()) => {
    writeMark(commit.batch, STARTED, id);
    return id;
  };
  return { disk, clock, commit, published, mark };
}

/** The ids of the whole frames, and what stands behind them. */
function read(bytes: Buffer): { ids: string[]; rest: number } {
  const ids: string[] = [];
  let at = 0;
  for (;;) {
    const frame = readFrame(bytes, at, bytes.length);
    if (frame.state !== 'whole') return { ids, rest: bytes.length - at };
    const { type, payloadStart, payloadEnd } = frame.frame;
    ids.push(readEntry(type, bytes.subarray(payloadStart, payloadEnd))!.id.toString('hex'));
    at = payloadEnd;
  }
}

describe('the group commit', () => {
  it('writes everything of a turn at once, and what comes meanwhile in the next batch', async () => {
    const { commit, disk, mark } = await openCommit();
    const first = [mark(), mark()];
    const written = commit.whenWritten();
    await Promise.resolve();
    await written;
    const second = [mark(), mark(), mark()];
    await commit.whenWritten();
    expect(disk.history).toEqual(['create', 'write', 'write']);
    expect(read(disk.bytes)).toEqual({ ids: [...first, ...second], rest: 0 });
  });

  it('tells the readers how far they may read before anyone is told that it is written', async () => {
    const { commit, disk, published, mark } = await openCommit();
    mark();
    await commit.whenWritten();
    expect(published).toEqual([disk.bytes.length]);
    expect(commit.writtenOffset).toBe(disk.bytes.length);
  });

  it('calls durable only what a sync that began after the write has covered', async () => {
    const { commit, disk, mark } = await openCommit();
    mark();
    await commit.whenDurable();
    const [file] = disk.files.values();
    expect(file?.syncedLength).toBe(disk.bytes.length);
    const all = Array.from({ length: 20 }, async () => {
      mark();
      await commit.whenDurable();
      const { syncedOffset } = commit.stats();
      expect(file!.syncedLength).toBeGreaterThanOrEqual(syncedOffset);
    });
    await Promise.all(all);
    expect(commit.stats()).toMatchObject({ syncedOffset: disk.bytes.length, syncs: 2 });
  });

  it('sends what nobody waits for to the disk within 5 ms', async () => {
    const { commit, disk, clock, mark } = await openCommit();
    mark();
    await commit.whenWritten();
    expect(disk.history).not.toContain('datasync');
    await clock.advance(4);
    await settle();
    expect(commit.stats().syncedOffset).toBe(disk.bytes.length);
    await clock.advance(100);
    expect(commit.stats().syncs).toBe(1);
  });

  it('forces nothing to the disk when it was told so', async () => {
    const { commit, disk, clock, mark } = await openCommit({ durability: 'off' });
    mark();
    await commit.whenDurable();
    await clock.advance(100);
    await commit.close();
    expect(disk.history).toEqual(['create', 'write']);
  });

  it('begins a new segment when one is full, after the full one is on the disk', async () => {
    const { commit, disk, mark } = await openCommit({ segmentBytes: 50 });
    const ids: string[] = [];
    for (let count = 0; count < 7; count++) {
      ids.push(mark());
      await commit.whenWritten();
    }
    expect([...disk.files.keys()]).toEqual([
      segmentName(0),
      segmentName(50),
      segmentName(100),
      segmentName(150),
    ]);
    expect(read(disk.bytes)).toEqual({ ids, rest: 0 });
    const full = [...disk.files.values()].slice(0, -1);
    for (const file of full) expect(file).toMatchObject({ syncedLength: 50, closed: true });
  });

  it('writes the rest of a short write', async () => {
    const { commit, disk, mark } = await openCommit();
    disk.fail('write', { afterBytes: 7 });
    const id = mark();
    await commit.whenWritten();
    expect(read(disk.bytes)).toEqual({ ids: [id], rest: 0 });
  });

  it('acknowledges nothing on a full disk, cuts the torn rest away, and goes on when there is room', async () => {
    const { commit, disk, published, mark } = await openCommit();
    const before = mark();
    await commit.whenWritten();
    disk.fail('write', { afterBytes: 9 });
    disk.fail('write', { error: diskError('ENOSPC'), afterBytes: 5 });
    mark();
    const written = commit.whenWritten();
    const durable = commit.whenDurable();
    await expect(written).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE', cause: { code: 'ENOSPC' } });
    await expect(durable).rejects.toBeInstanceOf(JournalUnavailableError);
    expect(read(disk.bytes)).toEqual({ ids: [before], rest: 0 });
    expect(published).toHaveLength(1);
    const after = mark();
    await commit.whenDurable();
    expect(read(disk.bytes)).toEqual({ ids: [before, after], rest: 0 });
    expect(commit.stats()).toMatchObject({ failures: 1, poisoned: false });
  });

  it('keeps those who came during a failed write apart from it', async () => {
    const { commit, disk, mark } = await openCommit();
    disk.fail('write', { error: diskError('EIO') });
    mark();
    const failed = commit.whenWritten();
    await new Promise((resolve) => setImmediate(resolve));
    const id = mark();
    await commit.whenWritten();
    await expect(failed).rejects.toThrow(JournalUnavailableError);
    expect(read(disk.bytes)).toEqual({ ids: [id], rest: 0 });
  });

  it('takes nothing more when it could not cut a torn write away', async () => {
    const { commit, disk, mark } = await openCommit();
    disk.fail('write', { error: diskError('EIO'), afterBytes: 3 });
    disk.fail('truncate', { error: diskError('EIO') });
    mark();
    await expect(commit.whenWritten()).rejects.toThrow(JournalUnavailableError);
    expect(() => mark()).toThrow(/must be restarted/);
    expect(disk.history.at(-1)).toBe('truncate');
  });

  it('never asks again after a failed sync, and refuses everything from then on', async () => {
    const { commit, disk, clock, mark } = await openCommit();
    disk.fail('datasync', { error: diskError('EIO') });
    mark();
    await expect(commit.whenDurable()).rejects.toMatchObject({
      code: 'JOURNAL_UNAVAILABLE',
      cause: { code: 'EIO' },
    });
    expect(() => mark()).toThrow(JournalUnavailableError);
    await clock.advance(100);
    await commit.close();
    expect(disk.history.filter((call) => call === 'datasync')).toHaveLength(1);
    expect(commit.stats()).toMatchObject({ poisoned: true, syncedOffset: 0 });
  });

  it('fails everyone who waits when a sync fails, also those of later batches', async () => {
    const { commit, disk, mark } = await openCommit();
    disk.fail('datasync', { error: diskError('EIO') });
    mark();
    const first = commit.whenDurable();
    await commit.whenWritten();
    mark();
    const second = commit.whenDurable();
    await expect(first).rejects.toThrow(JournalUnavailableError);
    await expect(second).rejects.toThrow(JournalUnavailableError);
    expect(commit.stats().syncedOffset).toBe(0);
  });

  it('stays with its segment when there is no room for the next', async () => {
    const { commit, disk, mark } = await openCommit({ segmentBytes: 25 });
    const before = mark();
    await commit.whenWritten();
    disk.fail('create', { error: diskError('ENOSPC') });
    mark();
    await expect(commit.whenWritten()).rejects.toThrow(JournalUnavailableError);
    const after = mark();
    await commit.whenWritten();
    expect(read(disk.bytes)).toEqual({ ids: [before, after], rest: 0 });
    expect(disk.files.size).toBe(2);
  });

  describe('that may write on the event loop', () => {
    it('does so when nothing is on its way to the disk, and leaves the rest to the pool', async () => {
      const { commit, disk, mark } = await openCommit({ inlineWrites: true });
      const ids = [mark()];
      const durable = commit.whenDurable();
      await commit.whenWritten();
      ids.push(mark());
      await Promise.all([durable, commit.whenWritten()]);
      ids.push(mark());
      await commit.whenWritten();
      expect(disk.history).toEqual(['create', 'inline', 'datasync', 'write', 'inline']);
      expect(read(disk.bytes)).toEqual({ ids, rest: 0 });
    });

    it('does not for a great batch', async () => {
      const { commit, disk } = await openCommit({ inlineWrites: true });
      writeLogged(commit.batch, anActivationId(), ['x'.repeat(100_000)]);
      await commit.whenWritten();
      expect(disk.history).toEqual(['create', 'write']);
    });

    it('stops for a second when a write had to wait for the disk', async () => {
      const { commit, disk, clock, mark } = await openCommit({ inlineWrites: true, durability: 'off' });
      const [file] = disk.files.values();
      const write = file!.writeInline.bind(file);
      file!.writeInline = (bytes, position) => {
        clock.advanceSync(2);
        return write(bytes, position);
      };
      for (let count = 0; count < 3; count++) {
        mark();
        await commit.whenWritten();
      }
      clock.advanceSync(1000);
      mark();
      await commit.whenWritten();
      expect(disk.history).toEqual(['create', 'inline', 'write', 'write', 'inline']);
    });

    it('acknowledges nothing on a full disk and cuts the torn rest away', async () => {
      const { commit, disk, mark } = await openCommit({ inlineWrites: true });
      disk.fail('inline', { error: diskError('ENOSPC'), afterBytes: 5 });
      mark();
      await expect(commit.whenWritten()).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
      const after = mark();
      await commit.whenWritten();
      expect(read(disk.bytes)).toEqual({ ids: [after], rest: 0 });
    });
  });

  it('writes and syncs what it has when it is closed, and takes no more', async () => {
    const { commit, disk, mark } = await openCommit();
    const id = mark();
    await commit.close();
    const [file] = disk.files.values();
    expect(read(disk.bytes)).toEqual({ ids: [id], rest: 0 });
    expect(file).toMatchObject({ syncedLength: disk.bytes.length, closed: true });
    expect(() => mark()).toThrow(/closed/);
  });
});
