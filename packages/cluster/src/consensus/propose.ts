import type { Json } from '../membership/member.ts';
import { changeConfiguration, isVoter } from './configuration.ts';
import { appendEntry } from './lead.ts';
import type { ConfigurationChange, ProposalOutcome } from './raft-messages.ts';
import type { RaftParts } from './raft-parts.ts';

export function onPropose(core: RaftParts, proposal: number, command: Json): void {
  const { office } = core;
  if (!office || office.handOver) return refuse(core, proposal, notLeader(core));
  office.proposals.set(appendEntry(core, { kind: 'command', command }), proposal);
}

/** One at a time, and only when this term has committed an entry: else two changes could be under way, of two leaders. */
export function onChange(core: RaftParts, proposal: number, change: ConfigurationChange): void {
  const { office, log } = core;
  if (!office || office.handOver) return refuse(core, proposal, notLeader(core));
  if (core.applied < office.beganAt) {
    return refuse(core, proposal, { kind: 'refused', why: 'the term has only begun' });
  }
  if (log.configurationIndex > core.committed) {
    return refuse(core, proposal, { kind: 'refused', why: 'another change is under way' });
  }
  const configuration = changeConfiguration(log.configuration, change);
  if ('refused' in configuration) {
    return refuse(core, proposal, { kind: 'refused', why: configuration.refused });
  }
  // It has the entry before all others: as one that does not vote it could not bring it to an end after a crash.
  if (!isVoter(configuration, core.self)) {
    return refuse(core, proposal, { kind: 'refused', why: `${core.self} leads: it must resign first` });
  }
  office.proposals.set(appendEntry(core, { kind: 'configuration', configuration }), proposal);
}

/** The state machine as of an index that was applied: what is before it need not be kept. */
export function onCompact({ log, outbox, applied }: RaftParts, index: number, state: Json): void {
  const snapshot = index <= applied ? log.compact(index, state) : undefined;
  if (snapshot) outbox.storeSnapshot(snapshot);
}

function notLeader({ leader, self }: RaftParts): ProposalOutcome {
  return leader === undefined || leader === self ? { kind: 'not-leader' } : { kind: 'not-leader', leader };
}

function refuse({ outbox }: RaftParts, proposal: number, outcome: ProposalOutcome): void {
  outbox.push({ type: 'proposed', proposal, outcome });
}
