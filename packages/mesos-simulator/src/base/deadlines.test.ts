import { expect, test } from 'vitest';
import { Deadlines } from './deadlines.ts';

test('a deadline that is set again moves, a deleted one never comes', () => {
  const deadlines = new Deadlines<string>();
  deadlines.set('a', 10, 'first');
  deadlines.set('b', 20, 'b');
  deadlines.set('c', 5, 'c');
  deadlines.set('a', 30, 'moved');
  deadlines.delete('c');
  expect(deadlines.nextMs).toBe(20);
  expect(deadlines.takeDue(19)).toBeUndefined();
  expect(deadlines.takeDue(30)).toBe('b');
  expect(deadlines.takeDue(30)).toBe('moved');
  expect(deadlines.has('a')).toBe(false);
  expect(deadlines.nextMs).toBeUndefined();
});
