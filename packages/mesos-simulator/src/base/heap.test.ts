import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap } from './heap.ts';

test('items come out by their keys, those with equal keys in the order in which they went in', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (keys) => {
      const heap = new Heap<{ readonly key: number; readonly index: number }>();
      for (const [index, key] of keys.entries()) heap.push(key, { key, index });
      const sorted = keys
        .map((key, index) => ({ key, index }))
        .toSorted((a, b) => a.key - b.key || a.index - b.index);
      expect(keys.map(() => heap.pop())).toEqual(sorted);
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

test('pushing and popping may alternate', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 50 }))), (steps) => {
      const heap = new Heap<number>();
      const model: number[] = [];
      for (const step of steps) {
        if (step === null) {
          expect(heap.pop()).toBe(model.shift());
        } else {
          heap.push(step, step);
          model.push(step);
          model.sort((a, b) => a - b);
        }
        expect(heap.topKey).toBe(model[0] ?? Infinity);
        expect(heap.size).toBe(model.length);
      }
    }),
  );
});
