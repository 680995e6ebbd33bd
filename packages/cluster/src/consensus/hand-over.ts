import { isVoter } from './configuration.ts';
import type { Office, RaftParts } from './raft-parts.ts';
import { resetElectionTimer } from './raft-parts.ts';
import { follow } from './stand-down.ts';

/** The lease is gone with this step; the office when a successor is as far, or after the longest election time. */
export function onResign(core: RaftParts, to: string | undefined): void {
  const { office, moment, options } = core;
  if (!office || office.handOver) return;
  office.handOver = { to, untilMs: moment.nowMs + options.electionMaxMs };
}

/** Goes when there is a successor that is as far, or when it has waited long enough. */
export function handOver(core: RaftParts, office: Office): void {
  const { log, moment } = core;
  if (!office.handOver) return;
  const successor = mostAdvanced(core, office);
  const isReady = successor !== undefined && office.peers.get(successor)?.match === log.last.index;
  const isWorthWaiting = successor !== undefined && moment.nowMs < office.handOver.untilMs;
  if (!isReady && isWorthWaiting) return;
  if (successor !== undefined) core.outbox.send(successor, { kind: 'take-over', term: core.term });
  follow(core, { term: core.term });
  resetElectionTimer(core);
}

/** Of those that have answered lately: a dead one may have all entries, too. */
function mostAdvanced({ log, self, moment, options }: RaftParts, office: Office): string | undefined {
  const wanted = office.handOver?.to;
  if (wanted !== undefined && wanted !== self && isVoter(log.configuration, wanted)) return wanted;
  let best: string | undefined;
  let bestMatch = -1;
  for (const { id } of log.configuration.voters) {
    const peer = office.peers.get(id);
    if (!peer || moment.nowMs - peer.answeredMs >= options.electionMinMs || peer.match <= bestMatch) continue;
    best = id;
    bestMatch = peer.match;
  }
  return best;
}
