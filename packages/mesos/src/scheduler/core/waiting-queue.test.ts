import { expect, test } from 'vitest';
import type { Submission } from './live-task.ts';
import { WaitingQueue } from './waiting-queue.ts';

let turns = 0;

function aSubmission(shape: string): Submission {
  turns += 1;
  return {
    id: `task-${turns}`,
    turn: turns,
    request: { id: `task-${turns}`, role: 'web', units: [], constraints: [] },
    shape,
    group: undefined,
    tasks: [],
    waitingSinceMs: 0,
    submittedAtMs: 0,
    roundsBefore: 0,
    lostLaunches: 0,
    goneOffers: 0,
    neverRan: [],
    deadline: undefined,
  };
}

test('of each kind as many are looked at as could fit, all in turn', () => {
  const queue = new WaitingQueue();
  const small = [aSubmission('small'), aSubmission('small')];
  const large = [aSubmission('large'), aSubmission('large'), aSubmission('large')];
  const late = aSubmission('small');
  for (const submission of [...small, ...large, late]) queue.add(submission, false);
  const chosen = queue.candidates((sample, enough) => (sample.shape === 'large' ? 1 : enough));
  expect(chosen).toEqual([...small, large[0], late]);
});

test('what comes back goes before what was never tried', () => {
  const queue = new WaitingQueue();
  const [first, second] = [aSubmission('a'), aSubmission('a')];
  queue.add(second, false);
  queue.add(first, true);
  expect(queue.candidates(() => 1)).toEqual([first]);
  expect([...queue.heads()]).toEqual([first]);
});

test('what was looked at once is not looked at again before offers come', () => {
  const queue = new WaitingQueue();
  const [first, second] = [aSubmission('a'), aSubmission('a')];
  queue.add(first, false);
  expect(queue.takeUnmatched()).toEqual([first]);
  queue.add(second, false);
  expect(queue.takeUnmatched()).toEqual([second]);
  expect(queue.takeUnmatched()).toEqual([]);
  expect(queue.size).toBe(2);
});

test('what was removed is in no line any more', () => {
  const queue = new WaitingQueue();
  const gone = aSubmission('a');
  queue.add(gone, false);
  expect(queue.remove(gone)).toBe(true);
  expect(queue.remove(gone)).toBe(false);
  expect(queue.candidates(() => 9)).toEqual([]);
  expect(queue.takeUnmatched()).toEqual([]);
  expect(queue.first).toBeUndefined();
});
