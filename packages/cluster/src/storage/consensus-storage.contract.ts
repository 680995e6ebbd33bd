import { expect, test } from 'vitest';

import type { LogEntry, Snapshot } from '../consensus/raft-messages.ts';
import type { ConsensusStorage, StoredConsensus } from './consensus-storage.ts';

/** A storage under test. */
export interface StorageUnderTest {
  readonly storage: ConsensusStorage;
  /** What the next start of the instance does after this one was closed; absent for one that keeps nothing that long. */
  readonly reopen?: () => Promise<ConsensusStorage>;
}

const participant = { id: 'a', address: { host: '10.0.0.1', port: 7946 } };
export const foundation = { clusterId: 'c-1', voters: [participant], epochFloor: 7 };

export function entry(index: number, term = 1, command: string = `c${index}`): LogEntry {
  return { kind: 'command', index, term, command };
}

export function snapshotAt(index: number, term = 1): Snapshot {
  return {
    index,
    term,
    configuration: { voters: [participant], learners: [] },
    state: { upTo: index, ü: '"\n' },
  };
}

function indexes({ entries }: StoredConsensus): string {
  return entries.map(({ index, term }) => `${index}@${term}`).join(' ');
}

/** What every consensus storage promises. */
export function consensusStorageContract(open: () => Promise<StorageUnderTest>): void {
  async function withStorage(story: (under: StorageUnderTest) => Promise<void>): Promise<void> {
    const under = await open();
    try {
      await story(under);
    } finally {
      await under.storage.close();
    }
  }

  /** What it holds, also after a start anew where it survives that. */
  async function held({ storage, reopen }: StorageUnderTest): Promise<StoredConsensus> {
    const now = await storage.load();
    if (!reopen) return now;
    await storage.close();
    const next = await reopen();
    const later = await next.load();
    await next.close();
    const { identity, ...rest } = later;
    expect(identity.id).toBe(now.identity.id);
    expect(identity.generation).toBeGreaterThan(now.identity.generation);
    expect({ ...rest, identity: now.identity }).toEqual(now);
    return later;
  }

  test('a new member has an id, term 0 and nothing else', () =>
    withStorage(async ({ storage }) => {
      const stored = await storage.load();
      expect(stored).toEqual({
        identity: { id: expect.stringMatching(/^.{16,}$/) as string, generation: 1 },
        hardState: { term: 0 },
        entries: [],
      });
    }));

  test('gives back foundation, promise, term and vote', () =>
    withStorage(async (under) => {
      const promise = { ballot: '5.a', accepted: { ballot: '4.b', foundation } };
      await under.storage.write({ promise: { ballot: '3.a' }, hardState: { term: 1 } });
      await under.storage.write({ foundation, promise, hardState: { term: 9, votedFor: 'b' } });
      expect(await held(under)).toMatchObject({ foundation, promise, hardState: { term: 9, votedFor: 'b' } });
    }));

  test('a term without a vote forgets the former vote', () =>
    withStorage(async (under) => {
      await under.storage.write({ hardState: { term: 9, votedFor: 'b' } });
      await under.storage.write({ hardState: { term: 10 } });
      expect((await held(under)).hardState).toEqual({ term: 10 });
    }));

  test('keeps the log, and cuts before it appends', () =>
    withStorage(async (under) => {
      await under.storage.write({ append: [entry(1), entry(2), entry(3)] });
      await under.storage.write({ truncateAfter: 1, append: [entry(2, 2), entry(3, 2)] });
      await under.storage.write({ append: [entry(4, 2)] });
      expect(indexes(await held(under))).toBe('1@1 2@2 3@2 4@2');
    }));

  test('a cut behind the last entry cuts nothing, one before the first all', () =>
    withStorage(async (under) => {
      await under.storage.write({ append: [entry(1), entry(2)] });
      await under.storage.write({ truncateAfter: 5 });
      expect(indexes(await under.storage.load())).toBe('1@1 2@1');
      await under.storage.write({ truncateAfter: 0 });
      expect(indexes(await held(under))).toBe('');
    }));

  test('a snapshot replaces the entries up to its index, and those behind it stay', () =>
    withStorage(async (under) => {
      await under.storage.write({ append: [entry(1), entry(2), entry(3), entry(4)] });
      await under.storage.write({ snapshot: snapshotAt(2) });
      await under.storage.write({ append: [entry(5)] });
      const stored = await held(under);
      expect(stored.snapshot).toEqual(snapshotAt(2));
      expect(indexes(stored)).toBe('3@1 4@1 5@1');
    }));

  test('a snapshot that goes further than the log is its new beginning', () =>
    withStorage(async (under) => {
      await under.storage.write({ append: [entry(1), entry(2)] });
      await under.storage.write({ snapshot: snapshotAt(100, 3), truncateAfter: 0 });
      await under.storage.write({ append: [entry(101, 3)] });
      expect(indexes(await held(under))).toBe('101@3');
    }));

  test('after a cut a shorter log goes on behind its snapshot', () =>
    withStorage(async (under) => {
      await under.storage.write({ snapshot: snapshotAt(10), append: [entry(11), entry(12)] });
      await under.storage.write({ truncateAfter: 10, append: [entry(11, 2)] });
      expect(indexes(await held(under))).toBe('11@2');
    }));

  test('entries that do not follow the last one are refused, and change nothing', () =>
    withStorage(async ({ storage, ...rest }) => {
      await storage.write({ append: [entry(1)] });
      await expect(storage.write({ append: [entry(3)] })).rejects.toMatchObject({ code: 'STORAGE_GAP' });
      await storage.close();
      if (!rest.reopen) return;
      const next = await rest.reopen();
      expect(indexes(await next.load())).toBe('1@1');
      await next.close();
    }));

  test('writes take effect in the order of the calls, though nobody waits for them', () =>
    withStorage(async (under) => {
      const writes = Array.from({ length: 100 }, (_, at) =>
        under.storage.write({ append: [entry(at + 1)], hardState: { term: at } }),
      );
      await Promise.all(writes);
      const stored = await held(under);
      expect(stored.entries).toHaveLength(100);
      expect(stored.hardState).toEqual({ term: 99 });
    }));

  test('what was loaded does not change with later writes', () =>
    withStorage(async ({ storage }) => {
      const stored = await storage.load();
      await storage.write({ append: [entry(1)] });
      expect(stored.entries).toEqual([]);
    }));

  test('close waits for the writes under way, refuses later ones, and may be called twice', () =>
    withStorage(async ({ storage, reopen }) => {
      const written = storage.write({ append: [entry(1)] });
      await storage.close();
      await written;
      await storage.close();
      await expect(storage.write({})).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
      await expect(storage.load()).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
      if (!reopen) return;
      const next = await reopen();
      expect(indexes(await next.load())).toBe('1@1');
      await next.close();
    }));
}
