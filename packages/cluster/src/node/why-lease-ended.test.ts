import { expect, test } from 'vitest';

import { RaftCore } from '../consensus/raft-core.ts';
import { timingOf } from './timing.ts';
import { whyLeaseEnded } from './why-lease-ended.ts';

const address = { host: 'a', port: 1 };

function alone(): RaftCore {
  const core = new RaftCore({
    self: 'a',
    options: timingOf(),
    random: { next: () => 0 },
    foundation: { voters: [{ id: 'a', address }], epochFloor: 6 },
    stored: { hardState: { term: 6 }, entries: [] },
  });
  core.step({ nowMs: 0 }, { type: 'start' });
  return core;
}

test('a lease that ended with the disk is not put down to the network', () => {
  const core = alone();
  const write = core.step({ nowMs: 5_000 }, { type: 'tick' }).find(({ type }) => type === 'persist');
  if (write?.type !== 'persist') throw new Error('nothing was written');
  const error = new Error('ENOSPC: no space left on device');
  core.step({ nowMs: 5_001 }, { type: 'persisted', write: write.write, error });
  expect(whyLeaseEnded(core, core.term)).toContain('ENOSPC');
});

test('a lease that ended with an election names its term, and else the majority is missing', () => {
  const core = alone();
  expect(whyLeaseEnded(core, core.term)).toBe('no majority has answered in time');
  expect(whyLeaseEnded(core, core.term - 1)).toBe(`another election has begun (term ${core.term})`);
});
