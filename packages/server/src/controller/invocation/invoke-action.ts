import type {
  AcknowledgementMessage,
  ActivationMessage,
  Identity,
  PingMessage,
  SystemLimits,
} from '@vibrissa/protocol';
import { qualifiedName } from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { Counter, Metrics } from '../../base/metrics.ts';
import type { RequestContext } from '../../base/request-context.ts';
import type { Trail } from '../../base/trail.ts';
import type { MessageBus, Subscription } from '../../messaging/message-bus.ts';
import { topics, type StoppedRun, type Topic } from '../../messaging/topics.ts';
import { logFieldsOf } from '../../observability/log-fields.ts';
import type { ActivationJournal, Unfinished } from '../../store/activation-journal.ts';
import { Completions, type Flight } from '../loadbalancer/completions.ts';
import { InvokerFleet, type InvokerState } from '../loadbalancer/invoker-fleet.ts';
import { LoadBalancer } from '../loadbalancer/load-balancer.ts';
import { NONE } from '../loadbalancer/schedule.ts';
import type { ActionResolver } from './action-cache.ts';
import { payloadLimit, refuseContent, refusePayload, unavailable } from './admission.ts';
import { ResultWaits } from './await-result.ts';
import type { CompositeScope } from './composite-scope.ts';
import type { InvokeOutcome } from './invoke-outcome.ts';
import { lockedArguments, mergeParameters, type Payload } from './merge-parameters.ts';
import { ownMessage, type OwnMessage } from './own-message.ts';
import { prepareAction } from './prepared-action.ts';
import type { ResolvedAction } from './resolved-action.ts';
import { resumeUnfinished, type ResumeReport } from './resume-unfinished.ts';
import { stoppedRecord } from './stopped-record.ts';

export type { InvokeOutcome } from './invoke-outcome.ts';

export interface InvokeRequest {
  readonly identity: Identity;
  readonly target: ResolvedAction;
  /** The body as text and parsed. */
  readonly payload: Payload | undefined;
  /**
   * How long the caller waits, in milliseconds; who serves clients keeps to `maxBlockingWaitMs`. Undefined for a
   * non-blocking invocation.
   */
  readonly waitMs: number | undefined;
  /** The activation that this one is part of. */
  readonly cause?: string;
  /** What it shares with the other parts of a sequence or composition; absent for what a client invoked. */
  readonly scope?: CompositeScope;
}

export interface InvocationsDeps {
  readonly bus: MessageBus;
  readonly journal: Pick<ActivationJournal, 'accept' | 'finish' | 'discard'>;
  readonly actions: ActionResolver;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'activationId'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly limits: SystemLimits;
  /** In [0, 1). */
  readonly random: () => number;
  /** This controller's id; invokers answer to its topic. */
  readonly controller?: string;
  /** Silence after which an invoker counts as down; absent when it lives in this process. */
  readonly invokerOfflineAfterMs?: number;
  /** Activations that may be on their way at once; more are refused with 503, so that memory stays bounded. */
  readonly maxInFlight?: number;
  /** Characters of arguments that may be on their way at once, for the same reason. */
  readonly maxInFlightChars?: number;
}

const MAX_IN_FLIGHT = 10_000;
const MAX_IN_FLIGHT_CHARS = 256 * 1024 * 1024;
const ACKNOWLEDGEMENTS_IN_FLIGHT = 1;

/**
 * Invokes actions: admits, makes the intent durable where nobody waits for the result, chooses an invoker, hands the
 * message to the bus, and answers when the result is there or the wait is over.
 */
export class Invocations {
  readonly #deps: InvocationsDeps;
  readonly #balancer: LoadBalancer;
  readonly #fleet: InvokerFleet;
  readonly #completions: Completions;
  readonly #waits: ResultWaits;
  readonly #subscriptions: Subscription<unknown>[];
  readonly #invokerTopics: Topic<ActivationMessage>[] = [];
  readonly #maxInFlight: number;
  readonly #maxInFlightChars: number;
  readonly #accepted: Counter;
  readonly #blocking: Counter;
  readonly #published: Counter;
  readonly #unpublished: Counter;
  #stopping = false;

  private constructor(deps: InvocationsDeps) {
    this.#deps = deps;
    const { bus, clock, logger, metrics, random, invokerOfflineAfterMs } = deps;
    this.#maxInFlight = deps.maxInFlight ?? MAX_IN_FLIGHT;
    this.#maxInFlightChars = deps.maxInFlightChars ?? MAX_IN_FLIGHT_CHARS;
    this.#balancer = LoadBalancer.open({ metrics, random });
    this.#fleet = InvokerFleet.open({
      clock,
      logger,
      metrics,
      listener: this.#balancer.slots,
      ...(invokerOfflineAfterMs !== undefined && { offlineAfterMs: invokerOfflineAfterMs }),
    });
    this.#completions = Completions.open({
      clock,
      metrics,
      balancer: this.#balancer,
      onLost: (message) => void this.#record(message, 'lost'),
    });
    this.#waits = ResultWaits.open({ clock, metrics, onExpired: (flight) => void this.#acceptLate(flight) });
    this.#accepted = metrics.counter('counter_controller_activation_start_total');
    this.#blocking = metrics.counter('counter_controller_blockingActivation_start_total');
    this.#published = metrics.counter('counter_loadbalancer_activations_total');
    this.#unpublished = metrics.counter('counter_controller_loadbalancer_error_total');
    metrics.counter('counter_controller_startup_counter_total', deps.controller ?? '0').add();
    const options = { maxInFlight: ACKNOWLEDGEMENTS_IN_FLIGHT };
    this.#subscriptions = [
      bus.subscribe(topics.completed(deps.controller ?? '0'), options, (message: AcknowledgementMessage) =>
        this.#completions.acknowledge(message),
      ),
      bus.subscribe(topics.health, options, (message: PingMessage) => this.#fleet.ping(message)),
    ];
  }

  static open(deps: InvocationsDeps): Invocations {
    return new Invocations(deps);
  }

  /**
   * Runs an action, or refuses to. A client that goes away changes nothing: what was admitted runs to its end.
   * Never rejects for a fault of journal or bus: those are refusals (503).
   */
  invoke(ctx: RequestContext, request: InvokeRequest): Promise<InvokeOutcome> {
    const { identity, target, payload, waitMs } = request;
    if (this.#stopping || !this.#hasRoom()) return Promise.resolve(unavailable);
    const prepared = prepareAction(target, identity.namespace.name);
    const allowedBytes = payloadLimit(this.#deps.limits, identity.limits);
    const refusedPayload = refusePayload(prepared.parameters, payload, allowedBytes);
    if (refusedPayload) return Promise.resolve(refusedPayload);
    const content = mergeParameters(prepared.parameters, payload);
    const refusedContent = refuseContent(content, allowedBytes + prepared.parameters.lockExpansion);
    if (refusedContent) return Promise.resolve(refusedContent);
    const beganMs = ctx.trail?.now();
    const invoker = this.#balancer.place(prepared.need);
    if (invoker === NONE) return Promise.resolve(unavailable);

    const activationId = this.#deps.ids.activationId();
    const message = ownMessage(ctx, request, { activationId, initArgs: prepared.parameters.initArgs });
    if (content !== undefined) message.content = content;
    const lockedArgs = lockedArguments(prepared.parameters, payload);
    if (lockedArgs !== undefined) message.lockedArgs = lockedArgs;
    if (target.environment !== undefined) message.environment = target.environment;
    if (ctx.trail) follow(ctx.trail, { message, invoker, beganMs });
    const timeLimitMs = target.action.entity.limits.timeout;
    const flight = this.#completions.admit(message, { invoker, need: prepared.need, timeLimitMs });
    if (waitMs === undefined) return this.#accept(flight, ctx.trail);
    return this.#publishAndWait(flight, waitMs, ctx.trail);
  }

  /** In-flight activations of a namespace: what its concurrency limit counts. */
  inFlightOf(namespaceUuid: string): number {
    return this.#completions.counts.of(namespaceUuid);
  }

  /** Every activation on its way, oldest first. */
  inFlight(): readonly (readonly [activationId: string, fqn: string])[] {
    const list: (readonly [string, string])[] = [];
    for (const { message } of this.#completions.flights()) {
      list.push([message.activationId, `${qualifiedName(message.action)}@${message.version}`]);
    }
    return list;
  }

  /** Invokers and their states, by id. */
  invokers(): readonly (readonly [invoker: number, state: InvokerState])[] {
    return this.#fleet.states();
  }

  /** Memory (MB) that is taken on an invoker, as this controller counts it. */
  usedMb(invoker: number): number {
    return this.#balancer.slots.usedMb(invoker);
  }

  /**
   * Settles what a crash left behind: runs what had not started and gives the rest a terminal record. Resolves when all
   * are recorded or published again; `report.recorded` are in the journal first.
   */
  resume(unfinished: readonly Unfinished[]): Promise<ResumeReport> {
    const { actions, journal, clock, logger } = this.#deps;
    return resumeUnfinished(unfinished, {
      actions,
      journal,
      clock,
      logger,
      stopped: () => this.#stopping,
      publish: (message, target) => this.#republish(message, target),
    });
  }

  /** Refuses everything new from now on (503). */
  stop(): void {
    this.#stopping = true;
  }

  /**
   * Takes messages back that an invoker will not start. Their intents are durable when it resolves, and the next start
   * runs them; clients that wait for them get their activation id (202).
   */
  async handBack(messages: readonly ActivationMessage[]): Promise<void> {
    await Promise.all(
      messages.map(async ({ activationId }) => {
        const flight = this.#completions.get(activationId);
        // What it is part of ends here: alone it would be of no use.
        if (flight?.message.cause !== undefined && !flight.message.durable) {
          return this.#endStopped(activationId, 'notStarted');
        }
        if (flight && !flight.message.durable) await this.#acceptLate(flight);
        this.#completions.release(activationId);
      }),
    );
  }

  /**
   * Refuses what is new and waits until what is on its way has ended, at most for `deadlineMs`; what has not by then is
   * recorded as stopped. What an invoker gives back meanwhile belongs to {@link handBack}.
   */
  async drain(deadlineMs: number): Promise<void> {
    this.stop();
    const deadline = new Promise<void>((resolve) => {
      const timer = this.#deps.clock.after(deadlineMs, resolve);
      void this.#completions.empty().then(() => timer.cancel());
    });
    await Promise.race([this.#completions.empty(), deadline]);
    const known = [...this.#completions.flights()].filter(({ published }) => published);
    await Promise.all(known.map(({ message }) => this.#endStopped(message.activationId, 'started')));
    // Intents that are being written: they end as soon as they are durable, and the next start runs them.
    await this.#completions.empty();
  }

  /**
   * Ends activations whose code an invoker had to stop: each gets a terminal record (whisk internal error), which is also
   * the answer to a client that waits.
   */
  async recordStopped(runs: readonly StoppedRun[]): Promise<void> {
    await Promise.all(runs.map((run) => this.#endStopped(run.message.activationId, 'started', run)));
  }

  /** Stops listening. What is on its way is no longer followed: drain first. */
  async close(): Promise<void> {
    this.stop();
    this.#completions.close();
    this.#waits.close();
    this.#fleet.close();
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
  }

  #hasRoom(): boolean {
    return (
      this.#completions.size < this.#maxInFlight && this.#completions.contentChars < this.#maxInFlightChars
    );
  }

  /** Nobody waits: the intent is durable before anything runs, and before the client learns the id. */
  async #accept(flight: Flight, trail: Trail | undefined): Promise<InvokeOutcome> {
    const { activationId } = flight.message;
    try {
      await this.#deps.journal.accept(flight.message);
    } catch (error) {
      this.#refusedByJournal(flight.message, error);
      this.#completions.release(activationId);
      return unavailable;
    }
    this.#accepted.add();
    // The next start runs it: this one has nobody left to hand it to.
    if (this.#stopping) this.#completions.release(activationId);
    else if (!(await this.#publish(flight, trail))) return unavailable;
    return { outcome: 'accepted', activationId };
  }

  #publishAndWait(flight: Flight, waitMs: number, trail: Trail | undefined): Promise<InvokeOutcome> {
    this.#blocking.add();
    const outcome = this.#waits.begin(flight, waitMs);
    void this.#publish(flight, trail);
    return outcome;
  }

  /** Hands the message to its invoker. When the bus can't take it, everything it held is given back and false returned. */
  async #publish(flight: Flight, trail: Trail | undefined): Promise<boolean> {
    flight.published = true;
    const beganMs = trail?.now();
    try {
      await this.#deps.bus.publish(this.#topicOf(flight.invoker), flight.message);
      this.#published.add();
      trail?.step('publish', beganMs, logFieldsOf(flight.message));
      return true;
    } catch (error) {
      const { activationId, durable } = flight.message;
      this.#unpublished.add();
      this.#deps.logger.error(
        { err: error, ...logFieldsOf(flight.message) },
        'The bus refused an activation',
      );
      this.#completions.release(activationId);
      // A durable intent would run at the next start though its client was told that it doesn't.
      if (durable) await this.#record(flight.message, 'unpublished');
      flight.waiter?.unavailable();
      return false;
    }
  }

  /**
   * The wait is over and the activation is not: its intent becomes durable before the client gets the id, unless the
   * result comes first. The invoker holds this very message. Where it has not started the code, it sees that the intent is
   * durable and journals the start before it runs; where it has, the start stands in the journal before the intent.
   */
  async #acceptLate(flight: Flight): Promise<void> {
    const message = flight.message as OwnMessage;
    message.durable = true;
    try {
      await this.#deps.journal.accept(message);
      flight.waiter?.accepted();
      // It ended meanwhile. Where its record is not kept, the journal may have taken the end before the intent.
      if (flight.ended) await this.#deps.journal.discard(message.activationId);
    } catch (error) {
      this.#refusedByJournal(message, error);
      flight.waiter?.unavailable();
    }
  }

  #refusedByJournal(message: ActivationMessage, error: unknown): void {
    this.#deps.logger.error({ err: error, ...logFieldsOf(message) }, 'The journal refused an activation');
  }

  async #republish(message: ActivationMessage, target: ResolvedAction | undefined): Promise<boolean> {
    const { timeLimit, memory } = this.#deps.limits;
    if (this.#stopping || !this.#hasRoom()) return false;
    const need = target
      ? prepareAction(target, message.user.namespace.name).need
      : // Its action is gone; the invoker will say so, and needs a place for that.
        { hash: 0, memoryMb: memory.stdMb, concurrency: 1, actionKey: '', blackbox: false };
    const invoker = this.#balancer.place(need);
    if (invoker === NONE) return false;
    const timeLimitMs = target?.action.entity.limits.timeout ?? timeLimit.stdMs;
    const flight = this.#completions.admit(message, { invoker, need, timeLimitMs });
    flight.published = true;
    try {
      await this.#deps.bus.publish(this.#topicOf(invoker), message);
      this.#published.add();
      return true;
    } catch {
      this.#completions.release(flight.message.activationId);
      return false;
    }
  }

  async #endStopped(activationId: string, why: 'started' | 'notStarted', run?: StoppedRun): Promise<void> {
    const flight = this.#completions.get(activationId);
    if (!flight) return;
    this.#completions.release(activationId);
    const record = await this.#record(flight.message, why, run);
    if (record) flight.waiter?.finished(record);
    else flight.waiter?.unavailable();
  }

  async #record(message: ActivationMessage, why: Parameters<typeof stoppedRecord>[1], run?: StoppedRun) {
    const record = stoppedRecord(message, why, run);
    try {
      await this.#deps.journal.finish(record, run?.logs ?? []);
      return record;
    } catch (error) {
      this.#deps.logger.error(
        { err: error, ...logFieldsOf(message) },
        'The journal refused the record of an activation without an outcome',
      );
      return undefined;
    }
  }

  #topicOf(invoker: number): Topic<ActivationMessage> {
    let topic = this.#invokerTopics[invoker];
    if (!topic) {
      topic = topics.invoker(invoker);
      this.#invokerTopics[invoker] = topic;
    }
    return topic;
  }
}

/** What the invoker does belongs to the same trace; its message says so. */
function follow(
  trail: Trail,
  placed: { readonly message: OwnMessage; readonly invoker: number; readonly beganMs: number | undefined },
): void {
  const { message, invoker, beganMs } = placed;
  const { traceparent } = trail;
  if (traceparent !== undefined) message.traceparent = traceparent;
  trail.step('schedule', beganMs, { ...logFieldsOf(message), invoker });
}
