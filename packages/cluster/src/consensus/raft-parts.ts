import type { Moment } from '../base/moment.ts';
import type { RandomSource } from '../base/random.ts';
import { isVoter } from './configuration.ts';
import { RaftLog } from './log.ts';
import type { Progress } from './progress.ts';
import { RaftOutbox } from './raft-outbox.ts';
import type { Configuration, RaftRole } from './raft-messages.ts';
import type { RaftOptions, RaftSetup } from './raft-setup.ts';
import type { Rounds } from './rounds.ts';

/** Standing for election. */
export interface Campaign {
  /** Nothing is at stake yet. */
  readonly isPre: boolean;
  readonly isHandedOver: boolean;
  readonly granted: Set<string>;
  readonly refused: Set<string>;
  /** Who has not answered is asked again. */
  askAgainMs: number;
}

/** One term of office. */
export interface Office {
  readonly rounds: Rounds;
  readonly peers: Map<string, Progress>;
  /** The index of this term's first entry: once it is applied, everything before it is. */
  readonly beganAt: number;
  /** By index, in its order. */
  readonly proposals: Map<number, number>;
  /** `round`: of which a majority must have answered this one, or a later one. */
  reads: { readonly read: number; readonly round: number }[];
  nextHeartbeatMs: number;
  /** The last `validUntilMs` that was told. */
  toldLeaseMs: number | undefined;
  /** It has resigned, and waits for a successor to be as far. */
  handOver: { readonly to: string | undefined; readonly untilMs: number } | undefined;
}

/** What was told last, so that each change is told once. */
interface Told {
  readonly role: RaftRole;
  readonly term: number;
  readonly leader: string | undefined;
}

/** What the handlers of the core's inputs share. */
export interface RaftParts {
  readonly self: string;
  readonly options: RaftOptions;
  readonly random: RandomSource;
  readonly log: RaftLog;
  readonly outbox: RaftOutbox;
  /** Nothing was ever promised to anybody in this cluster: there is nothing to be remembered after a start. */
  readonly isPristine: boolean;
  moment: Moment;
  isStarted: boolean;
  /** Why it takes no part any more. */
  failure: string | undefined;
  term: number;
  votedFor: string | undefined;
  /** Of this term. */
  leader: string | undefined;
  /** When the leader was heard last: no other is elected for a while after that. */
  heardMs: number;
  electionAtMs: number;
  campaign: Campaign | undefined;
  office: Office | undefined;
  committed: number;
  applied: number;
  /** An answer to the leader that waits for the disk. */
  owed: { readonly match: number; readonly round: number } | undefined;
  told: Told | undefined;
  toldConfiguration: Configuration | undefined;
}

export function raftParts({ self, options, random, foundation, stored }: RaftSetup): RaftParts {
  const { epochFloor, voters } = foundation;
  const { hardState, snapshot, entries } = stored;
  const log = new RaftLog({
    base: { index: 0, term: epochFloor },
    configuration: { voters, learners: [] },
    snapshot,
    entries: entries.filter(({ index }) => index > (snapshot?.index ?? 0)),
  });
  const term = Math.max(hardState.term, epochFloor, log.last.term);
  return {
    self,
    options,
    random,
    log,
    outbox: new RaftOutbox({ stable: log.last.index, term }),
    isPristine: term === epochFloor && log.last.index === 0,
    moment: { nowMs: 0 },
    isStarted: false,
    failure: undefined,
    term,
    votedFor: hardState.term === term ? hardState.votedFor : undefined,
    leader: undefined,
    heardMs: -Infinity,
    electionAtMs: Infinity,
    campaign: undefined,
    office: undefined,
    committed: log.base.index,
    applied: log.base.index,
    owed: undefined,
    told: undefined,
    toldConfiguration: undefined,
  };
}

export function roleOf(core: RaftParts): RaftRole {
  if (core.office) return 'leader';
  if (core.campaign) return 'candidate';
  return isVoter(core.log.configuration, core.self) ? 'follower' : 'learner';
}

/** A random time from now on, so that not all stand for election at once. */
export function resetElectionTimer(core: RaftParts): void {
  const { electionMinMs, electionMaxMs } = core.options;
  core.electionAtMs =
    core.moment.nowMs + electionMinMs + core.random.next() * (electionMaxMs - electionMinMs);
}
