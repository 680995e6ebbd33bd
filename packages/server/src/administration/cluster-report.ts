import { Type, type Static } from 'typebox';

const problem = Type.Object({ code: Type.String(), message: Type.String(), mend: Type.String() });

const leader = Type.Object({
  id: Type.String(),
  address: Type.String(),
  /** Grows from one leader to the next, and from one term of office to the next of the same one. */
  epoch: Type.Integer(),
  /** When the instance that answers learned of it. */
  since: Type.Number(),
  /** Of the leader that answers itself: how long its lease is good without another heartbeat; absent where it can't end. */
  leaseMs: Type.Optional(Type.Number()),
});

const member = Type.Object({
  id: Type.String(),
  address: Type.String(),
  /** `alive`, `suspect`, `dead`, `left`. */
  state: Type.String(),
  /** `voter`, `learner`, `outside`. */
  role: Type.String(),
  isLeader: Type.Boolean(),
  isSelf: Type.Boolean(),
  /** What it tells of itself; `version` among it. */
  meta: Type.Record(Type.String(), Type.Unknown()),
  since: Type.Number(),
  /** As the leader knows it: the last entry of the log that it has on disk. */
  matched: Type.Optional(Type.Number()),
});

const failover = Type.Object({
  from: Type.Optional(Type.String()),
  to: Type.String(),
  epoch: Type.Integer(),
  at: Type.Number(),
  /** From the last sign of the former leader to the new one's lease. */
  tookMs: Type.Optional(Type.Number()),
  /** From the lease to SUBSCRIBED. */
  subscribedAfterMs: Type.Optional(Type.Number()),
});

const framework = Type.Object({
  name: Type.String(),
  /** Absent until it has one. */
  id: Type.Optional(Type.String()),
  /** Of the leader, as it has last said. */
  subscribed: Type.Boolean(),
  master: Type.Optional(
    Type.Object({ id: Type.Optional(Type.String()), version: Type.Optional(Type.String()) }),
  ),
  /** As configured; a platform says it. */
  masters: Type.Optional(Type.String()),
  /** How many there are of each standing: `waiting`, `launched`, `running`, … */
  tasks: Type.Record(Type.String(), Type.Integer()),
  problems: Type.Array(problem),
  lastFailover: Type.Optional(failover),
});

/**
 * What `GET /cluster` answers, of a platform as of every program with instances of `@vibrissa/mesos-ha`: who leads. Times
 * are epoch milliseconds. Of what others say more, nothing is refused.
 */
export const clusterReportSchema = Type.Object({
  name: Type.String(),
  /** Absent before it was founded, and of a platform, which is alone. */
  clusterId: Type.Optional(Type.String()),
  standing: Type.Union([
    Type.Literal('founding'),
    Type.Literal('joining'),
    Type.Literal('leading'),
    Type.Literal('following'),
    Type.Literal('leaderless'),
    Type.Literal('closed'),
  ]),
  /** The gravest first. */
  problems: Type.Array(problem),
  self: Type.Object({ id: Type.String(), address: Type.String(), version: Type.Optional(Type.String()) }),
  /** How many there are to be; 0 where that is not known yet. */
  instances: Type.Integer(),
  leader: Type.Optional(leader),
  members: Type.Array(member),
  log: Type.Object({
    first: Type.Number(),
    last: Type.Number(),
    committed: Type.Number(),
    applied: Type.Number(),
    term: Type.Number(),
  }),
  /** Of leaders; the newest last. */
  changes: Type.Array(
    Type.Object({
      epoch: Type.Integer(),
      leader: Type.String(),
      former: Type.Optional(Type.String()),
      at: Type.Number(),
      tookMs: Type.Optional(Type.Number()),
    }),
  ),
  refusedPackets: Type.Number(),
  /** Absent where it is no framework of Mesos. */
  framework: Type.Optional(framework),
});

export type ClusterReport = Static<typeof clusterReportSchema>;
