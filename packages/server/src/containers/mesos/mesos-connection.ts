import {
  FileFrameworkState,
  HttpAsker,
  MesosOperator,
  MesosScheduler,
  parseMasters,
  type Credentials,
  type MasterAgent,
  type MasterDetector,
  type Notice,
  type TaskUpdate,
  type TlsOptions,
} from '@vibrissa/mesos';

import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { MesosSettings } from './mesos-config.ts';
import { mesosPathsOf } from './mesos-paths.ts';
import { spreadOffers } from './spread-offers.ts';
import { REVIVE_MS, Submissions } from './submissions.ts';

/** How masters and agents are reached. */
export interface MesosAccess {
  readonly masters: string;
  readonly auth?: Credentials;
  readonly tls?: TlsOptions;
}

export interface ConnectionDeps {
  readonly access: MesosAccess;
  readonly dataDir: string;
  readonly settings: MesosSettings;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How things stand with the master. Times are epoch milliseconds. */
export interface ConnectionState {
  readonly subscribed: boolean;
  readonly since: number;
  /** Why not; a sentence. */
  readonly why?: string;
}

type UpdateListener = (update: TaskUpdate) => void;

/** A question to the master is given up after this: whoever asks has others to wait for. */
const ANSWER_MS = 5000;
const SAME_ANSWER_MS = 1000;
/** After a change of master agents come back to it one after the other, for as long as this. */
const YOUNG_MASTER_MS = 600_000;
/** The longest that the scheduler takes: some 24 days. */
const NEVER_MS = 2 ** 31 - 1;

function schedulerOptions({ access, settings }: ConnectionDeps) {
  const { frameworkName, heartbeatMaxFailures, offers, role, timeouts, user } = settings;
  return {
    ...access,
    framework: {
      name: frameworkName,
      roles: [role],
      failoverTimeoutMs: timeouts.failover,
      // Removed by an operator, or away for too long: its containers are gone, and the platform goes on.
      onRemoved: 'new-id' as const,
      ...(user !== undefined && { user }),
    },
    offers: {
      inAdvance: offers.hold > 0 ? offers.inAdvance : 0,
      maxHeld: Math.max(offers.maxHeld, offers.inAdvance),
      holdMs: offers.hold,
      refuseWaitingMs: offers.refuse,
      reviveIntervalMs: REVIVE_MS,
    },
    tasks: {
      // Looked at by the launches themselves: they have one time limit for all, and know the constraints, too.
      capacityTimeoutMs: Infinity,
      startTimeoutMs: NEVER_MS,
      impossibleAfterMs: Infinity,
      // What nobody here knows would run for nobody.
      unknown: 'kill' as const,
    },
    timeouts: { missedHeartbeats: heartbeatMaxFailures },
  };
}

/** The framework: its subscription, its tasks' updates, and questions to the master that operators ask. */
export class MesosConnection {
  readonly scheduler: MesosScheduler;
  readonly submissions: Submissions;
  /** For questions to agents and masters. */
  readonly http: HttpAsker;
  readonly #operator: MesosOperator;
  readonly #detector: MasterDetector;
  readonly #clock: Clock;
  readonly #listeners: Map<string, UpdateListener>;
  #state: ConnectionState;
  /** Monotonic: when the subscription came or went last. */
  #changedMs = 0;
  #subscriptions = 0;
  /** As they were before the last change of master. */
  #lasting: readonly MasterAgent[] = [];
  #asked: { readonly atMs: number; readonly answer: Promise<readonly MasterAgent[]> } | undefined;

  private constructor(
    deps: ConnectionDeps,
    parts: { scheduler: MesosScheduler; listeners: Map<string, UpdateListener> },
  ) {
    const { access, clock, settings } = deps;
    const { scheduler } = parts;
    this.scheduler = scheduler;
    this.submissions = new Submissions({ scheduler, clock, role: settings.role });
    this.#listeners = parts.listeners;
    this.#clock = clock;
    this.#state = { subscribed: false, since: clock.now(), why: 'No master has answered yet.' };
    this.http = new HttpAsker({
      clock,
      answerTimeoutMs: ANSWER_MS,
      connectTimeoutMs: ANSWER_MS,
      ...(access.auth && { credentials: access.auth }),
      ...(access.tls && { tls: access.tls }),
    });
    this.#detector = parseMasters(access.masters, { clock, timeoutMs: ANSWER_MS });
    this.#operator = new MesosOperator({
      http: this.http,
      masters: () => this.#inTime((signal) => this.#detector.detect(signal)),
    });
    this.scheduler.onNotice((notice) => this.#onNotice(notice));
  }

  /** Reads what is known of framework and tasks; connects to nobody yet. Rejects with a `MesosError`. */
  static async open(deps: ConnectionDeps): Promise<MesosConnection> {
    const listeners = new Map<string, UpdateListener>();
    const state = await FileFrameworkState.open(mesosPathsOf(deps.dataDir).framework);
    const opened: { scheduler?: MesosScheduler } = {};
    const scheduler = await MesosScheduler.open({
      ...schedulerOptions(deps),
      state,
      clock: deps.clock,
      logger: deps.logger,
      matcher: spreadOffers(() => opened.scheduler?.tasks() ?? []),
      onTask: (update) => listeners.get(update.taskId)?.(update),
    });
    opened.scheduler = scheduler;
    return new MesosConnection(deps, { scheduler, listeners });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Has a master ever taken the framework in this life? */
  get hasSubscribed(): boolean {
    return this.#subscriptions > 0;
  }

  get offersHeld(): number {
    return this.scheduler.offersHeld;
  }

  /** May it be that agents are still on their way back to a new master? */
  get #isYoung(): boolean {
    return this.#subscriptions > 1 && this.#clock.monotonicMs() - this.#changedMs < YOUNG_MASTER_MS;
  }

  /** Listens for the states of a task; one listener for each. */
  listen(taskId: string, listener: UpdateListener): void {
    this.#listeners.set(taskId, listener);
  }

  forget(taskId: string): void {
    this.#listeners.delete(taskId);
  }

  /**
   * The cluster's agents, as the master knows them. Who asks within a second of another is given the same answer.
   * Rejects when no master says.
   */
  agents(): Promise<readonly MasterAgent[]> {
    const nowMs = this.#clock.monotonicMs();
    if (!this.#asked || nowMs - this.#asked.atMs >= SAME_ANSWER_MS) {
      const answer = this.#inTime((signal) => this.#operator.getAgents(signal));
      answer.then(
        (agents) => this.#isYoung || (this.#lasting = agents),
        () => {},
      );
      this.#asked = { atMs: nowMs, answer };
    }
    return this.#asked.answer;
  }

  /**
   * Beside these all that may be on their way back to a new master; undefined where nobody knows whether there are more.
   */
  withReturning(present: readonly MasterAgent[]): readonly MasterAgent[] | undefined {
    if (!this.#isYoung) return present;
    if (this.#lasting.length === 0) return undefined;
    const ids = new Set(present.map(({ agent_info: { id } }) => id?.value));
    return [...present, ...this.#lasting.filter(({ agent_info: { id } }) => !ids.has(id?.value))];
  }

  /** Ends the subscription; framework and tasks stay. */
  async close(): Promise<void> {
    await this.scheduler.close();
    await this.http.close();
    await this.#detector.close();
  }

  async #inTime<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const timer = this.#clock.after(ANSWER_MS, () =>
      late.abort(new Error(`No master has answered within ${ANSWER_MS / 1000} s.`)),
    );
    try {
      return await ask(late.signal);
    } finally {
      timer.cancel();
    }
  }

  #onNotice(notice: Notice): void {
    const since = this.#clock.now();
    switch (notice.kind) {
      case 'subscribed':
        this.#subscriptions += 1;
        this.#state = { subscribed: true, since };
        this.#changedMs = this.#clock.monotonicMs();
        return;
      case 'lost':
      case 'stepped-down':
      case 'removed':
      case 'refused':
        // The moment of the loss stays; the reason is that of the last attempt.
        if (this.#state.subscribed) this.#changedMs = this.#clock.monotonicMs();
        this.#state = {
          subscribed: false,
          since: this.#state.subscribed ? since : this.#state.since,
          why: notice.reason,
        };
        return;
      case 'offers':
      case 'event':
      case 'warning':
        return;
    }
  }
}
