import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MessageQueue } from './message-queue.ts';

test('a queue gives its messages in the order in which they came, whatever the history', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ push: fc.integer({ min: 1, max: 700 }) }) },
    { weight: 4, arbitrary: fc.record({ shift: fc.integer({ min: 1, max: 700 }) }) },
    { weight: 1, arbitrary: fc.constant('drain' as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const queue = new MessageQueue<number>();
      const model: number[] = [];
      let next = 0;
      for (const action of steps) {
        const given: (number | undefined)[] = [];
        const wanted: (number | undefined)[] = [];
        if (action === 'drain') {
          given.push(...queue.drain());
          wanted.push(...model.splice(0));
        } else if ('push' in action) {
          for (let i = 0; i < action.push; i++) {
            queue.push(next);
            model.push(next++);
          }
        } else {
          for (let i = 0; i < action.shift; i++) {
            given.push(queue.shift());
            wanted.push(model.shift());
          }
        }
        expect(given).toEqual(wanted);
        expect(queue.length).toBe(model.length);
      }
    }),
    { numRuns: 60 },
  );
});
