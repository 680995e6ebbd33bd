import type { WallMoment } from '../base/moment.ts';
import type { RaftStatus } from '../consensus/raft-core.ts';
import type { Foundation } from '../founding/foundation.ts';
import { addressText, type Address, type Member, type MemberMeta } from '../membership/member.ts';
import type { ClusterStanding, ClusterView, LeaderView, LogView, MemberView } from './cluster-view.ts';
import type { Leadership } from './leadership.ts';
import type { Problems } from './problems.ts';

export interface ViewParts {
  readonly name: string;
  readonly self: { readonly id: string; readonly address: Address; readonly meta: MemberMeta };
  readonly moment: WallMoment;
  readonly instances: number;
  readonly foundation: Foundation | undefined;
  readonly raft: RaftStatus | undefined;
  readonly applied: number;
  readonly members: readonly Member[];
  readonly memberSince: ReadonlyMap<string, number>;
  readonly leadership: Leadership;
  readonly problems: Problems;
  readonly addressOf: (id: string) => Address | undefined;
}

export function renderView(parts: ViewParts): ClusterView {
  const { foundation, instances, leadership, name, problems, self } = parts;
  const { version } = self.meta;
  const leader = leaderView(parts);
  return {
    name,
    ...(foundation && { clusterId: foundation.clusterId }),
    standing: standingOf(parts),
    problems: problems.list(),
    self: {
      id: self.id,
      address: addressText(self.address),
      ...(typeof version === 'string' && { version }),
    },
    instances,
    ...(leader && { leader }),
    members: parts.members.map((member) => memberView(parts, member)),
    log: logView(parts),
    changes: [...leadership.changes],
    refusedPackets: problems.refusedPackets,
  };
}

function standingOf({ leadership, raft, self }: ViewParts): ClusterStanding {
  if (!raft) return 'founding';
  const { leader } = leadership;
  if (leader) return leader.id === self.id ? 'leading' : 'following';
  const { learners, voters } = raft.configuration;
  return [...voters, ...learners].some(({ id }) => id === self.id) ? 'leaderless' : 'joining';
}

function leaderView({ addressOf, leadership, moment }: ViewParts): LeaderView | undefined {
  const { leader, lease } = leadership;
  if (!leader) return undefined;
  const address = addressOf(leader.id);
  return {
    ...leader,
    address: address ? addressText(address) : '',
    ...(lease && { leaseMs: Math.max(0, Math.round(lease.validUntilMs - moment.nowMs)) }),
  };
}

function memberView({ leadership, memberSince, moment, raft, self }: ViewParts, member: Member): MemberView {
  const { address, id, meta, state } = member;
  const { learners, voters } = raft?.configuration ?? { voters: [], learners: [] };
  const isIn = (list: typeof voters) => list.some((each) => each.id === id);
  const matched = raft?.role === 'leader' ? raft.matched.get(id) : undefined;
  return {
    id,
    address: addressText(address),
    state,
    role: isIn(voters) ? 'voter' : isIn(learners) ? 'learner' : 'outside',
    isLeader: leadership.leader?.id === id,
    isSelf: self.id === id,
    meta,
    since: memberSince.get(id) ?? moment.epochMs,
    ...(matched !== undefined && { matched }),
  };
}

function logView({ applied, raft }: ViewParts): LogView {
  if (!raft) return { first: 0, last: 0, committed: 0, applied: 0, term: 0 };
  const { committed, first, last, term } = raft;
  return { first, last, committed, applied, term };
}
