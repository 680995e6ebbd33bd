import { ManualClock } from '@vibrissa/testkit';
import { expect, test } from 'vitest';

import { StartFailures } from './start-failures.ts';

const stemCell = { kind: 'nodejs:20', memoryMb: 256 };

test('what fails again in the same way is counted, and the latest comes first', async () => {
  const clock = new ManualClock();
  const failures = new StartFailures(clock);
  const reason = (run: string) => `Failed to chown '/tmp/executors/${run}': No such user 'nobody2'.`;
  failures.note(stemCell, { agent: 'agent-1', reason: reason('whisk-0-1') });
  failures.note({ kind: 'blackbox', image: 'a/b', memoryMb: 128 }, { agent: undefined, reason: 'No image.' });
  await clock.advance(1000);
  failures.note(stemCell, { agent: 'agent-1', reason: reason('whisk-0-2') });
  expect(failures.list()).toEqual([
    { ...stemCell, agent: 'agent-1', reason: reason('whisk-0-2'), at: clock.now(), times: 2 },
    { kind: 'a/b', memoryMb: 128, reason: 'No image.', at: clock.now() - 1000, times: 1 },
  ]);
});

test('the last ten are kept', () => {
  const failures = new StartFailures(new ManualClock());
  for (let agent = 0; agent < 12; agent++) failures.note(stemCell, { agent: `a${agent}`, reason: 'x' });
  expect(failures.list().map(({ agent }) => agent)).toEqual(
    [11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((agent) => `a${agent}`),
  );
});
