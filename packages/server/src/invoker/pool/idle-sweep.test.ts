import { ManualClock } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { FreeContainers, PoolEntry } from './free-containers.ts';
import { IdleSweep } from './idle-sweep.ts';

function openSweep() {
  const clock = new ManualClock();
  const free = new FreeContainers<string>();
  const events: string[] = [];
  const sweep = IdleSweep.open({
    clock,
    free,
    pauseGraceMs: 50,
    idleContainerMs: 1000,
    pause: (entry) => events.push(`${clock.monotonicMs()} pause ${entry.worker}`),
    remove: (entry) => {
      events.push(`${clock.monotonicMs()} remove ${entry.worker}`);
      free.remove(entry);
    },
  });
  const run = (name: string) => {
    const entry = new PoolEntry(name, 'nodejs:20', 256);
    free.bind(entry, name, 1);
    return entry;
  };
  const rest = (entry: PoolEntry<string>) => {
    free.release(entry, clock.monotonicMs());
    sweep.noteIdle();
  };
  return { clock, free, events, sweep, run, rest };
}

test('each container is paused after its grace and removed after its idle time', () => {
  const { clock, events, run, rest } = openSweep();
  const [first, second] = [run('first'), run('second')];
  rest(first);
  clock.advanceSync(30);
  rest(second);
  clock.advanceSync(2000);
  expect(events).toEqual(['50 pause first', '80 pause second', '1050 remove first', '1080 remove second']);
  expect(clock.pendingTimers).toBe(0);
});

test('a container that is used again starts anew', () => {
  const { clock, free, events, run, rest } = openSweep();
  const entry = run('used');
  rest(entry);
  clock.advanceSync(40);
  free.acquire(entry);
  clock.advanceSync(40);
  rest(entry);
  clock.advanceSync(49);
  expect(events).toEqual([]);
  clock.advanceSync(1);
  expect(events).toEqual(['130 pause used']);
});

test('thousands of short runs set one timer', () => {
  const { clock, free, run, rest } = openSweep();
  const entry = run('busy');
  for (let count = 0; count < 1000; count++) {
    rest(entry);
    free.acquire(entry);
  }
  expect(clock.pendingTimers).toBe(1);
});
