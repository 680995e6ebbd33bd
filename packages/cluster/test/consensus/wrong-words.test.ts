import { seededRandom } from '@vibrissa/testkit';
import { describe, expect, test } from 'vitest';

import { RaftCore } from '../../src/consensus/raft-core.ts';
import type { RaftMessage } from '../../src/consensus/raft-messages.ts';

const voters = ['a', 'b', 'c'].map((id, nth) => ({ id, address: { host: '10.0.0.1', port: 7000 + nth } }));
const start = { index: 0, term: 0 };

function follower(): { core: RaftCore; hears: (message: RaftMessage) => void } {
  const core = new RaftCore({
    self: 'a',
    options: { heartbeatMs: 60, electionMinMs: 300, electionMaxMs: 550, leaseMs: 225 },
    random: { next: seededRandom(1) },
    foundation: { voters, epochFloor: 0 },
    stored: { hardState: { term: 0 }, entries: [] },
  });
  core.step({ nowMs: 0 }, { type: 'start' });
  return {
    core,
    hears: (message) => void core.step({ nowMs: 10 }, { type: 'received', from: 'b', message }),
  };
}

const wrong: RaftMessage[] = [2 ** 53 - 1, 2 ** 40].flatMap((term): RaftMessage[] => [
  { kind: 'append', term, previous: start, entries: [], committed: 0, round: 1 },
  { kind: 'appended', term, round: 1, match: 0, accepted: false },
  { kind: 'vote', term, pre: false, granted: false },
  { kind: 'vote-request', term, last: start, pre: false, handedOver: true },
  {
    kind: 'snapshot',
    term,
    round: 1,
    snapshot: { index: 2 ** 53 - 1, term, configuration: { voters, learners: [] }, state: 'garbage' },
  },
]);

describe('a buggy participant that speaks of a term near the end of all terms', () => {
  test.each(wrong.map((message) => [message.kind, message.term, message] as const))(
    'by %s (%i) is not heeded: who took it on could be elected no more',
    (_kind, _term, message) => {
      const { core, hears } = follower();
      hears(message);
      expect(core.status()).toMatchObject({ term: 0, last: 0 });
      hears({ kind: 'append', term: 7_000, previous: start, entries: [], committed: 0, round: 1 });
      expect(core.status()).toMatchObject({ term: 7_000, leader: 'b' });
    },
  );
});
