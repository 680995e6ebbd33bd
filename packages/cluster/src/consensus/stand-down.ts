import type { RaftParts } from './raft-parts.ts';

/** Follows `leader`, or nobody yet, in a term that is at least the present one. Whatever this instance was before ends. */
export function follow(core: RaftParts, to: { readonly term: number; readonly leader?: string }): void {
  endOffice(core);
  core.campaign = undefined;
  core.owed = undefined;
  if (to.term > core.term) {
    core.term = to.term;
    core.votedFor = undefined;
    core.outbox.storeHardState({ term: to.term });
  }
  core.leader = to.leader;
}

/** Takes no part any more: what was promised may not be on disk, or what is there may not be what was promised. */
export function fail(core: RaftParts, why: string): void {
  follow(core, { term: core.term });
  core.failure = why;
  core.outbox.shut();
  core.outbox.push({ type: 'failed', why });
}

function endOffice(core: RaftParts): void {
  const { office, outbox, term } = core;
  if (!office) return;
  core.office = undefined;
  if (office.toldLeaseMs !== undefined) {
    outbox.push({ type: 'lease', epoch: term, validUntilMs: undefined });
  }
  for (const proposal of office.proposals.values()) {
    outbox.push({ type: 'proposed', proposal, outcome: { kind: 'unknown' } });
  }
  for (const { read } of office.reads) outbox.push({ type: 'readable', read, outcome: 'not-leader' });
}
