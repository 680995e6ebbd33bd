import { ManualClock } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { noMetrics } from '../../base/metrics.ts';
import { InvokerFleet } from './invoker-fleet.ts';

function openFleet(offlineAfterMs?: number) {
  const clock = new ManualClock();
  const heard: [number, number, boolean][] = [];
  const fleet = InvokerFleet.open({
    clock,
    logger: silentLogger,
    metrics: noMetrics,
    listener: { setInvoker: (invoker, mb, usable) => void heard.push([invoker, mb, usable]) },
    ...(offlineAfterMs !== undefined && { offlineAfterMs }),
  });
  return { clock, heard, fleet };
}

test('an invoker is up from its first ping; unknown ones below it are down', () => {
  const { fleet, heard } = openFleet();
  fleet.ping({ invoker: 1, userMemoryMb: 1024, enabled: true });
  expect(fleet.states()).toEqual([
    [0, 'down'],
    [1, 'up'],
  ]);
  expect(fleet.up).toBe(1);
  expect(heard).toEqual([[1, 1024, true]]);
});

test('an invoker that says it is disabled is down at once', () => {
  const { fleet, heard } = openFleet();
  fleet.ping({ invoker: 0, userMemoryMb: 1024, enabled: true });
  fleet.ping({ invoker: 0, userMemoryMb: 1024, enabled: false });
  expect(fleet.states()).toEqual([[0, 'down']]);
  expect(heard.at(-1)).toEqual([0, 1024, false]);
  expect(fleet.up).toBe(0);
});

test('pings that say nothing new disturb nobody; another memory size is passed on', () => {
  const { fleet, heard } = openFleet();
  for (const userMemoryMb of [1024, 1024, 2048]) fleet.ping({ invoker: 0, userMemoryMb, enabled: true });
  expect(heard).toEqual([
    [0, 1024, true],
    [0, 2048, true],
  ]);
});

test('an invoker of another process that falls silent is down, and up again when it speaks', () => {
  const { fleet, clock } = openFleet(2000);
  fleet.ping({ invoker: 0, userMemoryMb: 1024, enabled: true });
  clock.advanceSync(1500);
  fleet.ping({ invoker: 0, userMemoryMb: 1024, enabled: true });
  clock.advanceSync(1999);
  expect(fleet.up).toBe(1);
  clock.advanceSync(1);
  expect(fleet.up).toBe(0);
  fleet.ping({ invoker: 0, userMemoryMb: 1024, enabled: true });
  expect(fleet.up).toBe(1);
});

test('an invoker in the same process needs no pings to stay up', () => {
  const { fleet, clock } = openFleet();
  fleet.ping({ invoker: 0, userMemoryMb: 1024, enabled: true });
  clock.advanceSync(3_600_000);
  expect(fleet.up).toBe(1);
});
