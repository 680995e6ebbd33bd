import { describe, expect, test } from 'vitest';
import { RaftNet } from './raft-net.ts';

describe('electing', () => {
  test('of three that have just been founded the first one asks, is elected, and has its lease with its first entry', () => {
    const net = new RaftNet('abc');
    net.start('abc');
    net.run(10);
    expect(net.told()).toMatchInlineSnapshot(`
      "
          0 a configuration: abc
          0 a is follower in term 7
          0 b configuration: abc
          0 b is follower in term 7
          0 c configuration: abc
          0 c is follower in term 7
          0 a → b  would you vote for me in term 8? my log ends at 0/7
          0 a → c  would you vote for me in term 8? my log ends at 0/7
          0 a is candidate in term 7
          1 b → a  I would, term 8
          1 c → a  I would, term 8
          2 a is candidate in term 8
          2 a writes #1: term 8, vote for a
          3 a → b  vote for me in term 8? my log ends at 0/7
          3 a → c  vote for me in term 8? my log ends at 0/7
          4 b is follower in term 8
          4 b writes #1: term 8, vote for a
          4 c is follower in term 8
          4 c writes #1: term 8, vote for a
          5 b → a  yes, term 8
          5 c → a  yes, term 8
          6 a is leader in term 8
          6 a → b  append [1/8] after 0/7, committed 0 (term 8, round 1)
          6 a → c  append [1/8] after 0/7, committed 0 (term 8, round 1)
          6 a writes #2: [1/8]
          7 b is follower of a in term 8
          7 b writes #2: [1/8]
          7 c is follower of a in term 8
          7 c writes #2: [1/8]
          8 b → a  equal up to 1 (term 8, round 1)
          8 c → a  equal up to 1 (term 8, round 1)
          9 a applies [1/8]
          9 a lease of epoch 8 until 456
          9 a → b  heartbeat after 1/8, committed 1 (term 8, round 1)
          9 a → c  heartbeat after 1/8, committed 1 (term 8, round 1)
         10 b → a  equal up to 1 (term 8, round 1)
         10 b applies [1/8]
         10 c → a  equal up to 1 (term 8, round 1)
         10 c applies [1/8]
      "
    `);
  });

  test('one voter alone elects itself, and a second of silence does not cost it its office', () => {
    const net = new RaftNet('a');
    net.start('a');
    net.run(2);
    expect(net.told()).toMatchInlineSnapshot(`
      "
          0 a configuration: a
          0 a is follower in term 7
          0 a is candidate in term 8
          0 a writes #1: term 8, vote for a
          1 a is leader in term 8
          1 a writes #2: [1/8]
          2 a applies [1/8]
          2 a lease of epoch 8 until 451
      "
    `);
    net.stop('a');
    net.run(1000);
    net.wake('a');
    expect(net.told()).toMatchInlineSnapshot(`
      "
       1002 a lease of epoch 8 is over
       1002 a lease of epoch 8 until 1452
      "
    `);
  });

  test('when the leader falls silent the next one asks first, and is elected when the others have missed it, too', () => {
    const net = RaftNet.led('abc');
    net.crash('a');
    net.run(800);
    expect(net.told()).toMatchInlineSnapshot(`
      "
         50 a crashes
        685 b → a  would you vote for me in term 9? my log ends at 1/8  (lost)
        685 b → c  would you vote for me in term 9? my log ends at 1/8
        685 b is candidate in term 8
        686 c → b  I would, term 9
        687 b is candidate in term 9
        687 b writes #3: term 9, vote for b
        688 b → a  vote for me in term 9? my log ends at 1/8  (lost)
        688 b → c  vote for me in term 9? my log ends at 1/8
        689 c is follower in term 9
        689 c writes #3: term 9, vote for b
        690 c → b  yes, term 9
        691 b is leader in term 9
        691 b → a  append [2/9] after 1/8, committed 1 (term 9, round 1)  (lost)
        691 b → c  append [2/9] after 1/8, committed 1 (term 9, round 1)
        691 b writes #4: [2/9]
        692 c is follower of b in term 9
        692 c writes #4: [2/9]
        693 c → b  equal up to 2 (term 9, round 1)
        694 b applies [2/9]
        694 b lease of epoch 9 until 1141
        694 b → c  heartbeat after 2/9, committed 2 (term 9, round 1)
        695 c → b  equal up to 2 (term 9, round 1)
        695 c applies [2/9]
        791 b → a  heartbeat after 1/8, committed 2 (term 9, round 2)  (lost)
        791 b → c  heartbeat after 2/9, committed 2 (term 9, round 2)
        792 c → b  equal up to 2 (term 9, round 2)
        793 b lease of epoch 9 until 1241
      "
    `);
  });

  test('two that stand at once share the votes; the one that waits less is elected in the next term', () => {
    const waits: Record<string, number[]> = { a: [0, 0.9], b: [0, 0.1], c: [1, 1], d: [1, 1] };
    const net = new RaftNet('abcd', { world: { chance: (id) => waits[id]?.shift() ?? 0.5 } });
    net.start('abcd');
    net.run(2);
    net.cut('a', 'd');
    net.cut('b', 'c');
    net.run(200);
    net.heal();
    net.run(1000);
    expect(net.told('is candidate', 'is leader', 'yes', 'no,')).toMatchInlineSnapshot(`
      "
          0 a is candidate in term 7
          0 b is candidate in term 7
          2 a is candidate in term 8
          2 b is candidate in term 8
          4 b → a  no, term 8
          4 a → b  no, term 8
          5 c → a  yes, term 8
          5 d → b  yes, term 8
        303 d → a  no, term 8
        303 c → b  no, term 8
        662 b is candidate in term 9
        665 a → b  yes, term 9
        665 c → b  yes, term 9
        665 d → b  yes, term 9
        666 b is leader in term 9
      "
    `);
  });

  test('one that returns from a partition asks in vain, and disturbs nobody', () => {
    const net = RaftNet.led('abc');
    net.split('ab');
    net.run(2000);
    expect(net.told('c is')).toMatchInlineSnapshot(`
      "
        760 c is candidate in term 8
      "
    `);
    net.heal();
    net.run(60);
    expect(net.told('c ')).toMatchInlineSnapshot(`
      "
       2106 a → c  heartbeat after 1/8, committed 1 (term 8, round 22)
       2107 c → a  equal up to 1 (term 8, round 22)
       2107 c is follower of a in term 8
      "
    `);
    expect(net.core('a').status()).toMatchObject({ role: 'leader', term: 8, lease: { epoch: 8 } });
  });

  test('one that does not hear the leader, though others do, is not elected', () => {
    const net = RaftNet.led('abc');
    net.cut('a', 'c');
    net.run(3000);
    expect(net.told(' is ', 'b → c', 'yes')).toMatchInlineSnapshot(`
      "
        760 c is candidate in term 8
        761 b → c  I would not, term 8
       1511 b → c  I would not, term 8
       2261 b → c  I would not, term 8
       3011 b → c  I would not, term 8
      "
    `);
    expect(net.core('a').status()).toMatchObject({ role: 'leader', term: 8, lease: { epoch: 8 } });
  });

  test('a voter elects nobody as long as it hears the leader, though another does not', () => {
    const net = RaftNet.led('abc');
    net.input('b', {
      type: 'received',
      from: 'c',
      message: {
        kind: 'vote-request',
        term: 99,
        last: { index: 9, term: 98 },
        pre: false,
        handedOver: false,
      },
    });
    net.run(50);
    expect(net.told('b ')).toBe('\n\n');
    expect(net.core('b').status()).toMatchObject({ term: 8, leader: 'a' });
  });

  test('a voter that was started anew elects nobody for the shortest election time: it does not know what it promised', () => {
    const net = RaftNet.led('abc');
    net.crash('b');
    net.start('b');
    net.split('bc');
    net.run(590);
    net.told();
    const wanted = { kind: 'vote-request', term: 9, last: { index: 1, term: 8 }, handedOver: false } as const;
    net.input('b', { type: 'received', from: 'c', message: { ...wanted, pre: true } });
    net.input('b', { type: 'received', from: 'c', message: { ...wanted, pre: false } });
    expect(net.told('b ')).toMatchInlineSnapshot(`
      "
        640 b → c  I would not, term 8
      "
    `);
    net.run(15);
    net.input('b', { type: 'received', from: 'c', message: { ...wanted, pre: true } });
    net.input('b', { type: 'received', from: 'c', message: { ...wanted, pre: false } });
    expect(net.told('b ')).toMatchInlineSnapshot(`
      "
        655 b → c  I would, term 9
        655 b is follower in term 9
        655 b writes #1: term 9, vote for c
      "
    `);
  });

  test('a vote is on disk before it is told, and counts for its own candidate no sooner', () => {
    const net = new RaftNet('abc');
    net.holdWrites('a');
    net.holdWrites('b');
    net.start('abc');
    net.run(20);
    expect(net.told('a ')).toMatchInlineSnapshot(`
      "
          0 a configuration: abc
          0 a is follower in term 7
          0 a → b  would you vote for me in term 8? my log ends at 0/7
          0 a → c  would you vote for me in term 8? my log ends at 0/7
          0 a is candidate in term 7
          1 b → a  I would, term 8
          1 c → a  I would, term 8
          2 a is candidate in term 8
          2 a writes #1: term 8, vote for a
      "
    `);
    net.releaseWrites('a');
    net.run(20);
    expect(net.told('a ', 'b ')).toMatchInlineSnapshot(`
      "
         21 a → b  vote for me in term 8? my log ends at 0/7
         21 a → c  vote for me in term 8? my log ends at 0/7
         22 b is follower in term 8
         22 b writes #1: term 8, vote for a
         23 c → a  yes, term 8
         24 a is leader in term 8
         24 a → b  append [1/8] after 0/7, committed 0 (term 8, round 1)
         24 a → c  append [1/8] after 0/7, committed 0 (term 8, round 1)
         24 a writes #2: [1/8]
         25 b is follower of a in term 8
         25 c is follower of a in term 8
         26 c → a  equal up to 1 (term 8, round 1)
         27 a applies [1/8]
         27 a lease of epoch 8 until 474
         27 a → c  heartbeat after 1/8, committed 1 (term 8, round 1)
         28 c → a  equal up to 1 (term 8, round 1)
      "
    `);
    net.releaseWrites('b');
    net.run(3);
    expect(net.told('b ')).toMatchInlineSnapshot(`
      "
         41 b → a  yes, term 8
         41 b → a  equal up to 0 (term 8, round 1)
         41 b writes #2: [1/8]
         42 a → b  append [1/8] after 0/7, committed 1 (term 8, round 1)
         42 b → a  equal up to 1 (term 8, round 1)
         43 b → a  equal up to 1 (term 8, round 1)
         43 b applies [1/8]
      "
    `);
  });

  test('a vote that waits behind another write counts no sooner than it is written', () => {
    const net = RaftNet.led('a');
    net.holdWrites('a');
    net.propose('a', 'x');
    net.input('a', { type: 'resign' });
    net.run(700);
    net.releaseWrites('a');
    net.run(3);
    expect(net.told()).toMatchInlineSnapshot(`
      "
         50 a writes #3: [2/8:x]
         50 a lease of epoch 8 is over
         50 a proposal 1: unknown
         50 a is follower in term 8
        650 a is candidate in term 9
        751 a writes #4: term 9, vote for a
        752 a is leader in term 9
        752 a writes #5: [3/9]
        753 a applies [2/8:x]
        753 a applies [3/9]
        753 a lease of epoch 9 until 1202
      "
    `);
  });

  test('a vote is remembered after a crash: nobody votes twice in a term', () => {
    const net = new RaftNet('abc');
    net.start('b', { hardState: { term: 9, votedFor: 'a' } });
    net.run(700);
    net.told();
    for (const from of ['c', 'a']) {
      net.input('b', {
        type: 'received',
        from,
        message: {
          kind: 'vote-request',
          term: 9,
          last: { index: 5, term: 8 },
          pre: false,
          handedOver: false,
        },
      });
    }
    expect(net.told()).toMatchInlineSnapshot(`
      "
        700 b → c  no, term 9  (lost)
        700 b → a  yes, term 9  (lost)
      "
    `);
  });

  test('whose log is behind is not elected', () => {
    const net = RaftNet.led('abc');
    net.split('ab', 'c');
    net.propose('a', 'x');
    net.run(10);
    net.crash('a');
    net.split('bc');
    net.cut('b', 'c');
    net.run(1300);
    expect(net.told('→ c  I would', 'is ')).toMatchInlineSnapshot(`
      "
        729 b is candidate in term 8
        760 c is candidate in term 8
        761 b → c  I would not, term 8  (lost)
        861 b → c  I would not, term 8  (lost)
        961 b → c  I would not, term 8  (lost)
       1061 b → c  I would not, term 8  (lost)
       1161 b → c  I would not, term 8  (lost)
       1261 b → c  I would not, term 8  (lost)
      "
    `);
    net.heal();
    net.run(1300);
    expect(net.told('is ')).toMatchInlineSnapshot(`
      "
       1406 b is candidate in term 9
       1408 c is follower in term 9
       1410 b is leader in term 9
       1411 c is follower of b in term 9
      "
    `);
  });

  test('who has not answered is asked again', () => {
    const net = new RaftNet('abc');
    net.start('abc');
    net.split('a', 'bc');
    net.run(50);
    net.heal();
    net.run(60);
    expect(net.told('a ')).toMatchInlineSnapshot(`
      "
          0 a configuration: abc
          0 a is follower in term 7
          0 a → b  would you vote for me in term 8? my log ends at 0/7  (lost)
          0 a → c  would you vote for me in term 8? my log ends at 0/7  (lost)
          0 a is candidate in term 7
         75 b → a  would you vote for me in term 8? my log ends at 0/7
         76 a → b  I would, term 8
         78 b → a  vote for me in term 8? my log ends at 0/7
         79 a is follower in term 8
         79 a writes #1: term 8, vote for b
         80 a → b  yes, term 8
         81 b → a  append [1/8] after 0/7, committed 0 (term 8, round 1)
         82 a is follower of b in term 8
         82 a writes #2: [1/8]
         83 a → b  equal up to 1 (term 8, round 1)
         84 b → a  heartbeat after 1/8, committed 1 (term 8, round 1)
         85 a → b  equal up to 1 (term 8, round 1)
         85 a applies [1/8]
      "
    `);
  });

  test('a leader that has gone on in a former term learns of the new one, and follows', () => {
    const net = RaftNet.led('abc');
    net.stop('a');
    net.run(1000);
    expect(net.told('is ', 'lease')).toMatchInlineSnapshot(`
      "
        685 b is candidate in term 8
        687 b is candidate in term 9
        689 c is follower in term 9
        691 b is leader in term 9
        692 c is follower of b in term 9
        694 b lease of epoch 9 until 1141
        793 b lease of epoch 9 until 1241
        893 b lease of epoch 9 until 1341
        993 b lease of epoch 9 until 1441
      "
    `);
    net.wake('a');
    net.run(100);
    expect(net.told('a ')).toMatchInlineSnapshot(`
      "
       1050 a lease of epoch 8 is over
       1050 a is follower in term 8
       1050 a → b  I would, term 9
       1050 a is follower in term 9
       1050 a writes #3: term 9, vote for b
       1050 a is follower of b in term 9
       1051 a → b  yes, term 9
       1051 a → b  equal up to 1 (term 9, round 2)
       1051 a → b  equal up to 1 (term 9, round 3)
       1051 a → b  equal up to 1 (term 9, round 4)
       1051 a → b  equal up to 1 (term 9, round 1)
       1051 a writes #4: [2/9]
       1052 b → a  append [2/9] after 1/8, committed 2 (term 9, round 4)
       1052 a → b  equal up to 2 (term 9, round 1)
       1053 a → b  equal up to 2 (term 9, round 4)
       1053 a applies [2/9]
       1091 b → a  heartbeat after 2/9, committed 2 (term 9, round 5)
       1092 a → b  equal up to 2 (term 9, round 5)
      "
    `);
  });
});
