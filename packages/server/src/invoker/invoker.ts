import {
  APPLICATION_ERROR,
  effectiveLimits,
  errorTexts,
  type ActionLimits,
  type ActivationMessage,
  type ActivationResponse,
  type LockedArguments,
  type NamespaceLimits,
  type RuntimesManifest,
  type SystemLimits,
} from '@vibrissa/protocol';
import type { Clock, Timer } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Trail, Trails } from '../base/trail.ts';
import type { ContainerFactory, RecoveredContainer } from '../containers/container-factory.ts';
import type { MessageBus } from '../messaging/message-bus.ts';
import { topics, type StoppedRun } from '../messaging/topics.ts';
import { logFieldsOf } from '../observability/log-fields.ts';
import type { UserEvents } from '../observability/user-events.ts';
import type { ParameterLocks } from '../parameters/parameter-locks.ts';
import type { ActivationJournal } from '../store/activation-journal.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';
import type { AttachmentStore } from '../store/attachment-store.ts';
import { Acknowledger } from './acknowledge.ts';
import { ActivationFeed } from './activation-feed.ts';
import { defaultInvokerConfig, type InvokerConfig } from './invoker-config.ts';
import { createJob, type Job } from './job.ts';
import { ContainerPool } from './pool/container-pool.ts';
import type { ContainerSnapshot } from './pool/container-snapshot.ts';
import { ActivationRecorder, recordOfUnknown } from './record-activation.ts';
import { ActionResolver, type Resolved, type RunnableAction } from './resolve-action.ts';
import { openActivationInstruments, type ActivationInstruments } from './run/activation-instruments.ts';
import { CodeCache } from './run/code-cache.ts';
import { Conclusion } from './run/conclude-activation.ts';
import { errorResponse, resultTexts, whiskError } from './run/interpret-result.ts';

export interface InvokerDeps {
  /** Its number: it reads the topic `invoker<id>`. */
  readonly id: number;
  readonly bus: MessageBus;
  readonly factory: ContainerFactory;
  readonly artifacts: ArtifactStore;
  readonly attachments: AttachmentStore;
  readonly journal: ActivationJournal;
  readonly parameterLocks: Pick<ParameterLocks, 'unlock'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly trails: Trails;
  readonly events: Pick<UserEvents, 'ended'>;
  /** What differs from {@link defaultInvokerConfig}. */
  readonly config: Partial<InvokerConfig>;
  readonly manifest: RuntimesManifest;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** At the end of a drain the logs of those given up are fetched for so long at most. */
const GIVEN_UP_LOGS = { idleMs: 500, overallMs: 500 } as const;
/** A close waits for so long for logs that follow their records. */
const CLOSE_LOGS_MS = 2000;

function stoppedRunOf({ message, action, startedAt, logs }: Job, endedAt: number): StoppedRun {
  const { exec, limits } = action.entity;
  return { message, startedAt, endedAt, kind: exec.kind, limits, logs: [...(logs?.inOrder() ?? [])] };
}

/** What a drain leaves: each of these has no record yet. */
export interface Drained {
  /** Their code did not start. */
  readonly waiting: readonly ActivationMessage[];
  /** Their code may have started; it is stopped. */
  readonly running: readonly StoppedRun[];
}

/** What an operator sees of an invoker. */
export interface InvokerSnapshot {
  readonly id: number;
  readonly userMemoryMb: number;
  readonly waiting: number;
  readonly containers: readonly ContainerSnapshot[];
}

/** A namespace that may invoke nothing is blacklisted, as in OpenWhisk's view of its subjects. */
function isBlacklisted({ user }: ActivationMessage): boolean {
  return user.limits.invocationsPerMinute === 0 || user.limits.concurrentInvocations === 0;
}

/** What an action asks for beyond what its namespace may have now; undefined when nothing. */
function limitProblem(limits: ActionLimits, allowed: SystemLimits): string | undefined {
  if (limits.timeout > allowed.timeLimit.maxMs) {
    return errorTexts.timeLimit(limits.timeout, 'exceeds', allowed.timeLimit.maxMs);
  }
  if (limits.memory > allowed.memory.maxMb) {
    return errorTexts.sizeLimit('memory')(limits.memory, 'exceeds', allowed.memory.maxMb);
  }
  if (limits.logs > allowed.logLimit.maxMb) {
    return errorTexts.sizeLimit('log')(limits.logs, 'exceeds', allowed.logLimit.maxMb);
  }
  if (limits.instances === 0) return resultTexts.noInstances;
  if (limits.concurrency > allowed.concurrencyLimit.max) {
    return errorTexts.concurrencyLimit(limits.concurrency, 'exceeds', allowed.concurrencyLimit.max);
  }
  return undefined;
}

function unresolvedResponse(resolved: Exclude<Resolved, { outcome: 'found' }>): ActivationResponse {
  if (resolved.outcome === 'gone') return errorResponse(APPLICATION_ERROR, resultTexts.actionGone);
  return whiskError(
    resolved.outcome === 'incompatible' ? resultTexts.actionIncompatible : resultTexts.actionUnreadable,
  );
}

/**
 * Runs activations: takes them from the bus, finds their action, gives them to the pool, and tells the bus that it
 * is alive.
 *
 *     const invoker = await Invoker.open({ id: 0, bus, factory, … });
 *     const left = await invoker.drain(4000);                 // what did not end in time
 *     await invoker.close();
 */
export class Invoker {
  readonly #deps: InvokerDeps;
  readonly #config: InvokerConfig;
  readonly #actions: ActionResolver;
  readonly #instruments: ActivationInstruments;
  readonly #recorder: ActivationRecorder;
  readonly #conclusion: Conclusion;
  readonly #pool: ContainerPool;
  readonly #feed: ActivationFeed;
  readonly #ping: Timer;
  /** Of a namespace, by the limits that come with each of its messages. */
  readonly #limits = new WeakMap<NamespaceLimits, SystemLimits>();
  /** Those whose action is being fetched. */
  readonly #resolving = new Set<ActivationMessage>();
  #draining = false;

  private constructor(deps: InvokerDeps, recovered: readonly RecoveredContainer[]) {
    this.#deps = deps;
    this.#config = { ...defaultInvokerConfig, ...deps.config };
    const { id, bus, factory, journal, clock, events, ids, logger, metrics, manifest, random } = deps;
    this.#actions = ActionResolver.open(deps.artifacts);
    this.#recorder = ActivationRecorder.open({ journal, config: this.#config, clock, events });
    this.#instruments = openActivationInstruments(metrics);
    metrics.counter('counter_invoker_startup_counter_total', String(id)).add();
    this.#conclusion = Conclusion.open({
      instruments: this.#instruments,
      recorder: this.#recorder,
      acknowledger: Acknowledger.open(bus, id, logger),
      clock,
      logger,
    });
    this.#pool = ContainerPool.open({
      invoker: id,
      factory,
      journal,
      clock,
      ids,
      logger,
      metrics,
      manifest,
      random,
      conclusion: this.#conclusion,
      code: CodeCache.open(deps.attachments),
      config: this.#config,
    });
    const adopted = this.#pool.adopt(recovered);
    if (recovered.length > 0) {
      const destroyed = recovered.length - adopted;
      logger.info({ adopted, destroyed, invoker: id }, 'Took over containers of an earlier life');
    }
    this.#pool.start();
    this.#feed = ActivationFeed.open({ bus, invoker: id, take: (message) => this.#take(message) });
    this.#sendPing();
    this.#ping = clock.every(this.#config.pingMs, () => this.#sendPing());
  }

  /** Takes over what an earlier life left, removes the rest of it, and begins to take activations. */
  static async open(deps: InvokerDeps): Promise<Invoker> {
    const recovered = (await deps.factory.recover?.()) ?? [];
    const removed = await deps.factory.removeLeftovers();
    if (removed > 0) deps.logger.info({ removed, invoker: deps.id }, 'Removed what an earlier life left');
    return new Invoker(deps, recovered);
  }

  snapshot(): InvokerSnapshot {
    return {
      id: this.#deps.id,
      userMemoryMb: this.#config.userMemoryMb,
      waiting: this.#pool.waiting,
      containers: this.#pool.snapshot(),
    };
  }

  /**
   * Takes no more, and lets what runs end, its logs with it, for at most `deadlineMs` milliseconds. Resolves with what
   * has no record then; nothing will be recorded or acknowledged of it here. Containers stay until {@link close}.
   */
  async drain(deadlineMs: number): Promise<Drained> {
    this.#draining = true;
    this.#sendPing();
    const queued = await this.#feed.close();
    const waiting = this.#pool.takeWaiting().map((job) => job.message);
    const late = new AbortController();
    const deadline = this.#deps.clock.sleep(deadlineMs, late.signal).catch(() => undefined);
    await Promise.race([this.#ended(), deadline]);
    late.abort();
    const left = this.#pool.abandon();
    const endedAt = this.#deps.clock.now();
    await Promise.all(left.map(async (job) => job.fetcher?.present(GIVEN_UP_LOGS)));
    const running = left.filter((job) => job.started).map((job) => stoppedRunOf(job, endedAt));
    const unstarted = left.filter((job) => !job.started).map((job) => job.message);
    const resolving = [...this.#resolving];
    return { waiting: [...queued, ...resolving, ...waiting, ...unstarted], running };
  }

  /** Stops all that runs, and removes every container but those at rest that a later life may find. */
  async close(): Promise<void> {
    this.#draining = true;
    this.#ping.cancel();
    await this.#feed.close();
    this.#pool.abandon();
    await Promise.all([this.#pool.close(), this.#conclusion.close(CLOSE_LOGS_MS)]);
    this.#recorder.close();
  }

  /** Nothing runs, and no record waits for its logs. */
  async #ended(): Promise<void> {
    await this.#pool.empty();
    await this.#conclusion.settled();
  }

  #take(message: ActivationMessage): Promise<void> | undefined {
    const known = this.#actions.known(message);
    if (!known) {
      void this.#resolve(message);
      return this.#pool.room();
    }
    this.#accept(message, known);
    return this.#pool.room();
  }

  async #resolve(message: ActivationMessage): Promise<void> {
    this.#resolving.add(message);
    const resolved = await this.#actions.fetch(message);
    // A drain has taken it back meanwhile.
    if (this.#draining) return;
    this.#resolving.delete(message);
    if (resolved.outcome === 'found') return this.#accept(message, resolved.action);
    if (resolved.outcome === 'unreadable') {
      this.#deps.logger.error(
        { err: resolved.cause, ...logFieldsOf(message), invoker: this.#deps.id },
        'Could not fetch an action',
      );
    }
    const response = unresolvedResponse(resolved);
    const record = recordOfUnknown(message, this.#deps.clock.now(), response);
    await this.#conclusion.failUnknown(message, record);
  }

  #accept(message: ActivationMessage, action: RunnableAction): void {
    this.#instruments.started();
    if (isBlacklisted(message)) {
      const response = errorResponse(APPLICATION_ERROR, resultTexts.blacklisted);
      const record = recordOfUnknown(message, this.#deps.clock.now(), response);
      void this.#conclusion.failUnkept(message, record);
      return;
    }
    const job = createJob(message, action, this.#follow(message));
    if (message.lockedArgs !== undefined && !this.#unlock(job, message.lockedArgs)) return;
    const problem = limitProblem(action.entity.limits, this.#limitsOf(message.user.limits));
    if (problem === undefined) this.#pool.submit(job);
    else void this.#refuse(job, errorResponse(APPLICATION_ERROR, problem));
  }

  /** False when it can't be, and the activation ends with that. The message stays locked: it may yet go back to the journal. */
  #unlock(job: Job, locked: LockedArguments): boolean {
    const unlocked = this.#deps.parameterLocks.unlock(job.content ?? '{}', locked);
    if (unlocked.outcome === 'unlocked') job.content = unlocked.content;
    else void this.#refuse(job, unlocked.response);
    return unlocked.outcome === 'unlocked';
  }

  #follow(message: ActivationMessage): Trail | undefined {
    const { id, trails } = this.#deps;
    const { extraLogging, traceparent, transactionId } = message;
    if (traceparent === undefined && extraLogging !== true && !trails.followsAll) return undefined;
    const fields = { ...logFieldsOf(message), invoker: id };
    return trails.resume({ transactionId, traceparent, extraLogging, fields });
  }

  #limitsOf(own: NamespaceLimits): SystemLimits {
    let limits = this.#limits.get(own);
    if (!limits) this.#limits.set(own, (limits = effectiveLimits(this.#config.limits, own)));
    return limits;
  }

  async #refuse(job: Job, response: ActivationResponse): Promise<void> {
    this.#conclusion.say(await this.#conclusion.fail(job, response));
  }

  #sendPing(): void {
    const { bus, id, logger } = this.#deps;
    const ping = { invoker: id, userMemoryMb: this.#config.userMemoryMb, enabled: !this.#draining };
    bus
      .publish(topics.health, ping)
      .catch((error: unknown) => logger.warn({ err: error }, 'Could not send a ping'));
  }
}
