import { ManualClock } from '@vibrissa/testkit';
import { expect, test } from 'vitest';

import { Refusals } from '../../src/transport/refusals.ts';

test('a flood of strangers is told once a second, with its number, and the first one at once', async () => {
  const clock = new ManualClock();
  const told: string[] = [];
  const refusals = new Refusals(clock, {
    onPacket: () => {},
    onRefused: ({ from, why, count }) => told.push(`${why} ${count} ${from.host}`),
  });
  const note = (host: string) => refusals.note('forged', { host, port: 1 });
  note('a');
  expect(told).toEqual(['forged 1 a']);
  note('b');
  note('c');
  refusals.note('malformed', { host: 'd', port: 1 });
  expect(told).toEqual(['forged 1 a', 'malformed 1 d']);
  await clock.advance(1_000);
  expect(told.slice(2)).toEqual(['forged 2 c']);
  await clock.advance(1_000);
  note('e');
  expect(told.slice(3)).toEqual(['forged 1 e']);
  refusals.close();
  expect(clock.pendingTimers).toBe(0);
});
