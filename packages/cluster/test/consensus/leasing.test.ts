import { describe, expect, test } from 'vitest';
import { RaftNet } from './raft-net.ts';

describe('the lease', () => {
  test('it is renewed by each round that a majority answers, as of the moment when that was sent', () => {
    const net = RaftNet.led('abc');
    net.run(260);
    expect(net.told('a lease', 'a → b', 'b → a')).toMatchInlineSnapshot(`
      "
        106 a → b  heartbeat after 1/8, committed 1 (term 8, round 2)
        107 b → a  equal up to 1 (term 8, round 2)
        108 a lease of epoch 8 until 556
        206 a → b  heartbeat after 1/8, committed 1 (term 8, round 3)
        207 b → a  equal up to 1 (term 8, round 3)
        208 a lease of epoch 8 until 656
        306 a → b  heartbeat after 1/8, committed 1 (term 8, round 4)
        307 b → a  equal up to 1 (term 8, round 4)
        308 a lease of epoch 8 until 756
      "
    `);
  });

  test('without a majority’s answers it runs out first, and then the leader stands down', () => {
    const net = RaftNet.led('abc');
    net.split('a', 'bc');
    net.run(700);
    expect(net.told(' lease', 'a is', 'b is', 'c is')).toMatchInlineSnapshot(`
      "
        456 a lease of epoch 8 is over
        606 a is follower in term 8
        685 b is candidate in term 8
        687 b is candidate in term 9
        689 c is follower in term 9
        691 b is leader in term 9
        692 c is follower of b in term 9
        694 b lease of epoch 9 until 1141
      "
    `);
  });

  test('a new leader has none before its first entry is committed, though all answer its heartbeats', () => {
    const net = RaftNet.led('abc');
    net.crash('a');
    net.run(641);
    for (const id of 'bc') net.holdWrites(id);
    net.run(500);
    expect(net.core('b').status()).toMatchObject({ role: 'leader', committed: 1 });
    expect(net.told('lease')).toBe('\n\n');
    for (const id of 'bc') net.releaseWrites(id);
    net.run(10);
    expect(net.told('lease', 'b applies')).toMatchInlineSnapshot(`
      "
       1193 b applies [2/9]
       1193 b lease of epoch 9 until 1641
      "
    `);
  });

  test('one follower of two is enough', () => {
    const net = RaftNet.led('abc');
    net.crash('c');
    net.run(5000);
    expect(net.core('a').status()).toMatchObject({ role: 'leader', term: 8, lease: { epoch: 8 } });
    expect(net.told('over', ' is ')).toBe('\n\n');
  });

  test('the answers of learners renew nothing', () => {
    const net = RaftNet.led('ab');
    net.start('c');
    net.change('a', { kind: 'add-learner', participant: { id: 'c', address: { host: 'c', port: 7000 } } });
    net.run(200);
    expect(net.core('a').status().matched.get('c')).toBe(2);
    net.split('ac');
    net.told();
    net.run(700);
    expect(net.told('a lease', ' is ')).toMatchInlineSnapshot(`
      "
        656 a lease of epoch 8 is over
        806 a is follower in term 8
        882 b is candidate in term 8
      "
    `);
  });

  test('a leader that was stopped finds its lease over when it wakes, before it does anything else', () => {
    const net = RaftNet.led('abc');
    net.stop('a');
    net.run(500);
    net.node('a').isStopped = false;
    net.input('a', { type: 'read', read: 1 });
    net.propose('a', 'x');
    expect(net.told('a lease', 'read')).toMatchInlineSnapshot(`
      "
        550 a lease of epoch 8 is over
      "
    `);
    net.run(10);
    expect(net.told('a lease', 'read', 'proposal')).toMatchInlineSnapshot(`
      "
        552 a lease of epoch 8 until 1000
        552 a read 1: readable
        553 a proposal 1: committed at 2
      "
    `);
  });

  test('a read is answered at once under the lease, and otherwise by a round that begins after it', () => {
    const net = RaftNet.led('abc', { leaseMs: 50 });
    net.input('a', { type: 'read', read: 1 });
    expect(net.told()).toMatchInlineSnapshot(`
      "
         50 a read 1: readable
      "
    `);
    net.run(20);
    net.told();
    net.input('a', { type: 'read', read: 2 });
    net.input('a', { type: 'read', read: 3 });
    net.run(10);
    expect(net.told('read', 'a ', 'b ')).toMatchInlineSnapshot(`
      "
         70 a → b  heartbeat after 1/8, committed 1 (term 8, round 2)
         70 a → c  heartbeat after 1/8, committed 1 (term 8, round 2)
         71 b → a  equal up to 1 (term 8, round 2)
         71 c → a  equal up to 1 (term 8, round 2)
         72 a lease of epoch 8 until 120
         72 a read 2: readable
         72 a read 3: readable
      "
    `);
  });

  test('a new leader answers no read before its first entry is applied: it does not know yet what is committed', () => {
    const net = RaftNet.led('abc');
    net.propose('a', 'x');
    net.run(2);
    // It is committed, but nobody else hears of that.
    net.split('a', 'bc');
    net.run(1);
    expect(net.core('a').status().committed).toBe(2);
    net.crash('a');
    net.run(680);
    expect(net.core('b').status()).toMatchObject({ role: 'leader', committed: 1 });
    net.told();
    net.input('b', { type: 'read', read: 1 });
    net.run(10);
    expect(net.told('b applies', 'read', 'b lease')).toMatchInlineSnapshot(`
      "
        735 b applies [2/8:x]
        735 b applies [3/9]
        735 b lease of epoch 9 until 1182
        735 b read 1: readable
      "
    `);
  });

  test('a read that nobody confirms ends with the office', () => {
    const net = RaftNet.led('abc');
    net.split('a', 'bc');
    net.run(500);
    net.input('a', { type: 'read', read: 1 });
    net.propose('a', 'x');
    net.told();
    net.run(200);
    expect(net.told('read', 'proposal', 'a is')).toMatchInlineSnapshot(`
      "
        606 a proposal 1: unknown
        606 a read 1: not-leader
        606 a is follower in term 8
      "
    `);
  });

  test('an answer that was given in a former term renews nothing, though a round of that number was sent', () => {
    const net = RaftNet.led('abc');
    net.split('a', 'bc');
    net.run(300);
    const { lease } = net.core('a').status();
    for (let round = 1; round < 20; round += 1) {
      const message = { kind: 'appended', term: 7, accepted: true, round, match: 1 } as const;
      for (const from of 'bc') net.input('a', { type: 'received', from, message });
    }
    expect(lease).toBeDefined();
    expect(net.core('a').status().lease).toEqual(lease);
  });

  test('an answer to a round that was never sent, or of what there is not, is no answer', () => {
    const net = RaftNet.led('abc');
    net.split('a', 'bc');
    net.run(500);
    const lie = { kind: 'appended', term: 8, accepted: true } as const;
    net.input('a', { type: 'received', from: 'b', message: { ...lie, round: 999, match: 1 } });
    net.input('a', { type: 'received', from: 'c', message: { ...lie, round: 1, match: 999 } });
    expect(net.core('a').status().lease).toBeUndefined();
    net.run(200);
    expect(net.core('a').status()).toMatchObject({ role: 'follower', committed: 1 });
  });
});
