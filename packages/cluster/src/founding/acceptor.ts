import type { FoundingPromise } from '../storage/consensus-storage.ts';
import { ballotNumber, isWithinReach } from './ballot.ts';
import type { FoundingMessage } from './founding-messages.ts';

type Question = Extract<FoundingMessage, { readonly kind: 'prepare' | 'accept' }>;

/** `persist`: the answer may go out when this is on disk. */
export interface Verdict {
  readonly answer: FoundingMessage;
  readonly persist: FoundingPromise | undefined;
}

/**
 * What one who decides with others may answer, given what it has promised and accepted before. It never promises less than
 * it has, and says what it has accepted to whoever prepares after that. What is no ballot, or
 * one that nobody can have come to, gets no answer.
 */
export function judge(promise: FoundingPromise | undefined, question: Question): Verdict | undefined {
  const { ballot } = question;
  if (ballotNumber(ballot) === 0 || !isWithinReach(ballot, ballotNumber(promise?.ballot ?? '')))
    return undefined;
  if (promise && ballot < promise.ballot)
    return { answer: { kind: 'refused', ballot, promised: promise.ballot }, persist: undefined };
  const accepted = promise?.accepted;
  switch (question.kind) {
    case 'prepare': {
      const answer = { kind: 'promised', ballot, ...(accepted && { accepted }) } as const;
      const isNew = ballot !== promise?.ballot;
      return { answer, persist: isNew ? { ballot, ...(accepted && { accepted }) } : undefined };
    }
    case 'accept': {
      const { foundation } = question;
      const isNew = ballot !== accepted?.ballot;
      return {
        answer: { kind: 'accepted', ballot },
        persist: isNew ? { ballot, accepted: { ballot, foundation } } : undefined,
      };
    }
  }
}
