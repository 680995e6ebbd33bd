import { expect, test } from 'vitest';

import { ListedCount } from './listed-count.ts';

test('a source that leaves half of the instances out for a moment has counted them before', () => {
  const count = new ListedCount();
  for (const listed of [6, 6, 3, 3, 3]) count.add(listed);
  expect(count.most).toBe(6);
  count.add(3);
  count.add(3);
  expect(count.most).toBe(3);
});

test('one or two answers of a source that counts prove nothing; one that does not count needs to prove nothing', () => {
  const count = new ListedCount();
  expect([count.isSure, count.most]).toEqual([true, 0]);
  count.add(3);
  count.add(3);
  expect(count.isSure).toBe(false);
  count.add(3);
  expect(count.isSure).toBe(true);
  count.add(undefined);
  expect([count.isSure, count.most]).toEqual([true, 0]);
});
