import type { Office, RaftParts } from './raft-parts.ts';
import { confirmRounds, leaseUntilMs } from './lease.ts';
import { beat } from './replicate.ts';

/** Waits for a round that begins after the question, unless the lease answers before. */
export function onRead({ office, outbox }: RaftParts, read: number): void {
  if (!office || office.handOver) return outbox.push({ type: 'readable', read, outcome: 'not-leader' });
  office.reads.push({ read, round: office.rounds.current + 1 });
}

/** Everything that is committed is applied by now; with the first entry of the term that is all that was ever committed. */
export function answerReads(core: RaftParts, office: Office): void {
  if (office.reads.length === 0 || core.applied < office.beganAt) return;
  const { rounds } = office;
  // One round for all that ask while the one before is under way.
  if (leaseUntilMs(core) === undefined && rounds.confirmed === rounds.current) {
    beat(core, office);
    confirmRounds(core, office);
  }
  const hasLease = leaseUntilMs(core) !== undefined;
  const isReadable = ({ round }: { readonly round: number }) => hasLease || round <= rounds.confirmed;
  for (const question of office.reads.filter(isReadable)) {
    core.outbox.push({ type: 'readable', read: question.read, outcome: 'readable' });
  }
  office.reads = office.reads.filter((question) => !isReadable(question));
}
