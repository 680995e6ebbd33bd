import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvokerSlots } from './invoker-slots.ts';
import type { Need } from './schedule.ts';

const needs: Need[] = [
  { hash: 1, memoryMb: 128, concurrency: 1, actionKey: 'a', blackbox: false },
  { hash: 2, memoryMb: 256, concurrency: 1, actionKey: 'b', blackbox: false },
  { hash: 3, memoryMb: 256, concurrency: 3, actionKey: 'c', blackbox: false },
  { hash: 4, memoryMb: 512, concurrency: 5, actionKey: 'd', blackbox: false },
];

interface Taken {
  readonly invoker: number;
  readonly need: Need;
}

/** From what is taken alone: as many full containers as hold the activations of each action. */
function recountMb(taken: readonly Taken[], invoker: number): number {
  return needs.reduce((sum, need) => {
    const count = taken.filter((one) => one.invoker === invoker && one.need === need).length;
    return sum + Math.ceil(count / need.concurrency) * need.memoryMb;
  }, 0);
}

test('after any history, what is taken on each invoker equals a recount', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ take: fc.nat(needs.length - 1), invoker: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ release: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ set: fc.nat(2), capacityMb: fc.nat(4096), usable: fc.boolean() }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const slots = new InvokerSlots();
      const taken: Taken[] = [];
      const capacities = [1024, 1024, 1024];
      const usable = [true, true, true];
      capacities.forEach((mb, invoker) => slots.setInvoker(invoker, mb, true));
      for (const action of steps) {
        if ('take' in action) {
          const need = needs[action.take] as Need;
          slots.take(action.invoker, need);
          taken.push({ invoker: action.invoker, need });
        } else if ('release' in action) {
          const [one] = taken.length === 0 ? [] : taken.splice(action.release % taken.length, 1);
          if (one) slots.release(one.invoker, one.need);
        } else {
          capacities[action.set] = action.capacityMb;
          usable[action.set] = action.usable;
          slots.setInvoker(action.set, action.capacityMb, action.usable);
        }
      }
      for (let invoker = 0; invoker < 3; invoker++) {
        const usedMb = recountMb(taken, invoker);
        expect(slots.usedMb(invoker)).toBe(usedMb);
        const free = usable[invoker] ? (capacities[invoker] as number) - usedMb : -Infinity;
        expect(slots.grants(invoker, needs[0] as Need)).toBe(free >= 128);
        const used = taken.filter((one) => one.invoker === invoker && one.need === needs[2]).length;
        const placeLeft = usable[invoker] === true && used % 3 !== 0;
        expect(slots.grants(invoker, needs[2] as Need)).toBe(free >= 256 || placeLeft);
      }
    }),
  );
});

test('an invoker that nobody announced does not exist', () => {
  expect(() => new InvokerSlots().take(0, needs[0] as Need)).toThrow('There is no invoker 0');
});
