import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeadlineHeap, type Deadline } from './deadline-heap.ts';

test('deadlines fall due in the order of their times, whatever was set and cancelled before', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), atMs: fc.nat(50) }),
    fc.record({ do: fc.constant('cancel' as const), which: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const heap = new DeadlineHeap<number>();
      const made: Deadline<number>[] = [];
      const expected = new Map<number, number>();
      for (const next of steps) {
        if (next.do === 'add') {
          expected.set(made.length, next.atMs);
          made.push(heap.add(next.atMs, made.length));
          continue;
        }
        const deadline = made[next.which % Math.max(1, made.length)];
        if (!deadline) continue;
        heap.cancel(deadline);
        expected.delete(deadline.about);
      }
      const taken: number[] = [];
      for (let about = heap.take(50); about !== undefined; about = heap.take(50)) {
        taken.push(expected.get(about) ?? -1);
        expected.delete(about);
      }
      expect(taken).toEqual(taken.toSorted((a, b) => a - b));
      expect(taken).not.toContain(-1);
      expect(expected.size).toBe(0);
    }),
  );
});

test('nothing is taken before its time', () => {
  const heap = new DeadlineHeap<string>();
  heap.add(10, 'a');
  expect(heap.take(9)).toBeUndefined();
  expect(heap.nextMs).toBe(10);
  expect(heap.take(10)).toBe('a');
  expect(heap.nextMs).toBeUndefined();
});
