import { matchOffers } from '../../offers/match-offers.ts';
import type { OfferMatcher } from '../../offers/placement.ts';
import type { HoldOptions } from '../../offers/offer-book.ts';
import type { DemandOptions } from '../../offers/offer-demand.ts';
import type { ReconcileTimes } from '../../reconcile/reconcile-plan.ts';
import type { SessionOptions } from '../../session/session.ts';
import type { WireFrameworkInfo } from '../../wire/index.ts';

/** How long things may take, and how often they are tried. */
export interface CoreLimits {
  /** Without any word after an ACCEPT, the master is asked about the task. Default 60,000. */
  readonly launchTimeoutMs: number;
  /** From the ACCEPT until the task runs (and is healthy); then it is killed. Default 600,000. */
  readonly startTimeoutMs: number;
  /** Launches that may come to nothing. Default 3. */
  readonly launchAttempts: number;
  /** Launches whose offers had gone meanwhile. Default 20. */
  readonly goneOfferAttempts: number;
  /** From KILL to KILL until the task has ended. Default 5,000. */
  readonly killRetryMs: number;
  /** How long a task may wait for offers that fit; `Infinity` is allowed. Default 300,000. */
  readonly capacityTimeoutMs: number;
  /** Rounds of offers that may pass a waiting task by. Default: no limit. */
  readonly capacityRounds: number;
  /** When a task has waited that long, it is looked whether any agent is large enough; `Infinity`: never. Default 10,000. */
  readonly impossibleAfterMs: number;
  /** How long after a change of master its "unknown task" is not believed. Default 600,000. */
  readonly youngMasterMs: number;
  /** How long a task is asked about that Mesos is silent about. Default 600,000. */
  readonly reconcileBoundMs: number;
  /** How long a port of an agent is left alone that a container could not bind. Default 600,000. */
  readonly portBlockedMs: number;
  /** From an owner's failure to handle an update that Mesos won't repeat to the next attempt. Default 10,000. */
  readonly retellMs: number;
  /** From the write of a round's records to its success; then its tasks fail, and are not launched. Default 30,000. */
  readonly storeTimeoutMs: number;
  /** Ended tasks that are remembered, in case they turn up again. Default 100,000. */
  readonly endedTasks: number;
}

export interface CoreOptions {
  /** Without an id. */
  readonly framework: WireFrameworkInfo;
  /** Used when the state holds none. Default: Mesos gives one. */
  readonly frameworkId?: string;
  readonly session: SessionOptions;
  /** Default: no offer is held longer than its round. */
  readonly heldOffers?: HoldOptions;
  /** Offers of each role that are wanted in hand though no task waits, so that a task starts at once. Default 0. */
  readonly offersInAdvance?: number;
  readonly demand?: Omit<DemandOptions, 'roles'>;
  readonly reconcile?: ReconcileTimes;
  readonly limits?: Partial<CoreLimits>;
  readonly matcher?: OfferMatcher;
  /** Asked before SUBSCRIBE, ACCEPT and KILL, with the monotonic time: may this instance still act? Default: always. */
  readonly mayAct?: (nowMs: number) => boolean;
  /** What becomes of a task that runs in Mesos and that nobody here knows. Default `adopt`. */
  readonly unknownTasks?: 'adopt' | 'kill';
  /** What becomes of a task that had ended (lost, gone) and runs again. Default `kill`. */
  readonly onReturn?: 'adopt' | 'kill';
  /** Agents whose maintenance begins that soon get no task. Default 3,600,000. */
  readonly maintenanceHorizonMs?: number;
  /** The answer to planned maintenance: the tasks can leave (`accept`, the default), or not. */
  readonly inverseOffers?: 'accept' | 'decline';
  /** When the master has removed the framework: `fail` (the default), or end its tasks and take a new id. */
  readonly removedFramework?: 'fail' | 'new-id';
  /** What was asked of the leading master beforehand: its id, and since when it leads, in epoch milliseconds. */
  readonly knownMaster?: { readonly id: string; readonly sinceEpochMs: number };
}

/** All options, with the defaults filled in. */
export interface CompiledCoreOptions extends Required<
  Omit<CoreOptions, 'frameworkId' | 'limits' | 'session' | 'demand' | 'reconcile' | 'knownMaster'>
> {
  readonly frameworkId: string | undefined;
  readonly knownMaster: CoreOptions['knownMaster'];
  readonly roles: readonly string[];
  readonly limits: CoreLimits;
}

const defaultLimits: CoreLimits = {
  launchTimeoutMs: 60_000,
  startTimeoutMs: 600_000,
  launchAttempts: 3,
  goneOfferAttempts: 20,
  killRetryMs: 5000,
  capacityTimeoutMs: 300_000,
  capacityRounds: Infinity,
  impossibleAfterMs: 10_000,
  youngMasterMs: 600_000,
  reconcileBoundMs: 600_000,
  portBlockedMs: 600_000,
  retellMs: 10_000,
  storeTimeoutMs: 30_000,
  endedTasks: 100_000,
};

export function compileCoreOptions(options: CoreOptions): CompiledCoreOptions {
  const { framework } = options;
  return {
    framework,
    roles: framework.roles ?? [framework.role ?? '*'],
    frameworkId: options.frameworkId,
    heldOffers: options.heldOffers ?? { holdMs: 0, maxOffers: 0 },
    offersInAdvance: options.offersInAdvance ?? 0,
    limits: { ...defaultLimits, ...options.limits },
    matcher: options.matcher ?? matchOffers,
    mayAct: options.mayAct ?? (() => true),
    unknownTasks: options.unknownTasks ?? 'adopt',
    onReturn: options.onReturn ?? 'kill',
    maintenanceHorizonMs: options.maintenanceHorizonMs ?? 3_600_000,
    inverseOffers: options.inverseOffers ?? 'accept',
    removedFramework: options.removedFramework ?? 'fail',
    knownMaster: options.knownMaster,
  };
}
