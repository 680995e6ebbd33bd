import type { Clock } from '../base/clock.ts';
import type { RandomSource } from '../base/random.ts';
import type { OfferMatcher } from '../offers/placement.ts';
import type { FrameworkState } from '../state/framework-state.ts';
import type { Credentials } from '../transport/authorizer.ts';
import type { TlsOptions } from '../transport/socket-opener.ts';
import type { MasterDetector, MasterTransport } from '../transport/transport.ts';
import type { FrameworkCapability } from '../wire/index.ts';
import type { Notice, TaskUpdate } from './core-messages.ts';

/** What a program gives; every duration is in milliseconds. Unknown keys are refused. */
export interface SchedulerOptions {
  /**
   * `http://a:5050,b:5050` or a list of such; `zk://h1:2181,h2:2181/mesos`; `dns:leader.mesos:5050`. Needed unless
   * `detector` is given.
   */
  readonly masters?: string | readonly string[];
  readonly framework: FrameworkOptions;
  /** Default: none, for masters without `--authenticate_http_frameworks`. */
  readonly auth?: Credentials;
  /** For masters and agents with `https://` addresses. */
  readonly tls?: TlsOptions;
  /**
   * Where the framework's id and tasks are kept. Default: in memory, so that a restarted program is another framework.
   * It belongs to the scheduler: `close()` closes it.
   */
  readonly state?: FrameworkState;
  /**
   * Told every state of every task, in order per task. Mesos gets its acknowledgement when this resolves; when it
   * rejects, the update is told again.
   */
  readonly onTask?: (update: TaskUpdate) => Promise<void> | void;
  /** The first listener of `scheduler.onNotice`, from the very beginning. */
  readonly onNotice?: (notice: Notice) => void;
  readonly offers?: OfferOptions;
  readonly tasks?: TaskOptions;
  readonly reconcile?: ReconcileOptions;
  readonly timeouts?: TimeoutOptions;
  /** Places tasks on offers; default: fills the fullest agents first. */
  readonly matcher?: OfferMatcher;
  /** Asked before SUBSCRIBE, ACCEPT and KILL, with the monotonic time: does this instance still lead? Default: always. */
  readonly mayAct?: (nowMs: number) => boolean;
  readonly logger?: SchedulerLogger;
  /** For tests and other surroundings. Default: the machine's. */
  readonly clock?: Clock;
  /** Default: the machine's. */
  readonly random?: RandomSource;
  /** Default: HTTP. */
  readonly transport?: MasterTransport;
  /** Instead of `masters`. It belongs to the scheduler: `close()` closes it. */
  readonly detector?: MasterDetector;
}

export interface FrameworkOptions {
  /** For people. */
  readonly name: string;
  /** The user of the agents' machines that tasks run as; default: the one that this process runs as. */
  readonly user?: string;
  /** Roles whose offers it takes; the first one is the default of its tasks. Default `['*']`. */
  readonly roles?: readonly string[];
  /** How long its tasks outlive a lost subscription; 0: not at all. Default 3,600,000 (an hour). */
  readonly failoverTimeoutMs?: number;
  /** Default: that of `auth`. */
  readonly principal?: string;
  /** For people; default: this machine's name. */
  readonly hostname?: string;
  readonly webuiUrl?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Further ones, such as `GPU_RESOURCES`. Always: MULTI_ROLE, PARTITION_AWARE, RESERVATION_REFINEMENT, TASK_KILLING_STATE. */
  readonly capabilities?: readonly FrameworkCapability[];
  /** Tasks survive a restart of their agent's process; default true. */
  readonly checkpoint?: boolean;
  /** A fixed id, used when the state holds none. Default: Mesos gives one. */
  readonly id?: string;
  /**
   * When the master has removed the framework, which kills its tasks: stay so (`fail`, the default), or tell the end of
   * each recorded task, forget it, and go on under a new id (`new-id`).
   */
  readonly onRemoved?: 'fail' | 'new-id';
}

export interface OfferOptions {
  /**
   * How long an offer that no task needs is kept for tasks to come; shorter than the master's `--offer_timeout`.
   * Default 0: it goes back at once.
   */
  readonly holdMs?: number;
  /** How many are kept at most; default 100. */
  readonly maxHeld?: number;
  /** Offers of each role that are asked for though no task waits, so that a task starts at once; default 0. Needs `holdMs`. */
  readonly inAdvance?: number;
  /** For how long an offer is refused while tasks wait which it does not fit; default 5,000. */
  readonly refuseWaitingMs?: number;
  /** For how long while no task waits; default 3,600,000. New tasks end it. */
  readonly refuseIdleMs?: number;
  /** From one REVIVE of a role to the next, at least; default 5,000. */
  readonly reviveIntervalMs?: number;
  /** How long a role without waiting tasks stays open to offers; default 5,000. */
  readonly suppressAfterMs?: number;
  /** Agents whose planned maintenance begins that soon get no task; default 3,600,000. */
  readonly maintenanceHorizonMs?: number;
  /** The answer to planned maintenance: the tasks can leave (`accept`, the default), or not (`decline`). */
  readonly inverseOffers?: 'accept' | 'decline';
}

export interface TaskOptions {
  /** Without any word after a launch, the master is asked about the task; default 60,000. */
  readonly launchTimeoutMs?: number;
  /** From the launch until the task runs, and is healthy if that is checked; then it is killed. Default 600,000. */
  readonly startTimeoutMs?: number;
  /** Launches that may come to nothing before the task fails; default 3. */
  readonly launchAttempts?: number;
  /** From KILL to KILL until the task has ended; default 5,000. */
  readonly killRetryMs?: number;
  /** How long a task may wait for an offer that fits; default 300,000, `Infinity` is allowed. */
  readonly capacityTimeoutMs?: number;
  /** Rounds of offers that may pass a waiting task by; default `Infinity`. */
  readonly capacityRounds?: number;
  /** When a task has waited that long, it is looked whether any agent is large enough; default 10,000, `Infinity`: never. */
  readonly impossibleAfterMs?: number;
  /** How long a port of an agent is left alone that a container could not bind; default 600,000. */
  readonly portBlockedMs?: number;
  /** From a failure of `onTask` to the next attempt, for updates that Mesos won't repeat; default 10,000. */
  readonly retellMs?: number;
  /** Tasks of this framework that run and that nobody here knows; default `adopt`. */
  readonly unknown?: 'adopt' | 'kill';
  /** Tasks that had ended (lost, gone) and run again; default `kill`. */
  readonly returned?: 'adopt' | 'kill';
}

export interface ReconcileOptions {
  /** From one reconciliation's end to the next one's begin; default 600,000. */
  readonly periodMs?: number;
  /** The first wait for answers, doubled after each; default 4,000. */
  readonly firstWaitMs?: number;
  /** Default 30,000. */
  readonly longestWaitMs?: number;
  /** How many tasks one call asks about; default 1,000. */
  readonly chunk?: number;
  /** How long a task is asked about that Mesos is silent about; default 600,000, as long as agents may take to come back. */
  readonly boundMs?: number;
  /** How long after a change of master its "unknown task" is not believed; default 600,000. */
  readonly youngMasterMs?: number;
  /**
   * The leading master's id and since when it leads (epoch milliseconds), where the program has asked: a master that is
   * met for the first time counts as young otherwise.
   */
  readonly knownMaster?: { readonly id: string; readonly sinceEpochMs: number };
}

export interface TimeoutOptions {
  /** For a search for masters; default 15,000. */
  readonly detectMs?: number;
  /** For a connection, TLS included; default 10,000. */
  readonly connectMs?: number;
  /** From the connection attempt to SUBSCRIBED; default 20,000. */
  readonly subscribeMs?: number;
  /** From a call to its answer; default 30,000. */
  readonly answerMs?: number;
  /** From a write of tasks to be launched to the state's answer; then they fail, and are not launched. Default 30,000. */
  readonly storeMs?: number;
  /** The first wait after a loss, doubled after each; each is drawn from the upper half. Default 500. */
  readonly backoffMinMs?: number;
  /** Default 15,000. */
  readonly backoffMaxMs?: number;
  /** The first attempt is made at a random time within this; default 0: at once. */
  readonly firstConnectDelayMs?: number;
  /** Heartbeat intervals (of the master, usually 15,000) without a byte after which it counts as dead; default 3. */
  readonly missedHeartbeats?: number;
  /** What a heartbeat may be late; default 5,000. */
  readonly heartbeatSlackMs?: number;
  /** Redirects followed from one master to its leader; a number, default 5. */
  readonly maxRedirects?: number;
}

/** A pino logger, or anything that has these. */
export interface SchedulerLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
