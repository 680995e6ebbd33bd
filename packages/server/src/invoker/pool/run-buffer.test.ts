import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RunBuffer, type Waiting } from './run-buffer.ts';

interface Named extends Waiting {
  readonly name: number;
}

function waiting(name: number, key: string, memoryMb: number): Named {
  return { name, key, memoryMb };
}

test('a big one at the head lets smaller ones pass, and stays the oldest', () => {
  const buffer = new RunBuffer<Named>();
  buffer.add(waiting(1, 'big', 512), 10);
  buffer.add(waiting(2, 'small', 128), 20);
  expect(buffer.takeFitting(256)?.name).toBe(2);
  expect(buffer.takeFitting(256)).toBeUndefined();
  expect(buffer.oldest()).toMatchObject({ job: { name: 1 }, sinceMs: 10 });
});

test('a freed container takes the first that waits for its own action', () => {
  const buffer = new RunBuffer<Named>();
  buffer.add(waiting(1, 'a', 256), 0);
  buffer.add(waiting(2, 'b', 256), 0);
  buffer.add(waiting(3, 'b', 256), 0);
  expect(buffer.takeFor('b')?.name).toBe(2);
  expect(buffer.takeFor('c')).toBeUndefined();
  expect(buffer.drain().map(({ name }) => name)).toEqual([1, 3]);
});

test('who waits for a container of its own action is passed over by memory, until there is one less', () => {
  const buffer = new RunBuffer<Named>();
  buffer.park(waiting(1, 'a', 128), 0);
  buffer.park(waiting(2, 'a', 128), 0);
  expect([buffer.length, buffer.waitsForMemory, buffer.hasFor('a')]).toEqual([2, false, true]);
  expect(buffer.takeFitting(Infinity)).toBeUndefined();
  expect(buffer.oldest()).toBeUndefined();
  buffer.add(waiting(3, 'b', 128), 5);
  buffer.unpark('a', 10);
  buffer.unpark('c', 10);
  expect(buffer.takeFitting(Infinity)?.name).toBe(3);
  expect(buffer.oldest()).toMatchObject({ job: { name: 1 }, sinceMs: 10 });
  expect(buffer.takeFor('a')?.name).toBe(1);
  expect(buffer.takeFor('a')?.name).toBe(2);
  buffer.unpark('a', 20);
  expect([buffer.length, buffer.waitsForMemory, buffer.hasFor('a')]).toEqual([0, false, false]);
  buffer.park(waiting(4, 'a', 128), 0);
  buffer.add(waiting(5, 'b', 128), 0);
  expect(buffer.drain().map(({ name }) => name)).toEqual([4, 5]);
});

type Step =
  | { readonly do: 'add'; readonly key: string; readonly memoryMb: number }
  | { readonly do: 'take-for'; readonly key: string }
  | { readonly do: 'take-fitting'; readonly memoryMb: number };

const key = fc.constantFrom('a', 'b', 'c');
const memoryMb = fc.constantFrom(128, 256, 512);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), key, memoryMb }),
  fc.record({ do: fc.constant('take-for' as const), key }),
  fc.record({ do: fc.constant('take-fitting' as const), memoryMb }),
);

test('it gives out what a naive list would, and forgets nothing', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const buffer = new RunBuffer<Named>();
      const model: Named[] = [];
      const take = (match: (job: Named) => boolean) => {
        const at = model.findIndex(match);
        return at < 0 ? undefined : model.splice(at, 1)[0];
      };
      let count = 0;
      for (const action of steps) {
        if (action.do === 'add') {
          const job = waiting(count++, action.key, action.memoryMb);
          buffer.add(job, count);
          model.push(job);
        } else if (action.do === 'take-for') {
          expect(buffer.takeFor(action.key)).toBe(take((job) => job.key === action.key));
        } else {
          expect(buffer.takeFitting(action.memoryMb)).toBe(take((job) => job.memoryMb <= action.memoryMb));
        }
        expect(buffer.length).toBe(model.length);
        expect(buffer.memoryMb).toBe(model.reduce((sum, job) => sum + job.memoryMb, 0));
        expect(buffer.oldest()?.job).toBe(model[0]);
        expect(buffer.hasFor('a')).toBe(model.some((job) => job.key === 'a'));
      }
      expect(buffer.drain()).toEqual(model);
    }),
  );
});
