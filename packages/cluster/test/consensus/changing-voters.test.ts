import { describe, expect, test } from 'vitest';
import { participants, RaftNet } from './raft-net.ts';

const [d] = participants('d');
if (!d) throw new Error('no participant');

describe('changing who votes', () => {
  test('a new one learns first, then votes', () => {
    const net = RaftNet.led('abc');
    net.start('d');
    net.change('a', { kind: 'add-learner', participant: d });
    net.run(120);
    expect(net.told(' d ', 'd → a', 'configuration', 'proposal')).toMatchInlineSnapshot(`
      "
         50 d configuration: abc
         50 d is learner in term 7
         50 a configuration: abc and d
         51 b configuration: abc and d
         51 c configuration: abc and d
         53 a proposal 1: committed at 2
        106 a → d  heartbeat after 2/8, committed 2 (term 8, round 2)
        107 d is learner of a in term 8
        107 d writes #1: term 8
        108 d → a  refused, perhaps equal at 0 (term 8, round 2)
        109 a → d  append [1/8 2/8:{abc and d}] after 0/7, committed 2 (term 8, round 2)
        110 d configuration: abc and d
        110 d applies [1/8]
        110 d applies [2/8:{abc and d}]
        110 d writes #2: [1/8 2/8:{abc and d}]
        111 d → a  equal up to 2 (term 8, round 2)
      "
    `);
    net.change('a', { kind: 'promote', id: 'd' });
    net.run(10);
    expect(net.told('d is', 'a configuration', 'proposal')).toMatchInlineSnapshot(`
      "
        170 a configuration: abcd
        171 d is follower of a in term 8
        173 a proposal 2: committed at 3
      "
    `);
    net.split('ad', 'bc');
    net.run(2000);
    // Of four voters two are no majority.
    for (const id of 'abcd') expect(net.core(id).status().role).toBe('candidate');
  });

  test('a learner never stands for election', () => {
    const net = RaftNet.led('abc');
    net.start('d');
    net.change('a', { kind: 'add-learner', participant: d });
    net.run(120);
    net.told();
    net.split('a', 'b', 'c', 'd');
    net.run(5000);
    expect(net.toldBy('d')).toBe('\n\n');
    expect(net.core('d').nextDeadlineMs).toBeUndefined();
    expect(net.core('d').status().role).toBe('learner');
  });

  test('one that does not know yet that it votes votes when it is asked: else nobody could be elected', () => {
    const net = RaftNet.led('ab');
    net.start('c');
    net.change('a', { kind: 'add-learner', participant: { id: 'c', address: { host: 'c', port: 7000 } } });
    net.run(120);
    net.cut('a', 'c');
    net.change('a', { kind: 'promote', id: 'c' });
    net.run(20);
    expect(net.core('c').status().role).toBe('learner');
    net.crash('a');
    net.run(1000);
    expect(net.core('b').status().role).toBe('leader');
    expect(net.core('c').status()).toMatchObject({ role: 'follower', leader: 'b' });
  });

  test('a change waits for the one before, for the first entry of the term, and must make sense', () => {
    const net = RaftNet.led('abc');
    net.split('a', 'bc');
    net.change('a', { kind: 'add-learner', participant: d });
    net.change('a', { kind: 'remove', id: 'b' });
    net.change('b', { kind: 'remove', id: 'c' });
    expect(net.told('proposal')).toMatchInlineSnapshot(`
      "
         50 a proposal 2: refused: another change is under way
         50 b proposal 3: not-leader, a is
      "
    `);
    net.heal();
    net.run(200);
    net.told();
    net.change('a', { kind: 'add-learner', participant: d });
    net.change('a', { kind: 'promote', id: 'b' });
    net.change('a', { kind: 'demote', id: 'd' });
    net.change('a', { kind: 'remove', id: 'z' });
    net.change('a', { kind: 'move', participant: d });
    net.change('a', { kind: 'remove', id: 'a' });
    net.change('a', { kind: 'demote', id: 'a' });
    expect(net.told('proposal')).toMatchInlineSnapshot(`
      "
        250 a proposal 4: refused: d takes part already
        250 a proposal 5: refused: b is no learner
        250 a proposal 6: refused: d is no voter
        250 a proposal 7: refused: z takes no part
        250 a proposal 8: refused: d is there already
        250 a proposal 9: refused: a leads: it must resign first
        250 a proposal 10: refused: a leads: it must resign first
      "
    `);
    net.crash('c');
    net.holdWrites('b');
    net.input('a', { type: 'resign', to: 'b' });
    net.run(1);
    net.releaseWrites('b');
    net.run(4);
    net.told();
    expect(net.core('b').status()).toMatchObject({ role: 'leader', term: 9 });
    net.change('b', { kind: 'remove', id: 'c' });
    expect(net.told('proposal')).toMatchInlineSnapshot(`
      "
        255 b proposal 11: refused: the term has only begun
      "
    `);
  });

  test('one that is removed learns of it when it is committed, and asks for votes no more', () => {
    const net = RaftNet.led('abc');
    net.change('a', { kind: 'remove', id: 'c' });
    net.run(10);
    expect(net.told('a → c', 'c ')).toMatchInlineSnapshot(`
      "
         53 a → c  append [2/8:{ab}] after 1/8, committed 2 (term 8, round 1)
         54 c configuration: ab
         54 c is learner of a in term 8
         54 c applies [2/8:{ab}]
         54 c writes #3: [2/8:{ab}]
         55 c → a  equal up to 2 (term 8, round 1)
      "
    `);
    net.run(3000);
    expect(net.told('c ', 'a → c')).toBe('\n\n');
  });

  test('a change that is half done is no end: whoever loses its vote is needed until it is committed', () => {
    const net = RaftNet.led('abc');
    net.cut('a', 'b');
    net.change('a', { kind: 'remove', id: 'c' });
    net.propose('a', 'x');
    net.run(10);
    net.crash('a');
    net.heal();
    net.run(1500);
    expect(net.core('b').status().role).toBe('leader');
    expect(net.core('c').status()).toMatchObject({ role: 'follower', leader: 'b' });
  });

  test('the only voter can be neither removed nor demoted', () => {
    const net = RaftNet.led('a');
    net.change('a', { kind: 'remove', id: 'a' });
    net.change('a', { kind: 'demote', id: 'a' });
    expect(net.told()).toMatchInlineSnapshot(`
      "
         50 a proposal 1: refused: a is the only voter
         50 a proposal 2: refused: a is the only voter
      "
    `);
  });

  test('a change that a new leader does not know is undone', () => {
    const net = RaftNet.led('abc');
    net.split('a', 'bc');
    net.change('a', { kind: 'remove', id: 'c' });
    net.run(1500);
    net.heal();
    net.run(300);
    expect(net.told('a configuration', 'a writes', 'proposal')).toMatchInlineSnapshot(`
      "
         50 a configuration: ab
         50 a writes #3: [2/8:{ab}]
        606 a proposal 1: unknown
       1592 a writes #4: term 9
       1595 a configuration: abc
       1595 a writes #5: nothing after 1; [2/9]
      "
    `);
  });
});
