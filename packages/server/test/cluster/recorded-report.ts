import type { ClusterReport } from '../../src/administration/cluster-report.ts';

/** When the reports were recorded. */
export const NOW = 1_700_000_000_000;
const MINUTE = 60_000;

const ids = {
  a: '0a1b2c3d4e5f60718293a4b5c6d7e8f9',
  b: 'b17e0c44d2a98f3e5566778899aabbcc',
  c: 'c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e',
} as const;

export type Name = keyof typeof ids;

const addresses = { a: '10.0.0.1:7946', b: '10.0.0.2:7946', c: '10.0.0.3:7946' } as const;

export function memberOf(
  name: Name,
  rest: Partial<ClusterReport['members'][number]> = {},
): ClusterReport['members'][number] {
  return {
    id: ids[name],
    address: addresses[name],
    state: 'alive',
    role: 'voter',
    isLeader: false,
    isSelf: false,
    meta: { version: '2.4.0' },
    since: NOW - 90 * MINUTE,
    ...rest,
  };
}

/** The answer of the leader of a framework of three instances, after one of them has died. */
export const leading: ClusterReport = {
  name: 'sleepers',
  clusterId: '5c0ffee5c0ffee5c0ffee5c0ffee5c0f',
  standing: 'leading',
  problems: [],
  self: { id: ids.b, address: addresses.b, version: '2.4.0' },
  instances: 3,
  leader: { id: ids.b, address: addresses.b, epoch: 7, since: NOW - 12 * MINUTE, leaseMs: 1312 },
  members: [
    memberOf('a', { state: 'dead', since: NOW - 12 * MINUTE, matched: 1180 }),
    memberOf('b', { isLeader: true, isSelf: true, matched: 1204 }),
    memberOf('c', { role: 'learner', meta: {}, since: NOW - 40_000, matched: 1204 }),
  ],
  log: { first: 1001, last: 1204, committed: 1204, applied: 1204, term: 7 },
  changes: [
    { epoch: 3, leader: ids.c, at: NOW - 90 * MINUTE },
    { epoch: 6, leader: ids.a, former: ids.c, at: NOW - 80 * MINUTE, tookMs: 140 },
    { epoch: 7, leader: ids.b, former: ids.a, at: NOW - 12 * MINUTE, tookMs: 3120 },
  ],
  refusedPackets: 0,
  framework: {
    name: 'sleepers',
    id: 'sleepers-6f3a91',
    subscribed: true,
    master: { id: '8d7c-master', version: '1.11.0' },
    tasks: { waiting: 1, launched: 0, running: 3, unreachable: 0, deleting: 0, stray: 0 },
    problems: [],
    lastFailover: {
      from: ids.a,
      to: ids.b,
      epoch: 7,
      at: NOW - 12 * MINUTE,
      tookMs: 3120,
      subscribedAfterMs: 410,
    },
  },
};

/** The same with nobody who leads. */
export function without(
  standing: ClusterReport['standing'],
  members: ClusterReport['members'],
): ClusterReport {
  const { leader: _, ...rest } = leading;
  return { ...rest, standing, members };
}
