import type { Configuration, LogEntry, LogPosition, RaftMessage, Snapshot } from './raft-messages.ts';

/** Elections raise the term by one. Whoever takes on one near 2⁵³ is elected never again, and neither is anybody else. */
const MOST_TERMS_AT_ONCE = 2 ** 32;

/** Could a participant that keeps the rules have said this to one of `ownTerm`? Of the right types it is already. */
export function isWellFormed(message: RaftMessage, ownTerm: number): boolean {
  if (!isCount(message.term) || message.term - ownTerm > MOST_TERMS_AT_ONCE) return false;
  switch (message.kind) {
    case 'vote-request':
      return isPosition(message.last) && message.last.term <= message.term;
    case 'vote':
    case 'take-over':
      return true;
    case 'append':
      return isCount(message.round) && isCount(message.committed) && isChain(message);
    case 'appended':
      return isCount(message.round) && isCount(message.match);
    case 'snapshot':
      return isCount(message.round) && isSnapshot(message.snapshot, message.term);
  }
}

/** Each entry follows the one before; terms never fall, nor exceed the leader's. */
function isChain({ previous, entries, term }: Extract<RaftMessage, { readonly kind: 'append' }>): boolean {
  if (!isPosition(previous)) return false;
  let before = previous;
  for (const entry of entries) {
    if (!isPosition(entry) || entry.index !== before.index + 1 || entry.term < before.term) return false;
    if (!isEntry(entry)) return false;
    before = entry;
  }
  return before.term <= term;
}

function isEntry(entry: LogEntry): boolean {
  return entry.kind !== 'configuration' || isConfiguration(entry.configuration);
}

function isSnapshot(snapshot: Snapshot, term: number): boolean {
  return isPosition(snapshot) && snapshot.term <= term && isConfiguration(snapshot.configuration);
}

/** Somebody votes, and nobody twice. */
function isConfiguration({ voters, learners }: Configuration): boolean {
  const ids = [...voters, ...learners].map(({ id }) => id);
  return voters.length > 0 && new Set(ids).size === ids.length;
}

function isPosition({ index, term }: LogPosition): boolean {
  return isCount(index) && isCount(term);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
