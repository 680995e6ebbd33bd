import { ManualClock } from '@vibrissa/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Clock } from './clock.ts';
import { Deadlines, type Deadline } from './deadlines.ts';

test('what is not removed falls due once, in time, whatever else was added and removed', () => {
  const step = fc.oneof(
    fc.record({ addMs: fc.constantFrom(1, 10, 25, 1000) }),
    fc.record({ removeAt: fc.nat(20) }),
    fc.record({ advanceMs: fc.nat(30) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const manual = new ManualClock();
      const clock: Clock = manual;
      const fired: number[] = [];
      const deadlines = Deadlines.open<number>(clock, (subject) => fired.push(subject));
      const open = new Map<number, { deadline: Deadline<number>; dueMs: number }>();
      let next = 0;
      const expectFired: number[] = [];
      for (const action of steps) {
        if ('addMs' in action) {
          const deadline = deadlines.add(action.addMs, next);
          open.set(next++, { deadline, dueMs: clock.monotonicMs() + action.addMs });
        } else if ('removeAt' in action) {
          const entry = open.get(action.removeAt);
          if (entry) deadlines.remove(entry.deadline);
          open.delete(action.removeAt);
        } else {
          manual.advanceSync(action.advanceMs);
          for (const [subject, entry] of open) {
            if (entry.dueMs > clock.monotonicMs()) continue;
            expectFired.push(subject);
            open.delete(subject);
          }
        }
      }
      expect([...fired].sort((a, b) => a - b)).toEqual(expectFired.sort((a, b) => a - b));
      manual.advanceSync(5000);
      expect(fired).toHaveLength(expectFired.length + open.size);
      expect(manual.pendingTimers).toBe(0);
    }),
  );
});

test('removing a deadline twice, or after it fell due, does nothing', () => {
  const clock = new ManualClock();
  const fired: string[] = [];
  const deadlines = Deadlines.open<string>(clock, (subject) => fired.push(subject));
  const first = deadlines.add(10, 'first');
  const second = deadlines.add(10, 'second');
  deadlines.add(10, 'third');
  deadlines.remove(second);
  deadlines.remove(second);
  clock.advanceSync(10);
  deadlines.remove(first);
  expect(fired).toEqual(['first', 'third']);
});

test('after close nothing falls due', () => {
  const clock = new ManualClock();
  const fired: string[] = [];
  const deadlines = Deadlines.open<string>(clock, (subject) => fired.push(subject));
  deadlines.add(10, 'late');
  deadlines.close();
  clock.advanceSync(100);
  expect(fired).toEqual([]);
});
