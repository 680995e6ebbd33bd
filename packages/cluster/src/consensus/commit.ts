import { reachedByMajority } from './quorum.ts';
import type { Office, RaftParts } from './raft-parts.ts';

/**
 * What a majority has on disk is committed; the leader counts itself as all others do, and only if it votes. Entries of
 * former terms are never counted: they are committed with the first one of this term.
 */
export function commit(core: RaftParts, { peers }: Office): void {
  const { log, outbox, self } = core;
  const matched = log.configuration.voters.map(({ id }) =>
    id === self ? outbox.stable : (peers.get(id)?.match ?? 0),
  );
  const index = reachedByMajority(matched);
  if (index > core.committed && log.termAt(index) === core.term) core.committed = index;
}

/** Hands what is committed to the state machine, in order, and settles who has proposed it. */
export function applyCommitted(core: RaftParts): void {
  const { log, outbox } = core;
  while (core.applied < core.committed) {
    const entry = log.entry(core.applied + 1);
    if (!entry) return;
    core.applied = entry.index;
    outbox.push({ type: 'apply', entry });
    settle(core, entry.index);
  }
}

function settle({ office, outbox }: RaftParts, index: number): void {
  const proposal = office?.proposals.get(index);
  if (proposal === undefined) return;
  office?.proposals.delete(index);
  outbox.push({ type: 'proposed', proposal, outcome: { kind: 'committed', index } });
}
