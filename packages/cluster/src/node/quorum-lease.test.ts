import { describe } from 'vitest';

import { leaderLeaseContract } from '../lease/lease.contract.ts';
import { QuorumLease } from './quorum-lease.ts';

const LEASE_MS = 1_500;

describe('the lease that a majority grants', () => {
  leaderLeaseContract(() => {
    let nowMs = 0;
    let epoch = 1;
    const lease = new QuorumLease(() => (epoch += 1));
    return Promise.resolve({
      lease,
      nowMs: () => nowMs,
      letAcquire: () => {
        nowMs += 1;
        lease.renew({ epoch, validUntilMs: nowMs + LEASE_MS }, '');
        return Promise.resolve();
      },
    });
  });
});
