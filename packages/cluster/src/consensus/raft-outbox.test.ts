import { describe, expect, test } from 'vitest';
import type { LogEntry, RaftMessage, Snapshot } from './raft-messages.ts';
import { RaftOutbox } from './raft-outbox.ts';

const entry = (index: number): LogEntry => ({ index, term: 1, kind: 'command', command: index });
const snapshot: Snapshot = { index: 9, term: 1, configuration: { voters: [], learners: [] }, state: null };
const word: RaftMessage = { kind: 'take-over', term: 1 };

function outbox(stable = 0): RaftOutbox {
  return new RaftOutbox({ stable, term: 0 });
}

describe('what leaves the core', () => {
  test('nothing to write is no write', () => {
    expect(outbox().drain(0)).toEqual([]);
  });

  test('one write is under way at a time; what comes meanwhile is one write after it', () => {
    const out = outbox();
    out.storeEntry(entry(1));
    expect(out.drain(1)).toEqual([{ type: 'persist', write: 1, append: [entry(1)] }]);
    out.storeEntry(entry(2));
    out.storeEntry(entry(3));
    expect(out.drain(3)).toEqual([]);
    expect([out.persisted(7), out.stable]).toEqual([false, 0]);
    expect([out.persisted(1), out.stable]).toEqual([true, 1]);
    expect(out.drain(3)).toEqual([{ type: 'persist', write: 2, append: [entry(2), entry(3)] }]);
    out.persisted(2);
    expect(out.stable).toBe(3);
  });

  test('messages wait for the term and the vote, not for entries', () => {
    const out = outbox();
    out.storeEntry(entry(1));
    out.send('b', word);
    expect(out.drain(1)).toMatchObject([{ type: 'send' }, { type: 'persist', write: 1 }]);
    out.storeHardState({ term: 1, votedFor: 'b' });
    out.send('b', word);
    expect(out.drain(1)).toEqual([]);
    out.persisted(1);
    // The write that was under way did not have the vote yet.
    expect(out.drain(1)).toEqual([{ type: 'persist', write: 2, hardState: { term: 1, votedFor: 'b' } }]);
    out.persisted(2);
    expect(out.drain(1)).toEqual([{ type: 'send', to: 'b', message: word }]);
  });

  test('what waits is forgotten with its term', () => {
    const out = outbox();
    out.storeHardState({ term: 1 });
    out.send('b', word);
    out.drain(0);
    out.storeHardState({ term: 2 });
    out.persisted(1);
    out.drain(0);
    out.persisted(2);
    expect(out.drain(0)).toEqual([]);
  });

  test('what is cut off while it is being written does not count as written', () => {
    const out = outbox(5);
    out.storeEntry(entry(6));
    out.storeEntry(entry(7));
    out.drain(7);
    out.storeEntry(entry(8));
    out.storeTruncation(3);
    out.storeEntry(entry(4));
    expect(out.stable).toBe(3);
    out.persisted(1);
    expect(out.stable).toBe(3);
    expect(out.drain(4)).toEqual([{ type: 'persist', write: 2, truncateAfter: 3, append: [entry(4)] }]);
    out.persisted(2);
    expect(out.stable).toBe(4);
  });

  test('a snapshot takes the place of entries that were to be written', () => {
    const out = outbox(8);
    out.storeEntry(entry(9));
    out.storeEntry(entry(10));
    out.storeSnapshot(snapshot);
    expect(out.drain(10)).toEqual([{ type: 'persist', write: 1, append: [entry(10)], snapshot }]);
  });

  test('a snapshot of another takes the place of all', () => {
    const out = outbox(8);
    out.storeEntry(entry(9));
    out.storeForeignSnapshot({ ...snapshot, index: 40 }, 3);
    expect(out.stable).toBe(3);
    expect(out.drain(40)).toMatchObject([{ write: 1, truncateAfter: 40, snapshot: { index: 40 } }]);
    out.persisted(1);
    expect(out.stable).toBe(40);
  });

  test('when it is shut neither writes nor messages leave it', () => {
    const out = outbox();
    out.send('b', word);
    out.storeEntry(entry(1));
    out.push({ type: 'failed', why: 'broken' });
    out.shut();
    out.send('c', word);
    expect(out.drain(1)).toEqual([{ type: 'failed', why: 'broken' }]);
  });
});
