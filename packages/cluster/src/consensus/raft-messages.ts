import type { Address, Json } from '../membership/member.ts';

/** One that takes part in the log. Voters decide; learners only follow it. */
export interface Participant {
  readonly id: string;
  readonly address: Address;
}

/** Who takes part. It is itself an entry of the log, and holds from the moment at which that is appended. */
export interface Configuration {
  readonly voters: readonly Participant[];
  readonly learners: readonly Participant[];
}

export interface LogPosition {
  readonly index: number;
  readonly term: number;
}

export type LogEntry = LogPosition &
  (
    | { readonly kind: 'command'; readonly command: Json }
    | { readonly kind: 'configuration'; readonly configuration: Configuration }
    /** The first of each term: what came before it is committed with it. */
    | { readonly kind: 'term-begins' }
  );

export interface Snapshot extends LogPosition {
  readonly configuration: Configuration;
  /** The state machine as of `index`. */
  readonly state: Json;
}

/** What must be on disk before anybody hears of it. */
export interface HardState {
  readonly term: number;
  readonly votedFor?: string;
}

/** Between participants; the transport says from whom. */
export type RaftMessage =
  | {
      readonly kind: 'vote-request';
      readonly term: number;
      readonly last: LogPosition;
      /** Nothing is at stake: would you vote for me? */
      readonly pre: boolean;
      /** The leader itself has asked for this election: its lease is given up. */
      readonly handedOver: boolean;
    }
  | { readonly kind: 'vote'; readonly term: number; readonly pre: boolean; readonly granted: boolean }
  | {
      readonly kind: 'append';
      readonly term: number;
      readonly previous: LogPosition;
      readonly entries: readonly LogEntry[];
      readonly committed: number;
      /** Of the leader's round of heartbeats: an answer to it renews the lease as of the moment when it was sent. */
      readonly round: number;
    }
  | {
      readonly kind: 'appended';
      readonly term: number;
      readonly round: number;
      /** The last index that is on disk and equal to the leader's; of a refusal where it could be equal. */
      readonly match: number;
      readonly accepted: boolean;
    }
  | {
      readonly kind: 'snapshot';
      readonly term: number;
      readonly round: number;
      readonly snapshot: Snapshot;
    }
  /** Stand for election at once: the leader resigns in your favour. */
  | { readonly kind: 'take-over'; readonly term: number };

/** One step of changing who takes part; the next one waits until this is committed. */
export type ConfigurationChange =
  | { readonly kind: 'add-learner'; readonly participant: Participant }
  | { readonly kind: 'promote'; readonly id: string }
  | { readonly kind: 'demote'; readonly id: string }
  | { readonly kind: 'remove'; readonly id: string }
  /** The same participant is reached elsewhere. */
  | { readonly kind: 'move'; readonly participant: Participant };

export type RaftInput =
  /** Once, before all others. */
  | { readonly type: 'start' }
  | { readonly type: 'received'; readonly from: string; readonly message: RaftMessage }
  | { readonly type: 'propose'; readonly proposal: number; readonly command: Json }
  | { readonly type: 'change'; readonly proposal: number; readonly change: ConfigurationChange }
  /** Answered by `readable` when this instance was still the leader after the question. */
  | { readonly type: 'read'; readonly read: number }
  /** Gives up the lease at once, then hands over to `to`, or to the one that is furthest. */
  | { readonly type: 'resign'; readonly to?: string }
  /** The state machine as of `index`, which was applied: the log before it can go. */
  | { readonly type: 'compact'; readonly index: number; readonly state: Json }
  | { readonly type: 'persisted'; readonly write: number; readonly error?: Error }
  | { readonly type: 'tick' };

export type ProposalOutcome =
  | { readonly kind: 'committed'; readonly index: number }
  /** Nothing was appended. */
  | { readonly kind: 'not-leader'; readonly leader?: string }
  /** Another change of participants is under way, or this one makes no sense now. */
  | { readonly kind: 'refused'; readonly why: string }
  /** It may yet be committed by a later leader, or never. */
  | { readonly kind: 'unknown' };

export type RaftEffect =
  | { readonly type: 'send'; readonly to: string; readonly message: RaftMessage }
  /** Atomic, in order; answered by `persisted`. `truncateAfter` removes the entries behind that index first. */
  | {
      readonly type: 'persist';
      readonly write: number;
      readonly hardState?: HardState;
      readonly truncateAfter?: number;
      readonly append?: readonly LogEntry[];
      readonly snapshot?: Snapshot;
    }
  /** Committed, in order, each once in a life of this instance (again after a restart, from the last snapshot on). */
  | { readonly type: 'apply'; readonly entry: LogEntry }
  /** Forget the state machine and begin with this. */
  | { readonly type: 'restore'; readonly snapshot: Snapshot }
  | { readonly type: 'proposed'; readonly proposal: number; readonly outcome: ProposalOutcome }
  | { readonly type: 'readable'; readonly read: number; readonly outcome: 'readable' | 'not-leader' }
  | {
      readonly type: 'role';
      readonly role: RaftRole;
      readonly term: number;
      readonly leader?: string;
    }
  /** Monotonic time of this machine until which no other can lead; undefined when there is none any more. */
  | { readonly type: 'lease'; readonly epoch: number; readonly validUntilMs: number | undefined }
  | { readonly type: 'configuration'; readonly configuration: Configuration }
  /** It takes no part any more: no vote, no answer, until it is started anew. A disk has failed, or worse; `why` is for people. */
  | { readonly type: 'failed'; readonly why: string };

/** `leader` without a lease does not lead yet: its first entry is not committed. */
export type RaftRole = 'follower' | 'candidate' | 'leader' | 'learner';
