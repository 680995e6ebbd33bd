import { changeConfiguration, isVoter } from './configuration.ts';
import type { Configuration, ConfigurationChange, Participant } from './raft-messages.ts';

/** What the leader knows of those who take part, and of those who could. */
export interface VoterFacts {
  readonly configuration: Configuration;
  /** How many voters there are to be. */
  readonly target: number;
  /** The leader. */
  readonly self: string;
  /** By gossip, at their present addresses. */
  readonly alive: ReadonlyMap<string, Participant>;
  /** They have answered the leader just now: gossip learns seconds later that somebody has died. */
  readonly answering: ReadonlySet<string>;
  /** They have said that they go. */
  readonly leaving: ReadonlySet<string>;
  /** Proven not to come back. That they are silent is no proof. */
  readonly gone: ReadonlySet<string>;
  /** Their logs are nearly the leader's. */
  readonly caughtUp: ReadonlySet<string>;
}

/** Of whom gossip alone has told: who makes up members by the thousand must not fill the log with them. */
const MOST_SILENT_LEARNERS = 16;

export type VoterPlan = ConfigurationChange | { readonly kind: 'hand-over'; readonly to: string };

/**
 * The next step towards the voters that there should be; undefined when there is none, or none that is safe. After each
 * step a majority of the voters is alive, and steps come to an end as long as nothing else happens.
 */
export function planVoters(facts: VoterFacts): VoterPlan | undefined {
  const { configuration, leaving, self } = facts;
  if (!isVoter(configuration, self) || !hasLiveMajority(facts, configuration)) return undefined;
  if (leaving.has(self)) return replaceSelf(facts);
  for (const plan of steps(facts)) if (isSafe(facts, plan)) return plan;
  return undefined;
}

/** In the order of their urgency; not all of them are safe. */
function* steps(facts: VoterFacts): Generator<ConfigurationChange> {
  yield* moves(facts);
  yield* replacements(facts);
  for (const { id } of facts.configuration.learners) if (isLost(facts, id)) yield { kind: 'remove', id };
  yield* promotions(facts);
  yield* newcomers(facts);
}

/** Whoever leads can't remove itself, and needs one that stays to lead after it. */
function replaceSelf(facts: VoterFacts): VoterPlan | undefined {
  const { configuration, caughtUp, self } = facts;
  const successors = configuration.voters.filter(({ id }) => id !== self && isStaying(facts, id));
  const successor = successors.find(({ id }) => caughtUp.has(id)) ?? successors[0];
  if (successor) return { kind: 'hand-over', to: successor.id };
  const [candidate] = candidates(facts);
  const plan = candidate && ({ kind: 'promote', id: candidate.id } as const);
  return plan && isSafe(facts, plan) ? plan : undefined;
}

function* moves({ configuration, alive }: VoterFacts): Generator<ConfigurationChange> {
  for (const { id, address } of [...configuration.voters, ...configuration.learners]) {
    const participant = alive.get(id);
    const now = participant?.address;
    if (!participant || (now?.host === address.host && now.port === address.port)) continue;
    yield { kind: 'move', participant };
  }
}

/**
 * Who is gone for good goes first: without it no more are needed for a majority than with it, and one that comes before it
 * has gone, and dies, could be the one that is missing. Who leaves is still here, and goes when another has its place; only
 * where nobody can come, fewer remain.
 */
function* replacements(facts: VoterFacts): Generator<ConfigurationChange> {
  const { configuration, gone, self } = facts;
  for (const { id } of configuration.voters) if (id !== self && gone.has(id)) yield { kind: 'remove', id };
  const lost = configuration.voters.filter(({ id }) => isLost(facts, id));
  if (lost.length === 0) return;
  const remaining = configuration.voters.length - lost.length;
  if (remaining < usefulTarget(facts)) {
    const [candidate] = candidates(facts);
    if (candidate) yield { kind: 'promote', id: candidate.id };
    // Somebody is on the way.
    if (newMembers(facts).length + stayingLearners(facts).length > 0) return;
  }
  for (const { id } of lost) yield { kind: 'remove', id };
}

/** Too few vote. An even number survives no more than one less, so that two come at once, or the one that is all there is. */
function* promotions(facts: VoterFacts): Generator<ConfigurationChange> {
  const count = facts.configuration.voters.length;
  const missing = usefulTarget(facts) - count;
  const [candidate, ...more] = candidates(facts);
  if (!candidate || missing < 1) return;
  const isOdd = (count + 1) % 2 === 1;
  const hasNext = missing > 1 && more.length > 0;
  const isAll = count === 1 && stayingLearners(facts).length + newMembers(facts).length === 1;
  if (isOdd || hasNext || isAll || usefulTarget(facts) === count + 1)
    yield { kind: 'promote', id: candidate.id };
}

function* newcomers(facts: VoterFacts): Generator<ConfigurationChange> {
  const silent = facts.configuration.learners.filter(({ id }) => !facts.answering.has(id));
  if (silent.length >= MOST_SILENT_LEARNERS) return;
  for (const participant of newMembers(facts)) yield { kind: 'add-learner', participant };
}

/** Four are no safer than three; two are at least not lost together. */
function usefulTarget({ target }: VoterFacts): number {
  return target > 2 && target % 2 === 0 ? target - 1 : target;
}

function newMembers(facts: VoterFacts): readonly Participant[] {
  const { voters, learners } = facts.configuration;
  const present = new Set([...voters, ...learners].map(({ id }) => id));
  const outside = [...facts.alive.values()].filter(({ id }) => !present.has(id) && isStaying(facts, id));
  return outside.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function stayingLearners(facts: VoterFacts): readonly Participant[] {
  return facts.configuration.learners.filter(({ id }) => isStaying(facts, id));
}

function candidates(facts: VoterFacts): readonly Participant[] {
  return stayingLearners(facts).filter(({ id }) => facts.caughtUp.has(id));
}

function isStaying(facts: VoterFacts, id: string): boolean {
  return facts.alive.has(id) && !isLost(facts, id);
}

/** The leader itself is here. */
function isLost({ leaving, gone, self }: VoterFacts, id: string): boolean {
  return id !== self && (leaving.has(id) || gone.has(id));
}

/** Who comes must not be needed: it may have died, and nobody knows yet. Only the second of all is. */
function isSafe(facts: VoterFacts, change: ConfigurationChange): boolean {
  const after = changeConfiguration(facts.configuration, change);
  if ('refused' in after) return false;
  const newcomer = change.kind === 'promote' && facts.configuration.voters.length > 1 ? change.id : undefined;
  return hasLiveMajority(facts, after, newcomer);
}

function hasLiveMajority(
  { alive, answering, gone, self }: VoterFacts,
  { voters }: Configuration,
  except?: string,
): boolean {
  const isHere = (id: string) => alive.has(id) && answering.has(id) && !gone.has(id);
  const living = voters.filter(({ id }) => id === self || (isHere(id) && id !== except));
  return living.length * 2 > voters.length;
}
