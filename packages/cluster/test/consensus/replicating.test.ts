import { describe, expect, test } from 'vitest';
import type { LogEntry } from '../../src/consensus/raft-messages.ts';
import { RaftNet } from './raft-net.ts';

/** A log by the terms of its entries: figure 7 of the Raft paper counts from term 1, these logs begin at 7. */
function log(terms: string): LogEntry[] {
  return terms.split('').map((term, at) => ({
    index: at + 1,
    term: 7 + Number(term),
    kind: 'command',
    command: `${term}`,
  }));
}

function terms(net: RaftNet, id: string): string {
  return net
    .node(id)
    .disk.entries.map((entry) => entry.term - 7)
    .join('');
}

describe('replicating', () => {
  test('what is proposed is sent while it is written, and committed when a majority has it on disk', () => {
    const net = RaftNet.led('abc');
    net.propose('a', 'x');
    net.run(6);
    expect(net.told()).toMatchInlineSnapshot(`
      "
         50 a → b  append [2/8:x] after 1/8, committed 1 (term 8, round 1)
         50 a → c  append [2/8:x] after 1/8, committed 1 (term 8, round 1)
         50 a writes #3: [2/8:x]
         51 b writes #3: [2/8:x]
         51 c writes #3: [2/8:x]
         52 b → a  equal up to 2 (term 8, round 1)
         52 c → a  equal up to 2 (term 8, round 1)
         53 a applies [2/8:x]
         53 a proposal 1: committed at 2
         53 a → b  heartbeat after 2/8, committed 2 (term 8, round 1)
         53 a → c  heartbeat after 2/8, committed 2 (term 8, round 1)
         54 b → a  equal up to 2 (term 8, round 1)
         54 b applies [2/8:x]
         54 c → a  equal up to 2 (term 8, round 1)
         54 c applies [2/8:x]
      "
    `);
  });

  test('an entry is committed by the others while the own disk is slow, and one that is on the own disk only is not', () => {
    const net = RaftNet.led('abc');
    net.holdWrites('a');
    net.propose('a', 'x');
    net.run(10);
    expect(net.told('a applies', 'proposal')).toMatchInlineSnapshot(`
      "
         53 a applies [2/8:x]
         53 a proposal 1: committed at 2
      "
    `);
    net.releaseWrites('a');
    net.holdWrites('b');
    net.holdWrites('c');
    net.propose('a', 'y');
    net.run(10);
    expect(net.told('a applies', 'proposal')).toBe('\n\n');
    net.releaseWrites('c');
    net.run(10);
    expect(net.told('a applies', 'proposal')).toMatchInlineSnapshot(`
      "
         72 a applies [3/8:y]
         72 a proposal 2: committed at 3
      "
    `);
  });

  test('proposals that come during a write gather in the next one', () => {
    const net = RaftNet.led('abc');
    net.holdWrites('a');
    for (const letter of 'vwxyz') net.propose('a', letter);
    net.run(1);
    net.releaseWrites('a');
    net.run(10);
    expect(net.told('a writes', 'proposal')).toMatchInlineSnapshot(`
      "
         50 a writes #3: [2/8:v]
         52 a writes #4: [3/8:w 4/8:x 5/8:y 6/8:z]
         53 a proposal 1: committed at 2
         54 a proposal 2: committed at 3
         54 a proposal 3: committed at 4
         54 a proposal 4: committed at 5
         56 a proposal 5: committed at 6
      "
    `);
  });

  test('a follower gets at most four appends ahead of its answers, then the rest at once', () => {
    const net = RaftNet.led('ab');
    net.holdWrites('b');
    for (const letter of 'uvwxyz') net.propose('a', letter);
    net.run(5);
    expect(net.told('a → b')).toMatchInlineSnapshot(`
      "
         50 a → b  append [2/8:u] after 1/8, committed 1 (term 8, round 1)
         50 a → b  append [3/8:v] after 2/8, committed 1 (term 8, round 1)
         50 a → b  append [4/8:w] after 3/8, committed 1 (term 8, round 1)
         50 a → b  append [5/8:x] after 4/8, committed 1 (term 8, round 1)
      "
    `);
    net.releaseWrites('b');
    net.run(5);
    expect(net.told('a → b', 'b → a')).toMatchInlineSnapshot(`
      "
         56 b → a  equal up to 2 (term 8, round 1)
         57 a → b  append [6/8:y 7/8:z] after 5/8, committed 2 (term 8, round 1)
         57 b → a  equal up to 5 (term 8, round 1)
         58 a → b  heartbeat after 7/8, committed 5 (term 8, round 1)
         59 b → a  equal up to 7 (term 8, round 1)
         59 b → a  equal up to 7 (term 8, round 1)
         60 a → b  heartbeat after 7/8, committed 7 (term 8, round 1)
      "
    `);
  });

  test('a heartbeat is answered at once though the disk is slow: the lease does not depend on it', () => {
    const net = RaftNet.led('ab');
    net.holdWrites('b');
    net.propose('a', 'x');
    net.run(1000);
    expect(net.core('a').status()).toMatchObject({ role: 'leader', committed: 1, lease: { epoch: 8 } });
    net.releaseWrites('b');
    net.run(5);
    expect(net.core('a').status()).toMatchObject({ committed: 2 });
  });

  test('an append that was lost is found missing by the next heartbeat, and sent again', () => {
    const net = RaftNet.led('abc');
    net.cut('a', 'c');
    net.propose('a', 'x');
    net.run(10);
    net.told();
    net.heal();
    net.run(60);
    expect(net.told('a → c', 'c ')).toMatchInlineSnapshot(`
      "
        106 a → c  heartbeat after 2/8, committed 2 (term 8, round 2)
        107 c → a  refused, perhaps equal at 1 (term 8, round 2)
        108 a → c  append [2/8:x] after 1/8, committed 2 (term 8, round 2)
        109 c applies [2/8:x]
        109 c writes #3: [2/8:x]
        110 c → a  equal up to 2 (term 8, round 2)
      "
    `);
  });

  test('the leader appears in the words of all: who asks a follower is told whom to ask', () => {
    const net = RaftNet.led('abc');
    net.propose('b', 'x');
    net.input('b', { type: 'read', read: 1 });
    expect(net.told()).toMatchInlineSnapshot(`
      "
         50 b proposal 1: not-leader, a is
         50 b read 1: not-leader
      "
    `);
  });

  test.each([
    ['(a) one that lacks the last entry', '111445566'],
    ['(b) one that lacks many', '1114'],
    ['(c) one with an entry too many', '11144556666'],
    ['(d) one with entries of a term that came to nothing', '111445566677'],
    ['(e) one with entries of a former term, and less', '1114444'],
    ['(f) one with two terms that nobody else knows', '11122233333'],
  ])('figure 7: the log of %s is made equal to the leader’s', (_, follower) => {
    const net = new RaftNet('abc');
    const hardState = { term: 7 + 7 };
    net.start('a', { hardState, entries: log('1114455666') });
    net.start('b', { hardState, entries: log('1114455666') });
    net.start('c', { hardState, entries: log(follower) });
    net.run(1500);
    expect(net.core('a').status()).toMatchObject({ role: 'leader', term: 15, committed: 11 });
    expect(terms(net, 'c')).toBe('11144556668');
  });

  test('figure 7 (f): one question for each term that differs', () => {
    const net = new RaftNet('abc');
    const hardState = { term: 7 + 7 };
    net.start('ab', { hardState, entries: log('1114455666') });
    net.start('c', { hardState, entries: log('11122233333') });
    net.run(660);
    expect(net.told('a → c  app', 'c → a', 'c writes', 'c applies [11/')).toMatchInlineSnapshot(`
      "
        601 c → a  I would, term 15
        604 c writes #1: term 15, vote for a
        605 c → a  yes, term 15
        606 a → c  append [11/15] after 10/13, committed 0 (term 15, round 1)
        607 c → a  refused, perhaps equal at 6 (term 15, round 1)
        608 a → c  append [7/12:5 8/13:6 9/13:6 10/13:6 11/15] after 6/12, committed 0 (term 15, round 1)
        609 c → a  refused, perhaps equal at 3 (term 15, round 1)
        610 a → c  append [4/11:4 5/11:4 6/12:5 7/12:5 8/13:6 9/13:6 10/13:6 11/15] after 3/8, committed 11 (term 15, round 1)
        611 c applies [11/15]
        611 c writes #2: nothing after 3; [4/11:4 5/11:4 6/12:5 7/12:5 8/13:6 9/13:6 10/13:6 11/15]
        612 c → a  equal up to 11 (term 15, round 1)
      "
    `);
  });

  test('figure 8: an entry of a former term is not committed by counting, but with the first one of this term', () => {
    const net = new RaftNet('abc');
    const hardState = { term: 7 + 4 };
    // Of term 2, on a majority by now, but another could still be elected that has one of term 3 instead.
    net.start('a', { hardState, entries: log('12') });
    net.start('b', { hardState, entries: log('12') });
    net.start('c', { hardState, entries: log('1') });
    net.cut('a', 'c');
    net.run(606);
    net.holdWrites('b');
    net.run(120);
    expect(net.core('a').status()).toMatchObject({ role: 'leader', committed: 0 });
    expect(net.core('a').status().matched.get('b')).toBe(2);
    net.releaseWrites('b');
    net.run(5);
    expect(net.core('a').status()).toMatchObject({ committed: 3 });
  });

  test('one that was away for long gets a snapshot, then the entries behind it', () => {
    const net = RaftNet.led('abc');
    net.split('ab', 'c');
    for (let count = 0; count < 1100; count += 1) net.propose('a', count);
    net.run(100);
    const { applied } = net.core('a').status();
    net.input('a', { type: 'compact', index: applied, state: 'the state' });
    net.propose('a', 'behind');
    net.run(10);
    expect(net.core('a').status()).toMatchObject({ first: applied - 1024 + 1, last: applied + 1 });
    net.told();
    net.heal();
    net.run(110);
    expect(net.told('a → c', 'c ')).toMatchInlineSnapshot(`
      "
        206 a → c  heartbeat after 77/8, committed 1102 (term 8, round 3)
        207 c → a  refused, perhaps equal at 1 (term 8, round 3)
        208 a → c  snapshot of 1101/8 (term 8, round 3)
        209 c begins with the snapshot of 1101/8
        209 c configuration: abc
        209 c writes #3: nothing after 1101; snapshot of 1101/8
        210 c → a  equal up to 1101 (term 8, round 3)
        211 a → c  append [1102/8:behind] after 1101/8, committed 1102 (term 8, round 3)
        212 c applies [1102/8:behind]
        212 c writes #4: [1102/8:behind]
        213 c → a  equal up to 1102 (term 8, round 3)
      "
    `);
    expect(net.node('c').disk.stored).toMatchObject({
      snapshot: { index: applied, state: 'the state' },
      entries: [{ index: applied + 1, command: 'behind' }],
    });
  });

  test('an instance begins again with its snapshot and the entries behind it', () => {
    const net = RaftNet.led('abc');
    for (const letter of 'xy') net.propose('a', letter);
    net.run(10);
    net.input('b', { type: 'compact', index: 2, state: 'x' });
    net.run(10);
    net.crash('b');
    net.told();
    net.start('b');
    net.run(110);
    expect(net.told('b is', 'b begins', 'b applies', 'b config')).toMatchInlineSnapshot(`
      "
         70 b begins with the snapshot of 2/8
         70 b configuration: abc
         70 b is follower in term 8
        107 b is follower of a in term 8
        107 b applies [3/8:y]
      "
    `);
  });
});
