import { seededRandom } from '@vibrissa/testkit';
import { expect, it } from 'vitest';
import { DueQueue } from './due-queue.ts';

it('gives what is due in the order of time, whatever was replaced and removed before', () => {
  const seed = 11;
  const random = seededRandom(seed);
  const queue = new DueQueue();
  const model = new Map<string, number>();
  for (let step = 0; step < 20_000; step++) {
    const key = `k${Math.floor(random() * 300)}`;
    const choice = random();
    if (choice < 0.6) {
      const dueMs = Math.floor(random() * 10_000);
      queue.set(key, dueMs);
      model.set(key, dueMs);
    } else if (choice < 0.8) {
      queue.delete(key);
      model.delete(key);
    } else {
      const first = Math.min(...model.values());
      expect(queue.firstMs, `seed ${seed}`).toBe(model.size === 0 ? undefined : first);
      const taken = queue.take(5000);
      if (taken === undefined) expect(first).toBeGreaterThan(5000);
      else expect(model.get(taken)).toBe(first);
      if (taken !== undefined) model.delete(taken);
    }
    expect(queue.size).toBe(model.size);
  }
  queue.clear();
  expect(queue.firstMs).toBeUndefined();
});
