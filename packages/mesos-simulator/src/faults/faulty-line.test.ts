import { ManualClock } from '@vibrissa/testkit';
import { describe, expect, it } from 'vitest';
import type { Fault } from './fault.ts';
import { FaultyLine } from './faulty-line.ts';

function lineWith(faults: Readonly<Record<string, Fault>>) {
  const clock = new ManualClock();
  const arrived: string[] = [];
  const others: string[] = [];
  const line = new FaultyLine<string>({
    clock,
    strike: (message) => faults[message],
    deliver: (message) => arrived.push(message),
    other: (fault, message) => others.push(`${fault.kind} ${message}`),
  });
  return { clock, arrived, others, line };
}

describe('a line', () => {
  it('brings messages at once and in order', () => {
    const { line, arrived } = lineWith({});
    for (const message of ['a', 'b', 'c']) line.send(message);
    expect(arrived).toEqual(['a', 'b', 'c']);
  });

  it('drops, duplicates, and swaps with the next', () => {
    const { line, arrived } = lineWith({
      a: { kind: 'drop' },
      b: { kind: 'duplicate' },
      c: { kind: 'reorder' },
    });
    for (const message of ['a', 'b', 'c']) line.send(message);
    expect(arrived).toEqual(['b', 'b']);
    line.send('d');
    expect(arrived).toEqual(['b', 'b', 'd', 'c']);
  });

  it('delays what is behind a delayed message as well: it keeps its order', () => {
    const { line, arrived, clock } = lineWith({ b: { kind: 'delay', delayMs: 100 } });
    for (const message of ['a', 'b', 'c']) line.send(message);
    expect(arrived).toEqual(['a']);
    clock.advanceSync(99);
    line.send('d');
    expect(arrived).toEqual(['a']);
    clock.advanceSync(1);
    expect(arrived).toEqual(['a', 'b', 'c', 'd']);
    line.send('e');
    expect(arrived.at(-1)).toBe('e');
  });

  it('leaves other faults to who knows them, in the order of the line', () => {
    const { line, arrived, others, clock } = lineWith({
      a: { kind: 'delay', delayMs: 10 },
      b: { kind: 'cut' },
    });
    line.send('a');
    line.send('b');
    expect(others).toEqual([]);
    clock.advanceSync(10);
    expect([arrived, others]).toEqual([['a'], ['cut b']]);
  });

  it('brings nothing any more once it is closed, and leaves no timer', () => {
    const { line, arrived, clock } = lineWith({ a: { kind: 'delay', delayMs: 10 } });
    line.send('a');
    line.close();
    line.send('b');
    expect(clock.pendingTimers).toBe(0);
    expect(arrived).toEqual([]);
  });
});
