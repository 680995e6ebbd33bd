import type { RaftMessage, Snapshot } from './raft-messages.ts';
import { resetElectionTimer, type RaftParts } from './raft-parts.ts';
import { fail, follow } from './stand-down.ts';

type Append = Extract<RaftMessage, { readonly kind: 'append' }>;
type SnapshotMessage = Extract<RaftMessage, { readonly kind: 'snapshot' }>;

/** Entries of the leader, or none: its heartbeat. */
export function onAppend(core: RaftParts, from: string, message: Append): void {
  if (!heed(core, from, message)) return;
  const { previous, entries, round } = message;
  if (!isEqualAt(core, message)) {
    return answer(core, from, { round, match: whereEqual(core, previous.index), accepted: false });
  }
  const hadLast = core.log.last.index;
  const isNew = take(core, message);
  if (isNew === undefined) {
    return fail(
      core,
      `the leader ${from} of term ${message.term} denies what was committed, up to ${hadLast}`,
    );
  }
  const match = previous.index + entries.length;
  core.committed = Math.max(core.committed, Math.min(message.committed, match));
  if (isNew) core.owed = { match: Math.max(match, core.owed?.match ?? 0), round };
  else answer(core, from, { round, match: Math.min(match, core.outbox.stable), accepted: true });
}

/** The leader has no entries any more of what this instance lacks. */
export function onSnapshot(core: RaftParts, from: string, message: SnapshotMessage): void {
  if (!heed(core, from, message)) return;
  const { snapshot, round } = message;
  const { index } = snapshot;
  if (index > core.committed && core.log.termAt(index) !== snapshot.term) {
    install(core, snapshot);
    core.owed = { match: index, round };
    return;
  }
  core.committed = Math.max(core.committed, index);
  answer(core, from, { round, match: Math.min(index, core.outbox.stable), accepted: true });
}

/** What was promised to the leader is on disk now. */
export function answerOwed(core: RaftParts): void {
  const { owed, leader } = core;
  if (!owed || leader === undefined) return;
  const match = Math.min(owed.match, core.outbox.stable);
  if (match === owed.match) core.owed = undefined;
  answer(core, leader, { round: owed.round, match, accepted: true });
}

/** It is the leader of a term that is not over. A former one is told so. */
function heed(core: RaftParts, from: string, message: Append | SnapshotMessage): boolean {
  const { term, round } = message;
  if (term < core.term) {
    answer(core, from, { round, match: core.committed, accepted: false });
    return false;
  }
  // There is one leader in a term: this instance itself, or the one that it follows.
  if (term === core.term && core.leader !== undefined && core.leader !== from) return false;
  if (term > core.term || core.leader === undefined) follow(core, { term, leader: from });
  core.heardMs = core.moment.nowMs;
  resetElectionTimer(core);
  return true;
}

/** What is committed is equal in all logs, and need not be compared. */
function isEqualAt({ log, committed }: RaftParts, { previous }: Append): boolean {
  return previous.index <= committed || log.termAt(previous.index) === previous.term;
}

/** Before the whole term that is not the leader's: one question for each term, not for each entry. */
function whereEqual({ log, committed }: RaftParts, index: number): number {
  if (index > log.last.index) return log.last.index;
  return Math.max(committed, log.firstOfTerm(index) - 1);
}

/** Appends what is not there yet. True: there was something; undefined: it contradicts what is committed. */
function take({ log, outbox, committed }: RaftParts, { entries }: Append): boolean | undefined {
  let isNew = false;
  for (const entry of entries) {
    const term = log.termAt(entry.index);
    if (entry.index <= log.base.index || term === entry.term) continue;
    if (term !== undefined) {
      if (entry.index <= committed) return undefined;
      log.truncateAfter(entry.index - 1);
      outbox.storeTruncation(entry.index - 1);
    }
    log.append(entry);
    outbox.storeEntry(entry);
    isNew = true;
  }
  return isNew;
}

function install(core: RaftParts, snapshot: Snapshot): void {
  core.log.reset(snapshot);
  core.outbox.storeForeignSnapshot(snapshot, core.committed);
  core.outbox.push({ type: 'restore', snapshot });
  core.committed = snapshot.index;
  core.applied = snapshot.index;
}

function answer(
  core: RaftParts,
  to: string,
  said: { readonly round: number; readonly match: number; readonly accepted: boolean },
): void {
  core.outbox.send(to, { kind: 'appended', term: core.term, ...said });
}
