import { expect, test } from 'vitest';

import { SharedValues } from './shared-values.ts';

test('equal values are one object, others stay apart', () => {
  const values = new SharedValues();
  const first = values.of({ LEVEL: 'info', LIMITS: { soft: 1 } });
  expect(values.of({ LEVEL: 'info', LIMITS: { soft: 1 } })).toBe(first);
  expect(values.of({ LEVEL: 'info', LIMITS: { soft: 2 } })).not.toBe(first);
  expect(values.of('[1]')).toBe('[1]');
  expect(values.of([1])).toEqual([1]);
});

test('nobody can change what belongs to many', () => {
  const shared: { LIMITS: { soft: number } } = new SharedValues().of({ LIMITS: { soft: 1 } });
  expect(() => (shared.LIMITS.soft = 2)).toThrow(TypeError);
});

test('of more values than it can know it gives equal ones all the same', () => {
  const values = new SharedValues();
  const wrong = Array.from({ length: 50_000 }, (_, number) => number).filter(
    (number) => values.of([number])[0] !== number || values.of([number]) !== values.of([number]),
  );
  expect(wrong).toEqual([]);
});
