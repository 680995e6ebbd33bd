import type { RandomSource } from '../../base/random.ts';
import { OfferBook } from '../../offers/offer-book.ts';
import { OfferDemand } from '../../offers/offer-demand.ts';
import { OfferHistory } from '../../offers/offer-history.ts';
import { PortBlacklist } from '../../offers/port-blacklist.ts';
import { ReconcilePlan } from '../../reconcile/reconcile-plan.ts';
import { Session } from '../../session/session.ts';
import type { Shortage } from '../../tasks/task-outcome.ts';
import type { CoreDeadline } from './core-deadline.ts';
import { compileCoreOptions, type CompiledCoreOptions, type CoreOptions } from './core-options.ts';
import { DeadlineHeap } from './deadline-heap.ts';
import { EndedTasks } from './ended-tasks.ts';
import type { LaunchBatch, StoredLaunch } from './launch-batch.ts';
import type { LiveTask } from './live-task.ts';
import { OfferWishes } from './offer-wishes.ts';
import { Outbox } from './outbox.ts';
import { TaskBook } from './task-book.ts';
import { WaitingQueue } from './waiting-queue.ts';

/** The moment of a step. */
export interface Moment {
  /** Monotonic: for durations and deadlines. */
  readonly nowMs: number;
  /** For records, and to compare with what Mesos says. */
  readonly epochMs: number;
}

/** What a sent call was for, so that its answer finds its way. */
export type Errand =
  | { readonly kind: 'accept'; readonly tasks: readonly LiveTask[] }
  | { readonly kind: 'user'; readonly request: number }
  | { readonly kind: 'teardown' }
  | { readonly kind: 'wishes' };

/** Why nothing can be asked of this client, if so. */
export type Standing = 'open' | 'not-leader' | 'framework-removed' | 'torn-down' | 'closed';

/** What the handlers of the scheduler's inputs share: the pure parts, and what is under way. */
export interface CoreParts {
  readonly options: CompiledCoreOptions;
  readonly session: Session;
  readonly book: TaskBook;
  readonly queue: WaitingQueue;
  readonly ended: EndedTasks;
  readonly offers: OfferBook;
  readonly history: OfferHistory;
  readonly demand: OfferDemand;
  readonly blockedPorts: PortBlacklist;
  readonly plan: ReconcilePlan;
  readonly outbox: Outbox;
  readonly deadlines: DeadlineHeap<CoreDeadline>;
  /** Of calls whose answers matter, by call id. */
  readonly errands: Map<number, Errand>;
  /** Whose update it is, by the update's number. */
  readonly updates: Map<number, LiveTask>;
  /** Offers of launches that are being written, by offer id. */
  readonly reserved: Map<string, StoredLaunch>;
  /** Writes of launches that were given up: the ids of their tasks, by the write's number. */
  readonly overdueWrites: Map<number, readonly string[]>;
  /** Who waits for the reconciliation under way. */
  readonly reconcileRequests: number[];
  readonly teardownRequests: number[];
  /** Tasks whose launch the master is asked about at the end of the step. */
  readonly probes: Set<LiveTask>;
  /** What was found out in this step about shortages: many tasks give up at once. */
  readonly shortages: Map<string, Shortage>;

  readonly wishes: OfferWishes;

  moment: Moment;
  standing: Standing;
  /** Everything was settled since the last start: another instance may have changed the state. */
  isSettled: boolean;
  frameworkId: string | undefined;
  /** The write of the launches under way: one at a time, so that a slow store gathers many into the next. */
  storing: LaunchBatch | undefined;
  /** Offers have come that no round has looked at. */
  hasNewOffers: boolean;
  /** Rounds of new offers so far. */
  rounds: number;
  /** Counts the masters; 0 before the first. */
  masterEpoch: number;
  masterSinceMs: number;
  lastTurn: number;
  lastUpdate: number;
  isAskingAgents: boolean;
  /** A failed write is to be tried again at a deadline. */
  isStoringAgain: boolean;
  /** How long the next failed write waits. */
  storeAgainMs: number;
}

export function coreParts(options: CoreOptions, random: RandomSource): CoreParts {
  const compiled = compileCoreOptions(options);
  return {
    options: compiled,
    session: new Session(options.session, random),
    book: new TaskBook(),
    queue: new WaitingQueue(),
    ended: new EndedTasks(compiled.limits.endedTasks),
    offers: new OfferBook(compiled.heldOffers),
    history: new OfferHistory(),
    demand: new OfferDemand({ ...options.demand, roles: compiled.roles }),
    blockedPorts: new PortBlacklist({ expiryMs: compiled.limits.portBlockedMs }),
    plan: new ReconcilePlan(options.reconcile),
    outbox: new Outbox(),
    deadlines: new DeadlineHeap(),
    errands: new Map(),
    updates: new Map(),
    reserved: new Map(),
    overdueWrites: new Map(),
    reconcileRequests: [],
    teardownRequests: [],
    probes: new Set(),
    shortages: new Map(),
    wishes: new OfferWishes(),
    moment: { nowMs: 0, epochMs: 0 },
    standing: 'open',
    isSettled: false,
    frameworkId: undefined,
    storing: undefined,
    hasNewOffers: false,
    rounds: 0,
    masterEpoch: 0,
    masterSinceMs: 0,
    lastTurn: 0,
    lastUpdate: 0,
    isAskingAgents: false,
    isStoringAgain: false,
    storeAgainMs: 0,
  };
}
