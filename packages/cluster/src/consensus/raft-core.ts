import type { Moment } from '../base/moment.ts';
import { applyCommitted, commit } from './commit.ts';
import { isVoter } from './configuration.ts';
import { askAgain, countOwnVote, onElectionTime, onTakeOver, onVote } from './elect.ts';
import { answerOwed, onAppend, onSnapshot } from './follow.ts';
import { handOver, onResign } from './hand-over.ts';
import { confirmRounds, leaseUntilMs, tellLease } from './lease.ts';
import { onChange, onCompact, onPropose } from './propose.ts';
import { raftParts, resetElectionTimer, roleOf, type RaftParts } from './raft-parts.ts';
import type { Configuration, RaftEffect, RaftInput, RaftMessage, RaftRole } from './raft-messages.ts';
import type { RaftSetup } from './raft-setup.ts';
import { answerReads, onRead } from './reads.ts';
import { beat, onAppended, replicate } from './replicate.ts';
import { fail, follow } from './stand-down.ts';
import { onVoteRequest } from './vote.ts';
import { isWellFormed } from './well-formed.ts';

/** How things stand now; indices are those of the log. */
export interface RaftStatus {
  readonly role: RaftRole;
  readonly term: number;
  readonly leader?: string;
  /** The oldest entry that is kept, and the newest. */
  readonly first: number;
  readonly last: number;
  readonly committed: number;
  readonly applied: number;
  readonly configuration: Configuration;
  /** On the leader: what each participant has on disk. */
  readonly matched: ReadonlyMap<string, number>;
  /** On the leader: the others that have answered within two heartbeats. */
  readonly answering: ReadonlySet<string>;
  readonly lease?: { readonly epoch: number; readonly validUntilMs: number };
}

/**
 * Consensus after Raft, without any I/O: it is given what has happened and answers what is to be done. Deterministic for
 * the same inputs and random source.
 *
 *     const core = new RaftCore({ self, options, random, foundation, stored });
 *     for (const effect of core.step({ nowMs }, { type: 'start' })) execute(effect);
 *     …                          // `persisted` answers each `persist`; `tick` at core.nextDeadlineMs
 *
 * Terms are the epochs of the lease. Elections begin with the question whether they would succeed (pre-vote), and a
 * leader that no majority answers stands down.
 */
export class RaftCore {
  readonly #core: RaftParts;

  constructor(setup: RaftSetup) {
    this.#core = raftParts(setup);
  }

  /** When a `tick` has something to do, in the time of `nowMs`; a time past means at once. */
  get nextDeadlineMs(): number | undefined {
    const core = this.#core;
    const { office, campaign, log, options, self } = core;
    if (!core.isStarted || core.failure !== undefined) return undefined;
    if (!office) {
      if (!isVoter(log.configuration, self)) return undefined;
      return Math.min(core.electionAtMs, campaign?.askAgainMs ?? Infinity);
    }
    return Math.min(
      office.nextHeartbeatMs,
      office.rounds.confirmedMs + options.electionMinMs,
      office.toldLeaseMs ?? Infinity,
      office.handOver?.untilMs ?? Infinity,
    );
  }

  /** Takes an input and returns what is to be done, in order. Never throws for anything that others say. */
  step(moment: Moment, input: RaftInput): readonly RaftEffect[] {
    const core = this.#core;
    core.moment = moment;
    keepTime(core);
    if (core.isStarted && core.failure === undefined) take(core, input);
    else takeIdle(core, input);
    endStep(core);
    return core.outbox.drain(core.log.last.index);
  }

  get role(): RaftRole {
    return roleOf(this.#core);
  }

  get term(): number {
    return this.#core.term;
  }

  /** Why it takes no part any more; undefined: it does. */
  get failure(): string | undefined {
    return this.#core.failure;
  }

  get configuration(): Configuration {
    return this.#core.log.configuration;
  }

  /** All of it at once; the getters above cost less. */
  status(): RaftStatus {
    const core = this.#core;
    const { log, office, outbox, term, leader, committed, applied } = core;
    const matched = new Map([...(office?.peers ?? [])].map(([id, { match }]) => [id, match]));
    if (office) matched.set(core.self, outbox.stable);
    const lateMs = core.moment.nowMs - 2 * core.options.heartbeatMs;
    const answering = [...(office?.peers ?? [])].filter(([, { answeredMs }]) => answeredMs >= lateMs);
    const validUntilMs = leaseUntilMs(core);
    return {
      role: roleOf(core),
      term,
      ...(leader === undefined ? {} : { leader }),
      first: log.base.index + 1,
      last: log.last.index,
      committed,
      applied,
      configuration: log.configuration,
      matched,
      answering: new Set(answering.map(([id]) => id)),
      ...(validUntilMs === undefined ? {} : { lease: { epoch: term, validUntilMs } }),
    };
  }
}

/** Comes before any input: a process that was stopped must not believe its lease because a tick is late. */
function keepTime(core: RaftParts): void {
  const { office, moment, options, log, self } = core;
  if (!office) return;
  tellLease(core, office);
  const isAlone = isVoter(log.configuration, self) && log.configuration.voters.length === 1;
  if (isAlone || moment.nowMs - office.rounds.confirmedMs < options.electionMinMs) return;
  follow(core, { term: core.term });
  resetElectionTimer(core);
}

function take(core: RaftParts, input: RaftInput): void {
  switch (input.type) {
    case 'start':
      return;
    case 'received':
      if (input.from !== core.self && isWellFormed(input.message, core.term))
        receive(core, input.from, input.message);
      return;
    case 'propose':
      return onPropose(core, input.proposal, input.command);
    case 'change':
      return onChange(core, input.proposal, input.change);
    case 'read':
      return onRead(core, input.read);
    case 'resign':
      return onResign(core, input.to);
    case 'compact':
      return onCompact(core, input.index, input.state);
    case 'persisted':
      return onPersisted(core, input.write, input.error);
    case 'tick':
      return onTick(core);
  }
}

/** Before the start, and after a failure: nothing but the truth to whoever asks. */
function takeIdle(core: RaftParts, input: RaftInput): void {
  const { outbox, failure } = core;
  if (input.type === 'start' && failure === undefined) return start(core);
  if (input.type === 'propose' || input.type === 'change') {
    outbox.push({ type: 'proposed', proposal: input.proposal, outcome: { kind: 'not-leader' } });
  }
  if (input.type === 'read') outbox.push({ type: 'readable', read: input.read, outcome: 'not-leader' });
}

function start(core: RaftParts): void {
  const { log, moment, options } = core;
  core.isStarted = true;
  if (log.snapshot) core.outbox.push({ type: 'restore', snapshot: log.snapshot });
  resetElectionTimer(core);
  if (!core.isPristine) {
    core.heardMs = moment.nowMs;
    return;
  }
  // There is no leader to be waited for when a cluster has just been founded.
  core.electionAtMs -= options.electionMinMs;
}

function receive(core: RaftParts, from: string, message: RaftMessage): void {
  switch (message.kind) {
    case 'vote-request':
      return onVoteRequest(core, from, message);
    case 'vote':
      return onVote(core, from, message);
    case 'append':
      return onAppend(core, from, message);
    case 'appended':
      return onAppended(core, from, message);
    case 'snapshot':
      return onSnapshot(core, from, message);
    case 'take-over':
      return onTakeOver(core, from, message);
  }
}

function onPersisted(core: RaftParts, write: number, error: Error | undefined): void {
  if (error) return fail(core, `a write has failed: ${error.message}`);
  if (!core.outbox.persisted(write)) return;
  countOwnVote(core);
  answerOwed(core);
}

function onTick(core: RaftParts): void {
  const { office, moment } = core;
  if (office) {
    if (moment.nowMs >= office.nextHeartbeatMs) beat(core, office);
    return;
  }
  if (moment.nowMs >= core.electionAtMs) return onElectionTime(core);
  askAgain(core);
}

/** What follows from any step. */
function endStep(core: RaftParts): void {
  if (!core.isStarted) return;
  const { office } = core;
  if (office) {
    confirmRounds(core, office);
    commit(core, office);
  }
  tellStanding(core);
  if (core.failure !== undefined) return;
  applyCommitted(core);
  if (!office) return;
  tellLease(core, office);
  answerReads(core, office);
  replicate(core, office);
  handOver(core, office);
  tellStanding(core);
}

function tellStanding(core: RaftParts): void {
  const { log, outbox, term, leader, told } = core;
  const { configuration } = log;
  if (configuration !== core.toldConfiguration) {
    core.toldConfiguration = configuration;
    outbox.push({ type: 'configuration', configuration });
  }
  const role = roleOf(core);
  if (told && told.role === role && told.term === term && told.leader === leader) return;
  core.told = { role, term, leader };
  outbox.push({ type: 'role', role, term, ...(leader === undefined ? {} : { leader }) });
}
