import { DEVELOPER_ERROR, effectiveLimits, NO_SENTINEL, type ActivationResponse } from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { StepFields } from '../../base/trail.ts';
import type { Container, ContainerExit } from '../../containers/container.ts';
import type {
  ContainerFactory,
  ContainerSpec,
  RecoveredContainer,
  StartHooks,
} from '../../containers/container-factory.ts';
import { logFieldsOf, type ActivationLogFields } from '../../observability/log-fields.ts';
import type { ActivationJournal } from '../../store/activation-journal.ts';
import type { InvokerConfig } from '../invoker-config.ts';
import type { Job } from '../job.ts';
import { recordOf, type ActivationTiming } from '../record-activation.ts';
import type { CodeCache } from '../run/code-cache.ts';
import type { SentinelStyle } from '../run/collect-logs.ts';
import type { Conclusion, LogSource } from '../run/conclude-activation.ts';
import type { ContainerClient } from '../run/container-client.ts';
import type { AnswerLimits, NotRun, Step } from '../run/init-and-run.ts';
import { resultTexts, whiskError } from '../run/interpret-result.ts';
import { apply, type ContainerEvent, type Phase } from './container-state.ts';
import { dropLogs, gatherLogs } from './gather-logs.ts';
import { journalStart } from './journal-start.ts';
import { linkContainer, type LinkedContainer } from './link-container.ts';
import { broken, completed, type RunEnd } from './run-end.ts';
import { startFailure } from './start-failure.ts';

export interface WorkerDeps {
  readonly factory: ContainerFactory;
  readonly journal: ActivationJournal;
  readonly conclusion: Conclusion;
  readonly code: CodeCache;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly config: InvokerConfig;
  /** Counts transitions that the table does not know. */
  readonly countIllegal: () => void;
}

/** How long a container that gave no answer may take to end, so that its end tells why. */
const EXIT_PATIENCE_MS = 2000;
/** After a container's end its connections are given so long to bring what it still sent. */
const LAST_BYTES_MS = 500;
/** Where the cluster ended it, hardly anything is on its way. */
const LOST_BYTES_MS = 50;

/** What to drive. */
interface Plan {
  readonly spec: ContainerSpec;
  readonly style: SentinelStyle;
  /** Undefined: it has to be made. */
  readonly found?: RecoveredContainer;
  /** For one that has to be made. */
  readonly hooks?: StartHooks | undefined;
}

type Init = { readonly startedAt: number; readonly tookMs: number };
type Preparation =
  { readonly ready: true; readonly init?: Init } | { readonly ready: false; readonly end: RunEnd };

/** Drives one container: starts it, initialises it, runs activations in it, pauses and removes it. */
export class ContainerWorker {
  readonly spec: ContainerSpec;
  /** Epoch milliseconds at which it was begun, or found. */
  readonly since: number;
  /** Resolves, never rejects, once: the container can't be used any more, and this is why. */
  readonly broken: Promise<string>;
  readonly #deps: WorkerDeps;
  readonly #style: SentinelStyle;
  readonly #abort = new AbortController();
  readonly #starting: Promise<LinkedContainer>;
  #started: LinkedContainer | undefined;
  #exit: ContainerExit | undefined;
  #reportBroken: (why: string) => void = () => {};
  #whyBroken: string | undefined;
  /** A connection to it could not be made. */
  #isUnreachable = false;
  #phase: Phase = 'starting';
  #active = 0;
  #activations = 0;
  /** The first activation initialises; others of a concurrent action wait for it. */
  #initialising: Promise<ActivationResponse | 'not-run' | undefined> | undefined;
  #pausing: Promise<void> | undefined;
  #resuming: Promise<void> | undefined;
  #removing: Promise<void> | undefined;
  #answerLimits: AnswerLimits | undefined;

  private constructor(deps: WorkerDeps, { spec, style, found, hooks }: Plan) {
    this.#deps = deps;
    this.spec = spec;
    this.#style = style;
    this.since = deps.clock.now();
    this.broken = new Promise((resolve) => (this.#reportBroken = resolve));
    this.#starting = found
      ? Promise.resolve(this.#link(found.container, found.memo ? 'recovered' : 'started'))
      : this.#start(hooks);
    // Whoever waits for the start sees its failure; a container that nobody waits for is reported as broken.
    this.#starting.catch((error: unknown) =>
      this.#break(error instanceof Error ? error.message : String(error)),
    );
  }

  /** Starts a container. It is there at once, and takes activations while it starts. */
  static open(deps: WorkerDeps, plan: Omit<Plan, 'found'>): ContainerWorker {
    return new ContainerWorker(deps, plan);
  }

  /** Goes on with a container of an earlier life: with its action where it has one, else prewarmed. */
  static adopt(deps: WorkerDeps, found: RecoveredContainer, style: SentinelStyle): ContainerWorker {
    return new ContainerWorker(deps, { spec: found.spec, style, found });
  }

  get phase(): Phase {
    return this.#phase;
  }

  get containerId(): string | undefined {
    return this.#started?.container.id;
  }

  /** How many it has run. */
  get activations(): number {
    return this.#activations;
  }

  /** Nothing runs in it, nothing is being done to it, and it can be used again. */
  get isAtRest(): boolean {
    const rests = this.#phase === 'prewarmed' || this.#phase === 'ready' || this.#phase === 'paused';
    return rests && this.#active === 0 && this.#whyBroken === undefined;
  }

  /** Resolves when it is started; rejects with why it could not be. */
  async whenStarted(): Promise<void> {
    await this.#starting;
  }

  /** Runs one activation to its record. Never rejects. */
  async run(job: Job): Promise<RunEnd> {
    this.#active += 1;
    let end: RunEnd;
    try {
      end = await this.#serve(job);
    } catch (error) {
      end = await this.#failInternally(job, error);
    }
    this.#active -= 1;
    if (this.#active === 0 && this.#phase === 'running') this.#on('idle');
    return this.#whyBroken !== undefined && end.end === 'completed' ? broken(this.#whyBroken, end) : end;
  }

  /** Freezes the idle container; resolves when it is frozen or can't be. */
  async pause(): Promise<void> {
    if (this.#phase !== 'ready' || !this.#started) return;
    this.#on('pause-began');
    const { container } = this.#started;
    this.#pausing = container.suspend?.() ?? Promise.resolve();
    try {
      await this.#pausing;
      if (this.phase === 'pausing') this.#on('paused');
    } catch (error) {
      this.#deps.logger.warn({ err: error, containerId: container.id }, 'Could not pause a container');
      this.#break('it could not be paused');
    } finally {
      this.#pausing = undefined;
    }
  }

  /** Ends the container; resolves when nothing of it is left. Idempotent. */
  remove(): Promise<void> {
    return (this.#removing ??= this.#remove());
  }

  /** Lets go of the container at rest, and leaves it to a later life. */
  leave(): void {
    this.#removing ??= Promise.resolve();
    this.#on('removal-began');
    this.#started?.client.close();
    this.#on('removed');
  }

  async #remove(): Promise<void> {
    this.#on('removal-began');
    this.#abort.abort();
    try {
      // A container that is there begins to end in this very call: its memory may be given away already.
      const { container, client } = this.#started ?? (await this.#starting);
      const gone = container.destroy();
      client.close();
      await gone;
    } catch {
      // It never started: the factory leaves nothing behind.
    }
    this.#on('removed');
  }

  async #start(hooks: StartHooks | undefined): Promise<LinkedContainer> {
    const container = await this.#deps.factory.create(this.spec, this.#abort.signal, hooks);
    return this.#link(container, 'started');
  }

  #link(container: Container, event: 'started' | 'recovered'): LinkedContainer {
    const { clock, logger } = this.#deps;
    const started = linkContainer(container, {
      clock,
      logger,
      style: this.#style,
      onBroken: (why) => this.#break(why),
      exit: () => this.#awaitExit(container),
    });
    this.#started = started;
    if (this.#phase === 'starting') this.#on(event);
    void container.died.then((exit) => this.#onDeath(exit, started.client));
    return started;
  }

  async #serve(job: Job): Promise<RunEnd> {
    if (this.#started && (this.#phase === 'ready' || this.#phase === 'running')) {
      return this.#runOnce(job, this.#started, undefined);
    }
    // The code is read while the container starts.
    const code = this.#deps.code.json(job.action.entity.exec.codeDigest);
    code.catch(() => undefined);
    let started: LinkedContainer;
    try {
      started = this.#started ?? (await this.#starting);
    } catch (error) {
      return this.#failStart(job, error);
    }
    if (this.#phase === 'removing' || this.#phase === 'gone')
      return { end: 'rejected', why: 'it is being removed' };
    if (this.#initialising === undefined && this.#phase === 'prewarmed')
      return this.#initAndRun(job, started, code);
    const preparation = await this.#prepare(job);
    return preparation.ready ? this.#runOnce(job, started, undefined) : preparation.end;
  }

  /** Waits for another activation's `/init`, or thaws. */
  async #prepare(job: Job): Promise<Preparation> {
    const init = await this.#initialising;
    if (init === 'not-run') return { ready: false, end: this.#reject(job, 'it did not initialise') };
    if (init !== undefined) {
      const concluded = await this.#deps.conclusion.fail(job, init);
      return { ready: false, end: broken('its initialisation failed', concluded) };
    }
    try {
      await this.#pausing;
      if (this.#phase === 'paused') this.#resuming = this.#resume();
      await this.#resuming;
    } catch (error) {
      this.#deps.logger.warn({ err: error, ...this.#fieldsOf(job) }, 'Could not resume a container');
      return { ready: false, end: { end: 'rejected', why: 'it could not be resumed' } };
    }
    if (this.#phase === 'ready' || this.#phase === 'running') return { ready: true };
    return { ready: false, end: { end: 'rejected', why: `it is ${this.#phase}` } };
  }

  async #resume(): Promise<void> {
    this.#on('resume-began');
    await this.#started?.container.resume?.();
    if (this.#phase === 'resuming') this.#on('resumed');
  }

  async #initAndRun(
    job: Job,
    started: LinkedContainer,
    pendingCode: Promise<string | undefined>,
  ): Promise<RunEnd> {
    this.#on('init-began');
    started.client.getReady();
    let settle: (result: ActivationResponse | 'not-run' | undefined) => void = () => {};
    this.#initialising = new Promise((resolve) => (settle = resolve));
    try {
      if (job.action.needsInternet) await started.container.specialise?.({ internet: true });
    } catch (error) {
      settle('not-run');
      return this.#failStart(job, error);
    }
    let code: string | undefined;
    try {
      code = await pendingCode;
    } catch (error) {
      settle('not-run');
      this.#deps.logger.error({ err: error, ...this.#fieldsOf(job) }, 'Could not read the code of an action');
      const concluded = await this.#deps.conclusion.fail(job, whiskError(resultTexts.actionUnreadable));
      return broken('it has no code', concluded);
    }
    const remembered = this.#remember(job, started.container);
    if (!(await this.#journalStart(job))) {
      settle('not-run');
      return broken('the journal is not available', this.#deps.conclusion.unrecorded(job.message));
    }
    if (remembered && !(await remembered)) {
      settle('not-run');
      return { ...this.#reject(job, 'what it becomes could not be kept'), byPlatform: true };
    }
    const logs = gatherLogs(job, started);
    const token = this.#tokenFor(started);
    logs?.logs.expect(started.collector.endMark(token));
    this.#tellContainer(job);
    const beganMs = job.trail?.now();
    const step = await started.session.initialise(job, code, token);
    job.trail?.step('init', beganMs, { containerId: this.containerId, outcome: step.outcome });
    if (step.outcome === 'not-run') {
      settle('not-run');
      dropLogs(logs);
      return this.#notRun(job, step);
    }
    if (step.response) {
      if (logs) logs.answered = step.answered;
      settle(step.response);
      if (step.timedOut) void started.container.destroy();
      const { startedAt, tookMs, timedOut, response } = step;
      const record = recordOf(job, { startedAt, initMs: tookMs, runMs: 0 }, { response, timedOut });
      return broken('its initialisation failed', await this.#deps.conclusion.conclude(job, record, logs));
    }
    if (this.#phase === 'initialising') this.#on('initialised');
    settle(undefined);
    return this.#runOnce(job, started, { startedAt: step.startedAt, tookMs: step.tookMs, logs });
  }

  async #runOnce(
    job: Job,
    started: LinkedContainer,
    init: (Init & { readonly logs: LogSource | undefined }) | undefined,
  ): Promise<RunEnd> {
    if (this.#phase !== 'ready' && this.#phase !== 'running')
      return this.#reject(job, `it is ${this.#phase}`);
    if (!init) {
      const journalled = this.#journalStart(job);
      if (job.message.durable && !(await journalled)) {
        return completed(this.#deps.conclusion.unrecorded(job.message));
      }
    }
    this.#on('run-began');
    if (!init) this.#tellContainer(job);
    this.#activations += 1;
    const source = init ? init.logs : gatherLogs(job, started);
    const token = this.#tokenFor(started);
    source?.logs.expect(started.collector.endMark(token));
    const running = job.trail?.branch('run', { containerId: this.containerId });
    if (running) job.traceparent = running.traceparent;
    const step = await started.session.run(job, token, this.#limitsOf(job));
    running?.end(runFieldsOf(step));
    if (step.outcome === 'not-run') {
      dropLogs(source);
      return this.#notRun(job, step);
    }
    const { response, timedOut } = step;
    if (source) source.answered = step.answered;
    // The code must stop now; with others in the same container it ends when they do.
    if (timedOut && this.#active === 1) void started.container.destroy();
    const timing: ActivationTiming = init
      ? { startedAt: step.startedAt - init.tookMs, initMs: init.tookMs, runMs: step.tookMs }
      : { startedAt: step.startedAt, runMs: step.tookMs };
    const record = recordOf(job, timing, { response, timedOut });
    const concluded = await this.#deps.conclusion.conclude(job, record, source);
    if (response.statusCode >= DEVELOPER_ERROR) return broken('its activation failed', concluded);
    return concluded.logsWhole ? completed(concluded) : broken('its logs could not be collected', concluded);
  }

  /** True when what the container becomes is kept; undefined where no later life would ask. */
  #remember(job: Job, container: Container): Promise<boolean> | undefined {
    const { key, action } = job;
    return container
      .remember?.({ key, action: action.path, capacity: action.entity.limits.concurrency })
      .then(
        () => true,
        (error: unknown) => {
          this.#deps.logger.error(
            { err: error, ...this.#fieldsOf(job) },
            'Could not keep what a container becomes',
          );
          return false;
        },
      );
  }

  #journalStart(job: Job): Promise<boolean> {
    return journalStart(job, this.#deps, (error) =>
      this.#deps.logger.error({ err: error, ...this.#fieldsOf(job) }, 'Could not journal a start'),
    );
  }

  #tellContainer({ containerState, trail }: Job): void {
    trail?.step('container', undefined, { containerId: this.containerId, containerState });
  }

  /** What the runtime is to end the logs of a request with. */
  #tokenFor({ style }: LinkedContainer): string {
    return style === 'answer' ? NO_SENTINEL : this.#deps.ids.token();
  }

  #limitsOf(job: Job): AnswerLimits {
    if (this.#answerLimits) return this.#answerLimits;
    const limits = effectiveLimits(this.#deps.config.limits, job.message.user.limits);
    return (this.#answerLimits = {
      maxBytes: limits.payloadMaxBytes,
      keepBytes: limits.payloadTruncationBytes,
    });
  }

  #notRun(job: Job, { why, unreachable }: NotRun): RunEnd {
    this.#isUnreachable ||= unreachable;
    return this.#reject(job, why);
  }

  #reject(job: Job, why: string): Extract<RunEnd, { readonly end: 'rejected' }> {
    job.started = false;
    const byPlatform = this.#exit ? this.#exit.lost !== undefined : this.#isUnreachable;
    return { end: 'rejected', why, ...(byPlatform && { byPlatform }) };
  }

  async #failStart(job: Job, error: unknown): Promise<RunEnd> {
    if (this.#abort.signal.aborted) return { end: 'rejected', why: 'it is being removed' };
    const { logger, conclusion } = this.#deps;
    logger.warn({ err: error, ...this.#fieldsOf(job), kind: this.spec.kind }, 'Could not start a container');
    return broken('it could not be started', await conclusion.fail(job, startFailure(error)));
  }

  async #failInternally(job: Job, error: unknown): Promise<RunEnd> {
    const { logger, conclusion } = this.#deps;
    logger.error({ err: error, ...this.#fieldsOf(job) }, 'An activation failed inside the platform');
    return broken('the platform failed', await conclusion.fail(job, whiskError()));
  }

  #fieldsOf({ message }: Job): ActivationLogFields & { readonly containerId: string | undefined } {
    return { ...logFieldsOf(message), containerId: this.containerId };
  }

  /** How the container ended, if it does so soon. */
  async #awaitExit({ died }: Container): Promise<ContainerExit | undefined> {
    const late = new AbortController();
    const patience = this.#deps.clock.sleep(EXIT_PATIENCE_MS, late.signal).catch(() => undefined);
    const exit = this.#exit ?? (await Promise.race([died, patience]));
    late.abort();
    return exit ?? undefined;
  }

  #onDeath(exit: ContainerExit, client: ContainerClient): void {
    this.#exit = exit;
    client.stopRetrying();
    const waitMs = exit.lost === undefined ? LAST_BYTES_MS : LOST_BYTES_MS;
    this.#deps.clock.after(waitMs, () => client.close());
    this.#break(exit.lost ?? (exit.outOfMemory ? 'it ran out of memory' : 'it has ended'));
  }

  #break(why: string): void {
    if (this.#whyBroken !== undefined) return;
    this.#whyBroken = why;
    this.#reportBroken(why);
  }

  #on(event: ContainerEvent): void {
    const next = apply(this.#phase, event);
    if (next) {
      this.#phase = next;
      return;
    }
    this.#deps.countIllegal();
    const { name } = this.spec;
    this.#deps.logger.error({ container: name, phase: this.#phase, event }, 'Illegal container transition');
  }
}

function runFieldsOf(step: Step<ActivationResponse>): StepFields {
  if (step.outcome === 'not-run') return { error: step.why };
  return { statusCode: step.response.statusCode, timedOut: step.timedOut };
}
