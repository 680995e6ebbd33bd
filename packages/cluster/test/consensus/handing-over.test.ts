import { describe, expect, test } from 'vitest';
import { RaftNet } from './raft-net.ts';

describe('handing over', () => {
  test('who resigns gives up its lease at once; the one that is furthest is elected without a pause', () => {
    const net = RaftNet.led('abc');
    net.input('a', { type: 'resign' });
    net.run(12);
    expect(net.told()).toMatchInlineSnapshot(`
      "
         50 a lease of epoch 8 is over
         50 a → b  take over (term 8)
         50 a is follower in term 8
         51 b is candidate in term 9
         51 b writes #3: term 9, vote for b
         52 b → a  vote for me in term 9? my log ends at 1/8, by the leader itself
         52 b → c  vote for me in term 9? my log ends at 1/8, by the leader itself
         53 a is follower in term 9
         53 a writes #3: term 9, vote for b
         53 c is follower in term 9
         53 c writes #3: term 9, vote for b
         54 a → b  yes, term 9
         54 c → b  yes, term 9
         55 b is leader in term 9
         55 b → a  append [2/9] after 1/8, committed 1 (term 9, round 1)
         55 b → c  append [2/9] after 1/8, committed 1 (term 9, round 1)
         55 b writes #4: [2/9]
         56 a is follower of b in term 9
         56 a writes #4: [2/9]
         56 c is follower of b in term 9
         56 c writes #4: [2/9]
         57 a → b  equal up to 2 (term 9, round 1)
         57 c → b  equal up to 2 (term 9, round 1)
         58 b applies [2/9]
         58 b lease of epoch 9 until 505
         58 b → a  heartbeat after 2/9, committed 2 (term 9, round 1)
         58 b → c  heartbeat after 2/9, committed 2 (term 9, round 1)
         59 a → b  equal up to 2 (term 9, round 1)
         59 a applies [2/9]
         59 c → b  equal up to 2 (term 9, round 1)
         59 c applies [2/9]
      "
    `);
  });

  test('the office stays until a successor has caught up; what is proposed meanwhile is refused', () => {
    const net = RaftNet.led('abc');
    net.crash('b');
    net.holdWrites('c');
    net.propose('a', 'x');
    net.run(10);
    net.told();
    net.input('a', { type: 'resign', to: 'c' });
    net.propose('a', 'y');
    net.input('a', { type: 'read', read: 1 });
    net.run(300);
    expect(net.told(' is ', 'proposal', 'over', 'read')).toMatchInlineSnapshot(`
      "
         60 a lease of epoch 8 is over
         60 a proposal 2: not-leader
         60 a read 1: not-leader
      "
    `);
    net.releaseWrites('c');
    net.run(15);
    expect(net.told(' is ', 'proposal', 'over')).toMatchInlineSnapshot(`
      "
        362 a proposal 1: committed at 2
        362 a → c  take over (term 8)
        362 a is follower in term 8
        363 c is candidate in term 9
        365 a is follower in term 9
        367 c is leader in term 9
        368 a is follower of c in term 9
      "
    `);
  });

  test('no successor is chosen that has not answered for long, though it had all entries', () => {
    const net = RaftNet.led('abc');
    net.crash('b');
    net.run(1000);
    net.told();
    net.input('a', { type: 'resign' });
    expect(net.told('take over')).toMatchInlineSnapshot(`
      "
       1050 a → c  take over (term 8)
      "
    `);
  });

  test('whoever does not catch up in an election time is not waited for', () => {
    const net = RaftNet.led('abc');
    net.propose('a', 'x');
    net.split('ab', 'c');
    net.run(10);
    net.told();
    net.input('a', { type: 'resign', to: 'c' });
    net.run(1300);
    expect(net.told('a is', 'take over', 'a lease')).toMatchInlineSnapshot(`
      "
         60 a lease of epoch 8 is over
       1260 a → c  take over (term 8)  (lost)
       1260 a is follower in term 8
      "
    `);
  });

  test('one that votes alone is elected again, in a higher term', () => {
    const net = RaftNet.led('a');
    net.input('a', { type: 'resign' });
    net.run(700);
    expect(net.told()).toMatchInlineSnapshot(`
      "
         50 a lease of epoch 8 is over
         50 a is follower in term 8
        650 a is candidate in term 9
        650 a writes #3: term 9, vote for a
        651 a is leader in term 9
        651 a writes #4: [2/9]
        652 a applies [2/9]
        652 a lease of epoch 9 until 1101
      "
    `);
  });

  test('only the leader of the term can ask for that, and only a voter does it', () => {
    const net = RaftNet.led('abc');
    net.input('b', { type: 'received', from: 'c', message: { kind: 'take-over', term: 8 } });
    net.input('b', { type: 'received', from: 'a', message: { kind: 'take-over', term: 7 } });
    expect(net.told('is ')).toBe('\n\n');
  });
});
