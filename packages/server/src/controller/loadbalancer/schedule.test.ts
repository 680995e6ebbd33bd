import { seededRandom } from '@vibrissa/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvokerSlots } from './invoker-slots.ts';
import { NONE, schedule, scheduleOverloaded, type InvokerPool, type Need } from './schedule.ts';
import { stepSizes } from './step-sizes.ts';

function aNeed(over: Partial<Need> = {}): Need {
  return {
    hash: 13,
    memoryMb: 256,
    concurrency: 1,
    actionKey: 'guest/hello@0.0.1',
    blackbox: false,
    ...over,
  };
}

function poolOf(size: number, from = 0): InvokerPool {
  return { from, size, steps: stepSizes(size) };
}

function slotsWith(freeMb: readonly (number | undefined)[]): InvokerSlots {
  const slots = new InvokerSlots();
  freeMb.forEach((mb, invoker) => slots.setInvoker(invoker, mb ?? 0, mb !== undefined));
  return slots;
}

test('ten invokers and hash 13: home is 3, and the walk is 3, 6, 9, 2, 5, 8, 1, 4, 7, 0', () => {
  const slots = slotsWith(Array.from({ length: 10 }, () => 256));
  const visited: number[] = [];
  for (let i = 0; i < 10; i++) {
    const invoker = schedule(aNeed(), poolOf(10), slots);
    slots.take(invoker, aNeed());
    visited.push(invoker);
  }
  expect(visited).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7, 0]);
  expect(schedule(aNeed(), poolOf(10), slots)).toBe(NONE);
});

test('an action stays with its home invoker while that has room', () => {
  const slots = slotsWith([512, 512, 512]);
  const need = aNeed({ hash: 4 });
  expect(schedule(need, poolOf(3), slots)).toBe(1);
  slots.take(1, need);
  expect(schedule(need, poolOf(3), slots)).toBe(1);
});

describe('in a pool of any size', () => {
  const fleet = fc.array(fc.option(fc.constantFrom(0, 128, 256, 512), { nil: undefined }), {
    minLength: 1,
    maxLength: 120,
  });

  test('an invoker is found whenever one has room, and it has', () => {
    fc.assert(
      fc.property(fleet, fc.nat(), fc.nat(), (free, hash, offset) => {
        const from = offset % free.length;
        const slots = slotsWith(free);
        const pool = poolOf(free.length - from, from);
        const chosen = schedule(aNeed({ hash }), pool, slots);
        const fitting = free.flatMap((mb, at) => (at >= from && (mb ?? 0) >= 256 ? [at] : []));
        expect(fitting.length > 0 ? fitting : [NONE]).toContain(chosen);
      }),
    );
  });

  test('when all are full, any usable one is taken', () => {
    fc.assert(
      fc.property(fleet, fc.nat(1000), (free, draw) => {
        const slots = slotsWith(free);
        const chosen = scheduleOverloaded(poolOf(free.length), slots, draw / 1001);
        const usable = free.flatMap((mb, at) => (mb === undefined ? [] : [at]));
        expect(usable.length > 0 ? usable : [NONE]).toContain(chosen);
      }),
    );
  });
});

test('overload spreads over all usable invokers', () => {
  const slots = slotsWith([0, 0, undefined, 0, 0]);
  const random = seededRandom(1);
  const chosen = new Set<number>();
  for (let i = 0; i < 200; i++) chosen.add(scheduleOverloaded(poolOf(5), slots, random()));
  expect([...chosen].sort((a, b) => a - b)).toEqual([0, 1, 3, 4]);
});

test('a shared container with a free place is preferred to more memory', () => {
  const slots = slotsWith([256, 256]);
  const need = aNeed({ hash: 0, concurrency: 3 });
  for (let i = 0; i < 3; i++) {
    expect(schedule(need, poolOf(2), slots)).toBe(0);
    slots.take(0, need);
  }
  expect(slots.usedMb(0)).toBe(256);
  expect(schedule(need, poolOf(2), slots)).toBe(1);
});

test('without invokers nothing can be scheduled', () => {
  expect(schedule(aNeed(), poolOf(0), new InvokerSlots())).toBe(NONE);
  expect(scheduleOverloaded(poolOf(0), new InvokerSlots(), 0.5)).toBe(NONE);
});
