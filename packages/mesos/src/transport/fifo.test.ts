import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fifo } from './fifo.ts';

it('is a list, whatever is done to it', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ push: fc.nat(3000) }) },
    { weight: 4, arbitrary: fc.record({ shift: fc.nat(3000) }) },
    { weight: 1, arbitrary: fc.record({ unshift: fc.array(fc.nat(), { maxLength: 5 }) }) },
    { weight: 1, arbitrary: fc.constant({ drain: true }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const fifo = new Fifo<number>();
      let list: number[] = [];
      let next = 0;
      for (const action of steps) {
        if ('push' in action) {
          for (let times = 0; times < action.push; times++, next++) {
            fifo.push(next);
            list.push(next);
          }
        } else if ('shift' in action) {
          const taken = Array.from({ length: action.shift }, () => fifo.shift()).filter(
            (each) => each !== undefined,
          );
          expect(taken).toEqual(list.slice(0, action.shift));
          list = list.slice(action.shift);
        } else if ('unshift' in action) {
          fifo.unshift(action.unshift);
          list.unshift(...action.unshift);
        } else {
          expect(fifo.drain()).toEqual(list);
          list = [];
        }
        expect(fifo.length).toBe(list.length);
      }
    }),
  );
});
