import { describe, expect, test } from 'vitest';
import { RaftNet } from './raft-net.ts';

describe('failing disks', () => {
  test('a leader whose write has failed stands down, and takes no part any more; the others go on', () => {
    const net = RaftNet.led('abc');
    net.holdWrites('a');
    net.propose('a', 'x');
    net.failWrite('a', 'no space left');
    expect(net.told('a ')).toMatchInlineSnapshot(`
      "
         50 a → b  append [2/8:x] after 1/8, committed 1 (term 8, round 1)
         50 a → c  append [2/8:x] after 1/8, committed 1 (term 8, round 1)
         50 a writes #3: [2/8:x]
         50 a lease of epoch 8 is over
         50 a proposal 1: unknown
         50 a takes no part any more: a write has failed: no space left
         50 a is follower in term 8
      "
    `);
    net.run(2000);
    expect(net.told('a ')).not.toMatch(/\d a /);
    expect(net.core('b').status()).toMatchObject({ role: 'leader', term: 9 });
    net.propose('a', 'y');
    net.change('a', { kind: 'promote', id: 'b' });
    net.input('a', { type: 'read', read: 1 });
    expect(net.told('proposal', 'read')).toMatchInlineSnapshot(`
      "
       2050 a proposal 2: not-leader
       2050 a proposal 3: not-leader
       2050 a read 1: not-leader
      "
    `);
    expect(net.core('a').nextDeadlineMs).toBeUndefined();
  });

  test('a follower whose write has failed neither answers nor votes', () => {
    const net = RaftNet.led('abc');
    net.holdWrites('b');
    net.propose('a', 'x');
    net.run(5);
    net.failWrite('b', 'input/output error');
    net.crash('a');
    net.told();
    net.run(3000);
    expect(net.told(' b ')).not.toMatch(/\d b /);
    expect(net.core('c').status().role).toBe('candidate');
  });

  test('a leader that denies what was committed is not followed: that would be the end of all promises', () => {
    const net = RaftNet.led('abc');
    net.propose('a', 'x');
    net.run(200);
    net.told();
    net.input('b', {
      type: 'received',
      from: 'c',
      message: {
        kind: 'append',
        term: 9,
        previous: { index: 1, term: 8 },
        entries: [{ index: 2, term: 9, kind: 'command', command: 'other' }],
        committed: 0,
        round: 1,
      },
    });
    expect(net.told('b ')).toMatchInlineSnapshot(`
      "
        250 b takes no part any more: the leader c of term 9 denies what was committed, up to 2
        250 b is follower in term 9
      "
    `);
    expect(net.node('b').disk.entries).toMatchObject([{ term: 8 }, { term: 8, command: 'x' }]);
  });

  test('an entry that was never on disk was never promised: it is lost with a crash, and nobody misses it', () => {
    const net = RaftNet.led('abc');
    for (const id of 'abc') net.holdWrites(id);
    net.propose('a', 'x');
    net.run(50);
    for (const id of 'abc') net.crash(id);
    expect(net.told('proposal')).toBe('\n\n');
    net.start('abc');
    net.run(1000);
    expect(net.core('a').status()).toMatchObject({ role: 'leader', term: 9, last: 2 });
  });
});
