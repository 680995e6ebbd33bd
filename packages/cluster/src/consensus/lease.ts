import { reachedByMajority } from './quorum.ts';
import type { Office, RaftParts } from './raft-parts.ts';

/**
 * Until when no other can lead: nobody of the majority that has answered a round elects another within the shortest
 * election time after it, which is later than this even if clocks drift.
 *
 * A change of voters needs no second majority: it changes one voter, so that each majority before shares a voter with
 * each one after it. And when the next change may begin, this one is committed, by a majority of its own that has heard
 * of the leader later than those whose answers the lease stands on. Changes begin only when an entry of the term is
 * committed, so that no voter of another configuration, left by a former leader, can be elected meanwhile.
 */
export function leaseUntilMs(core: RaftParts): number | undefined {
  const { office, moment, options } = core;
  if (!office || office.handOver || core.applied < office.beganAt || office.rounds.confirmed === 0) {
    return undefined;
  }
  const untilMs = office.rounds.confirmedMs + options.leaseMs;
  return moment.nowMs < untilMs ? untilMs : undefined;
}

/** The newest round that a majority of the voters has answered; the leader itself answers at once. */
export function confirmRounds({ log, self }: RaftParts, { rounds, peers }: Office): void {
  const answered = log.configuration.voters.map(({ id }) =>
    id === self ? rounds.current : (peers.get(id)?.answeredRound ?? 0),
  );
  rounds.confirm(reachedByMajority(answered));
}

/** Tells of the lease when it begins, is renewed by so much that it matters, and ends. */
export function tellLease(core: RaftParts, office: Office): void {
  const untilMs = leaseUntilMs(core);
  const told = office.toldLeaseMs;
  const isNews =
    untilMs === undefined || told === undefined
      ? untilMs !== told
      : untilMs - told >= core.options.heartbeatMs / 4 || told <= core.moment.nowMs;
  if (!isNews) return;
  office.toldLeaseMs = untilMs;
  core.outbox.push({ type: 'lease', epoch: core.term, validUntilMs: untilMs });
}
