import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ANY_USABLE, FreeMemory } from './free-memory.ts';

test('the next invoker with enough memory is the one that a scan would find', () => {
  const change = fc.record({
    invoker: fc.nat(39),
    free: fc.option(fc.integer({ min: -500, max: 500 }), { nil: undefined }),
  });
  const question = fc.record({
    from: fc.nat(39),
    to: fc.integer({ min: 0, max: 40 }),
    need: fc.integer({ min: -600, max: 600 }),
  });
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 80 }),
      fc.array(question, { minLength: 1 }),
      (changes, questions) => {
        const tree = new FreeMemory();
        const model = new Map<number, number>();
        tree.grow(40);
        for (const { invoker, free } of changes) {
          if (free === undefined) {
            tree.disable(invoker);
            model.delete(invoker);
          } else {
            tree.set(invoker, free);
            model.set(invoker, free);
          }
        }
        for (const { from, to, need } of questions) {
          let scanned = -1;
          for (let i = from; i < to && scanned < 0; i++) if ((model.get(i) ?? -Infinity) >= need) scanned = i;
          expect(tree.firstWith(from, need, to)).toBe(scanned);
        }
      },
    ),
  );
});

test('growing keeps what is known', () => {
  const tree = new FreeMemory();
  tree.grow(1);
  tree.set(0, 100);
  tree.grow(3);
  tree.set(2, 300);
  tree.grow(100);
  expect([tree.get(0), tree.usable(1), tree.get(2), tree.usable(99)]).toEqual([100, false, 300, false]);
  expect(tree.firstWith(0, 200, 100)).toBe(2);
  expect(tree.firstWith(0, 301, 100)).toBe(-1);
});

test('an invoker on which much was forced is full, but usable', () => {
  const tree = new FreeMemory();
  tree.grow(2);
  tree.set(1, -100_000);
  expect(tree.firstWith(0, ANY_USABLE, 2)).toBe(1);
  expect(tree.firstWith(0, 0, 2)).toBe(-1);
});
