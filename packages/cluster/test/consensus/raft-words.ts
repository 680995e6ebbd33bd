import type {
  Configuration,
  LogEntry,
  LogPosition,
  RaftEffect,
  RaftMessage,
} from '../../src/consensus/raft-messages.ts';

/** A message, as a story tells it. Positions are index/term. */
export function messageWords(message: RaftMessage): string {
  switch (message.kind) {
    case 'vote-request': {
      const question = message.pre ? 'would you vote for me' : 'vote for me';
      const handed = message.handedOver ? ', by the leader itself' : '';
      return `${question} in term ${message.term}? my log ends at ${place(message.last)}${handed}`;
    }
    case 'vote': {
      const word = message.pre
        ? message.granted
          ? 'I would'
          : 'I would not'
        : message.granted
          ? 'yes'
          : 'no';
      return `${word}, term ${message.term}`;
    }
    case 'append': {
      const { term, previous, entries, committed, round } = message;
      const what = entries.length === 0 ? 'heartbeat' : `append ${entriesWords(entries)}`;
      return `${what} after ${place(previous)}, committed ${committed} (term ${term}, round ${round})`;
    }
    case 'appended': {
      const { accepted, match, term, round } = message;
      return `${accepted ? 'equal up to' : 'refused, perhaps equal at'} ${match} (term ${term}, round ${round})`;
    }
    case 'snapshot':
      return `snapshot of ${place(message.snapshot)} (term ${message.term}, round ${message.round})`;
    case 'take-over':
      return `take over (term ${message.term})`;
  }
}

/** Undefined for what a story does not tell: messages are told by their sender. */
export function effectWords(effect: RaftEffect): string | undefined {
  switch (effect.type) {
    case 'send':
      return undefined;
    case 'persist': {
      const { hardState, truncateAfter, append, snapshot } = effect;
      const vote = hardState?.votedFor === undefined ? '' : `, vote for ${hardState.votedFor}`;
      const parts = [
        hardState && `term ${hardState.term}${vote}`,
        truncateAfter !== undefined && `nothing after ${truncateAfter}`,
        append && entriesWords(append),
        snapshot && `snapshot of ${place(snapshot)}`,
      ];
      return `writes #${effect.write}: ${parts.filter((part) => typeof part === 'string').join('; ')}`;
    }
    case 'apply':
      return `applies ${entriesWords([effect.entry])}`;
    case 'restore':
      return `begins with the snapshot of ${place(effect.snapshot)}`;
    case 'proposed': {
      const { outcome } = effect;
      const details =
        outcome.kind === 'committed'
          ? ` at ${outcome.index}`
          : outcome.kind === 'refused'
            ? `: ${outcome.why}`
            : outcome.kind === 'not-leader' && outcome.leader !== undefined
              ? `, ${outcome.leader} is`
              : '';
      return `proposal ${effect.proposal}: ${outcome.kind}${details}`;
    }
    case 'readable':
      return `read ${effect.read}: ${effect.outcome}`;
    case 'role': {
      const whom = effect.leader === undefined || effect.role === 'leader' ? '' : ` of ${effect.leader}`;
      return `is ${effect.role}${whom} in term ${effect.term}`;
    }
    case 'lease': {
      const { epoch, validUntilMs } = effect;
      return validUntilMs === undefined
        ? `lease of epoch ${epoch} is over`
        : `lease of epoch ${epoch} until ${Math.round(validUntilMs)}`;
    }
    case 'configuration':
      return `configuration: ${configurationWords(effect.configuration)}`;
    case 'failed':
      return `takes no part any more: ${effect.why}`;
  }
}

export function entriesWords(entries: readonly LogEntry[]): string {
  return `[${entries.map(entryWords).join(' ')}]`;
}

function entryWords(entry: LogEntry): string {
  switch (entry.kind) {
    case 'command':
      return `${place(entry)}:${JSON.stringify(entry.command).replaceAll('"', '')}`;
    case 'configuration':
      return `${place(entry)}:{${configurationWords(entry.configuration)}}`;
    case 'term-begins':
      return place(entry);
  }
}

function configurationWords({ voters, learners }: Configuration): string {
  const ids = (participants: Configuration['voters']) => participants.map(({ id }) => id).join('');
  return ids(voters) + (learners.length > 0 ? ` and ${ids(learners)}` : '');
}

function place({ index, term }: LogPosition): string {
  return `${index}/${term}`;
}
