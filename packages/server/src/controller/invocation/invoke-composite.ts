import {
  WHISK_ERROR,
  errorTexts,
  qualifiedName,
  type ActivationMessage,
  type ActivationRecord,
  type Json,
  type JsonObject,
  type SystemLimits,
} from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { RequestContext } from '../../base/request-context.ts';
import { logFieldsOf } from '../../observability/log-fields.ts';
import type { ActivationJournal, Unfinished } from '../../store/activation-journal.ts';
import type { KeptRecords } from '../../store/kept-records.ts';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';
import type { ActionResolver } from './action-cache.ts';
import { payloadLimit, refusePayload, unavailable } from './admission.ts';
import { compositeKindOf, type CompositeKind } from './composite-kind.ts';
import { endRecord, goneRecord } from './composite-record.ts';
import { errorResponse, type CompositeEnd, type CompositeRun } from './composite-run.ts';
import type { InvokeRequest } from './invoke-action.ts';
import { runComposition, type CompositionDeps } from './invoke-composition.ts';
import type { InvokeOutcome } from './invoke-outcome.ts';
import { runSequence } from './invoke-sequence.ts';
import type { Invoking } from './invoking.ts';
import type { Payload } from './merge-parameters.ts';
import { ownMessage } from './own-message.ts';
import { prepareAction } from './prepared-action.ts';
import { refuseComponents } from './refuse-components.ts';
import { resumeUnfinished } from './resume-unfinished.ts';

export interface CompositeInvocationsDeps {
  readonly journal: Pick<ActivationJournal, 'accept' | 'start' | 'finish' | 'discard'>;
  readonly actions: ActionResolver;
  readonly entitlements: Pick<EntitlementChecks, 'check'>;
  /** Runs a conductor as the plain action that it is, too. */
  readonly containers: CompositionDeps['containers'];
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'activationId' | 'transactionId'>;
  readonly logger: Logger;
  readonly limits: SystemLimits;
  readonly records: Pick<KeptRecords, 'finish'>;
  /** Runs at once, and characters of arguments that they hold; more are refused with 503. */
  readonly maxRuns?: number;
  readonly maxChars?: number;
}

const MAX_RUNS = 10_000;
const MAX_CHARS = 256 * 1024 * 1024;
const JOURNAL_RETRY_MS = 1000;
const DRAIN_MS = 5000;

const failures = {
  sequence: errorTexts.sequenceFailed,
  composition: errorTexts.compositionFailed,
} as const satisfies { [kind in CompositeKind]: string };

interface Begin {
  readonly ctx: RequestContext;
  readonly message: ActivationMessage;
  readonly target: CompositeRun['target'];
  readonly kind: CompositeKind;
  readonly outer: CompositeRun['outer'];
  readonly invoking: Invoking;
  readonly payload: Payload | undefined;
}

/**
 * Runs sequences and compositions: admits them, makes their intent durable where nobody waits, runs their parts through
 * `invoking`, and writes their records.
 *
 * Stopping: no part is begun any more. A run whose part was the last ends as it would; another one ends with the record of
 * one that was stopped. One that had not begun, and is durable, is left to the next start.
 */
export class CompositeInvocations {
  readonly #deps: CompositeInvocationsDeps;
  readonly #runs = new Map<string, CompositeRun>();
  readonly #load = { chars: 0 };
  readonly #stop = new AbortController();
  #whenEmpty: (() => void)[] = [];

  private constructor(deps: CompositeInvocationsDeps) {
    this.#deps = deps;
  }

  static open(deps: CompositeInvocationsDeps): CompositeInvocations {
    return new CompositeInvocations(deps);
  }

  /** As {@link Invoking.invoke}. `waitMs` may be infinite. */
  async invoke(
    ctx: RequestContext,
    request: InvokeRequest,
    { kind, invoking }: Pick<Begin, 'kind' | 'invoking'>,
  ): Promise<InvokeOutcome> {
    const { identity, payload, target, waitMs } = request;
    const { parameters } = prepareAction(target, identity.namespace.name);
    const refused =
      refusePayload(parameters, payload, payloadLimit(this.#deps.limits, identity.limits)) ??
      (await refuseComponents(identity, target.action.entity.exec, this.#deps.entitlements));
    if (refused) return refused;
    if (!this.#hasRoom()) return unavailable;
    const activationId = this.#deps.ids.activationId();
    const message = ownMessage(ctx, request, { activationId, initArgs: [] });
    message.composite = kind;
    if (payload !== undefined) message.content = payload.json;
    if (ctx.trail?.traceparent !== undefined) message.traceparent = ctx.trail.traceparent;
    const run = this.#begin({ ctx, message, target, kind, outer: request.scope, invoking, payload });
    return waitMs === undefined ? this.#accept(run, payload) : this.#runAndWait(run, payload, waitMs);
  }

  /** Under way, oldest first. */
  inFlight(): readonly (readonly [activationId: string, fqn: string])[] {
    return [...this.#runs.values()].map(({ message }) => [
      message.activationId,
      `${qualifiedName(message.action)}@${message.version}`,
    ]);
  }

  /** Settles what a crash left behind, as `Invocations.resume` does. A part waits in `ready` until it can run. */
  async resume(
    unfinished: readonly Unfinished[],
    { invoking, ready }: { readonly invoking: Invoking; readonly ready: () => boolean },
  ): Promise<void> {
    const { actions, clock, journal, logger } = this.#deps;
    await resumeUnfinished(unfinished, {
      actions,
      journal,
      clock,
      logger,
      stopped: () => this.#stop.signal.aborted,
      publish: async (message) => ready() && this.#rerun(message, invoking),
    });
  }

  /** Refuses everything new, and begins no further part of what runs. */
  stop(): void {
    this.#stop.abort();
  }

  /**
   * Stops, and resolves when every run has its record. Their parts should have ended before; one whose part still does
   * not answer is recorded as stopped.
   */
  async drain(): Promise<void> {
    this.stop();
    if (this.#runs.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = this.#deps.clock.after(DRAIN_MS, resolve);
      this.#whenEmpty.push(() => {
        timer.cancel();
        resolve();
      });
    });
    await Promise.all([...this.#runs.values()].map((run) => this.#end(run, 'stopped')));
  }

  #hasRoom(): boolean {
    const { maxChars = MAX_CHARS, maxRuns = MAX_RUNS } = this.#deps;
    return !this.#stop.signal.aborted && this.#runs.size < maxRuns && this.#load.chars < maxChars;
  }

  #begin({ ctx, message, target, kind, outer, invoking, payload }: Begin): CompositeRun {
    const heldChars = payload?.json.length ?? 0;
    this.#load.chars += heldChars;
    const run: CompositeRun = {
      ctx,
      kind,
      message,
      target,
      outer,
      invoking,
      load: this.#load,
      heldChars,
      startedAt: this.#deps.clock.now(),
      parts: [],
      partsMs: 0,
      memoryMb: 0,
      ended: false,
    };
    this.#runs.set(message.activationId, run);
    return run;
  }

  #release(run: CompositeRun): void {
    run.ended = true;
    this.#runs.delete(run.message.activationId);
    this.#load.chars -= run.heldChars;
    if (this.#runs.size > 0) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  /** Nobody waits: the intent is durable before anything runs, and before the client learns the id. */
  async #accept(run: CompositeRun, payload: Payload | undefined): Promise<InvokeOutcome> {
    const { activationId } = run.message;
    try {
      await this.#deps.journal.accept(run.message);
    } catch (error) {
      this.#refusedByJournal(run, error);
      this.#release(run);
      return unavailable;
    }
    // The next start runs it.
    if (this.#stop.signal.aborted) this.#release(run);
    else void this.#execute(run, payload);
    return { outcome: 'accepted', activationId };
  }

  #runAndWait(run: CompositeRun, payload: Payload | undefined, waitMs: number): Promise<InvokeOutcome> {
    const { activationId } = run.message;
    return new Promise((answer) => {
      const timer = Number.isFinite(waitMs)
        ? this.#deps.clock.after(waitMs, () => void this.#acceptLate(run).then(answer))
        : undefined;
      void this.#execute(run, payload).then((record) => {
        timer?.cancel();
        answer(record ? { outcome: 'finished', activationId, record } : unavailable);
      });
    });
  }

  /** The wait is over. That it had started stands in the journal before the intent: a crash ends it with a record. */
  async #acceptLate(run: CompositeRun): Promise<InvokeOutcome> {
    const { activationId } = run.message;
    run.message.durable = true;
    try {
      await this.#deps.journal.accept(run.message);
      // It ended meanwhile. Where its record is not kept, the journal may have taken the end before the intent.
      if (run.ended) await this.#deps.journal.discard(activationId);
      return { outcome: 'accepted', activationId };
    } catch (error) {
      this.#refusedByJournal(run, error);
      return unavailable;
    }
  }

  /** Runs it to its end. Undefined when its record could not be written. */
  async #execute(run: CompositeRun, payload: Payload | undefined): Promise<ActivationRecord | undefined> {
    const end = await this.#run(run, payload);
    // A drain has ended it meanwhile.
    return run.ended ? undefined : this.#end(run, end);
  }

  async #end(run: CompositeRun, end: CompositeEnd): Promise<ActivationRecord | undefined> {
    const record = endRecord(run, end, this.#deps.clock.now());
    const beganMs = run.ctx.trail?.now();
    const written = await this.#write(run, record);
    run.ctx.trail?.step('record', beganMs, logFieldsOf(run.message));
    this.#release(run);
    return written ? record : undefined;
  }

  async #run(run: CompositeRun, payload: Payload | undefined): Promise<CompositeEnd> {
    const { kind, message } = run;
    const { actions, containers, entitlements, ids, journal, limits, logger } = this.#deps;
    const stopped = () => this.#stop.signal.aborted;
    const deps = {
      actions,
      ids,
      logger,
      containers,
      entitlements,
      maxLength: limits.sequenceMaxLength,
      stopped,
    };
    try {
      const started = journal.start(message);
      if (message.durable) await started;
      else started.catch((error: unknown) => this.#warn(run, error));
      return await (kind === 'sequence'
        ? runSequence(run, payload, deps)
        : runComposition(run, payload, deps));
    } catch (error) {
      this.#warn(run, error);
      return errorResponse(WHISK_ERROR, failures[kind]);
    }
  }

  /** Where the client has gone with the id alone, the record is tried again until the journal takes it. */
  async #write(run: CompositeRun, record: ActivationRecord): Promise<boolean> {
    const { clock, records } = this.#deps;
    for (let tries = 1; ; tries++) {
      try {
        await records.finish(run.message, record, run.parts);
        return true;
      } catch (error) {
        if (tries === 1) this.#warn(run, error);
        if (!run.message.durable || this.#stop.signal.aborted) return false;
      }
      await clock.sleep(JOURNAL_RETRY_MS, this.#stop.signal).catch(() => {});
    }
  }

  #refusedByJournal({ message }: CompositeRun, error: unknown): void {
    this.#deps.logger.error({ err: error, ...logFieldsOf(message) }, 'The journal refused an activation');
  }

  #warn({ kind, message }: CompositeRun, error: unknown): void {
    this.#deps.logger.error(
      { err: error, ...logFieldsOf(message), kind },
      'A sequence or composition failed',
    );
  }

  /** What is no sequence any more, or no longer there, ends with a record that says so. */
  async #rerun(message: ActivationMessage, invoking: Invoking): Promise<boolean> {
    const { actions, clock, journal, logger } = this.#deps;
    if (!this.#hasRoom()) return false;
    const [namespace, name] = message.binding?.split('/') ?? [];
    const asked =
      namespace === undefined || name === undefined
        ? message.action
        : { namespace, package: name, name: message.action.name };
    const target = await actions.resolve(asked);
    const kind = target && compositeKindOf(target.action.entity);
    if (!target || !kind) {
      await journal.finish(goneRecord(message), []);
      return true;
    }
    const { content, transactionId, transactionStart } = message;
    const payload =
      content === undefined
        ? undefined
        : { json: content, value: JSON.parse(content) as JsonObject | Json[] };
    const { extraLogging = false } = message;
    const ctx = {
      transactionId,
      extraLogging,
      startedAt: transactionStart,
      clock,
      logger: logger.child({ transactionId }),
    };
    const again = { ...message, composite: kind };
    const run = this.#begin({ ctx, message: again, target, kind, outer: undefined, invoking, payload });
    void this.#execute(run, payload);
    return true;
  }
}
