import {
  DEVELOPER_ERROR,
  effectiveLimits,
  NO_SENTINEL,
  type AcknowledgementMessage,
  type ActivationResponse,
} from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { Container, ContainerExit } from '../../containers/container.ts';
import {
  ContainerStartError,
  type ContainerFactory,
  type ContainerSpec,
} from '../../containers/container-factory.ts';
import type { ActivationJournal } from '../../store/activation-journal.ts';
import type { InvokerConfig } from '../invoker-config.ts';
import type { Job } from '../job.ts';
import { recordOf, type ActivationTiming } from '../record-activation.ts';
import type { CodeCache } from '../run/code-cache.ts';
import { LogCollector, type ActivationLogs, type SentinelStyle } from '../run/collect-logs.ts';
import type { Concluded, Conclusion, LogSource } from '../run/conclude-activation.ts';
import { ContainerClient } from '../run/container-client.ts';
import { ContainerSession, type AnswerLimits } from '../run/init-and-run.ts';
import { errorResponse, resultTexts, whiskError } from '../run/interpret-result.ts';
import { apply, type ContainerEvent, type Phase } from './container-state.ts';

/**
 * What became of a job and of its container. The acknowledgement is for the pool to send, once it has the container
 * back: who gets it may ask for the next run at once.
 */
export type RunEnd =
  /** The job has its record; the container may take the next. */
  | { readonly end: 'completed'; readonly acknowledgement?: AcknowledgementMessage }
  /** The job did not start: it may run elsewhere. The container must go. */
  | { readonly end: 'rejected'; readonly why: string }
  /** The job has its record; the container must go. */
  | { readonly end: 'broken'; readonly why: string; readonly acknowledgement?: AcknowledgementMessage };

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

const MEBIBYTE = 1024 * 1024;
/** How long a container that gave no answer may take to end, so that its end tells why. */
const EXIT_PATIENCE_MS = 2000;
/** After a container's end its connections are given so long to bring what it still sent. */
const LAST_BYTES_MS = 500;

interface Started {
  readonly container: Container;
  readonly client: ContainerClient;
  readonly session: ContainerSession;
  readonly collector: LogCollector;
  readonly style: SentinelStyle;
}

type Init = { readonly startedAt: number; readonly tookMs: number };
type Preparation =
  { readonly ready: true; readonly init?: Init } | { readonly ready: false; readonly end: RunEnd };

/** Drives one container: starts it, initialises it, runs activations in it, pauses and removes it. */
export class ContainerWorker {
  readonly spec: ContainerSpec;
  /** Resolves, never rejects, once: the container can't be used any more, and this is why. */
  readonly broken: Promise<string>;
  readonly #deps: WorkerDeps;
  readonly #style: SentinelStyle;
  readonly #abort = new AbortController();
  readonly #starting: Promise<Started>;
  #started: Started | undefined;
  #exit: ContainerExit | undefined;
  #reportBroken: (why: string) => void = () => {};
  #whyBroken: string | undefined;
  #phase: Phase = 'starting';
  #active = 0;
  /** The first activation initialises; others of a concurrent action wait for it. */
  #initialising: Promise<ActivationResponse | 'not-run' | undefined> | undefined;
  #pausing: Promise<void> | undefined;
  #resuming: Promise<void> | undefined;
  #removing: Promise<void> | undefined;
  #answerLimits: AnswerLimits | undefined;

  private constructor(deps: WorkerDeps, spec: ContainerSpec, style: SentinelStyle) {
    this.#deps = deps;
    this.spec = spec;
    this.#style = style;
    this.broken = new Promise((resolve) => (this.#reportBroken = resolve));
    this.#starting = this.#start();
    // Whoever waits for the start sees its failure; a container that nobody waits for is reported as broken.
    this.#starting.catch((error: unknown) =>
      this.#break(error instanceof Error ? error.message : String(error)),
    );
  }

  /** Starts a container. It is there at once, and takes activations while it starts. */
  static open(deps: WorkerDeps, spec: ContainerSpec, style: SentinelStyle): ContainerWorker {
    return new ContainerWorker(deps, spec, style);
  }

  get phase(): Phase {
    return this.#phase;
  }

  get containerId(): string | undefined {
    return this.#started?.container.id;
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

  async #start(): Promise<Started> {
    const { factory, clock } = this.#deps;
    const container = await factory.create(this.spec, this.#abort.signal);
    const style = this.#style === 'token' && container.logs.inOrder === true ? 'answer' : this.#style;
    const collector = new LogCollector(style, () => clock.epochNs());
    container.logs.listen((stream, bytes) => collector.feed(stream, bytes));
    const client = ContainerClient.open({
      address: container.address,
      clock,
      onBroken: () => this.#break('it sent an answer that nobody asked for'),
    });
    const ranOutOfMemory = () => this.#ranOutOfMemory();
    const session = new ContainerSession({ client, address: container.address, clock, ranOutOfMemory });
    const started = { container, client, session, collector, style };
    this.#started = started;
    if (this.#phase === 'starting') this.#on('started');
    void container.died.then((exit) => this.#onDeath(exit, client));
    return started;
  }

  async #serve(job: Job): Promise<RunEnd> {
    if (this.#started && (this.#phase === 'ready' || this.#phase === 'running')) {
      return this.#runOnce(job, this.#started, undefined);
    }
    // The code is read while the container starts.
    const code = this.#deps.code.json(job.action.entity.exec.codeDigest);
    code.catch(() => undefined);
    let started: Started;
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
    if (init === 'not-run') return { ready: false, end: { end: 'rejected', why: 'it did not initialise' } };
    if (init !== undefined) {
      const concluded = await this.#deps.conclusion.fail(job, init);
      return { ready: false, end: broken('its initialisation failed', concluded) };
    }
    try {
      await this.#pausing;
      if (this.#phase === 'paused') this.#resuming = this.#resume();
      await this.#resuming;
    } catch (error) {
      this.#deps.logger.warn({ err: error, containerId: this.containerId }, 'Could not resume a container');
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

  async #initAndRun(job: Job, started: Started, pendingCode: Promise<string | undefined>): Promise<RunEnd> {
    this.#on('init-began');
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
      this.#deps.logger.error(
        { err: error, action: job.action.path },
        'Could not read the code of an action',
      );
      const concluded = await this.#deps.conclusion.fail(job, whiskError(resultTexts.actionUnreadable));
      return broken('it has no code', concluded);
    }
    if (!(await this.#journalStart(job))) {
      settle('not-run');
      return broken('the journal is not available', this.#deps.conclusion.unrecorded(job.message));
    }
    const logs = this.#openLogs(job, started);
    const token = this.#tokenFor(started);
    logs?.logs.expect(started.collector.endMark(token));
    const step = await started.session.initialise(job, code, token);
    if (step.outcome === 'not-run') {
      settle('not-run');
      if (logs) started.collector.close(logs.logs, { developerError: false, incomplete: false });
      return this.#reject(job, step.why);
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
    started: Started,
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
    const source = init ? init.logs : this.#openLogs(job, started);
    const token = this.#tokenFor(started);
    source?.logs.expect(started.collector.endMark(token));
    const step = await started.session.run(job, token, this.#limitsOf(job));
    if (step.outcome === 'not-run') {
      if (source) started.collector.close(source.logs, { developerError: false, incomplete: false });
      return this.#reject(job, step.why);
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

  /** True when the code may start. Only a durable intent's entry is waited for; one that fails ends the job. */
  async #journalStart(job: Job): Promise<boolean> {
    job.started = true;
    job.startedAt = this.#deps.clock.now();
    const { journal, logger } = this.#deps;
    const { message } = job;
    try {
      const written = journal.start(message);
      if (message.durable) await written;
      else written.catch((error: unknown) => logger.error({ err: error }, 'Could not journal a start'));
      return true;
    } catch (error) {
      logger.error({ err: error, activationId: message.activationId }, 'Could not journal a start');
      job.started = false;
      return false;
    }
  }

  /** What the runtime is to end the logs of a request with. */
  #tokenFor({ style }: Started): string {
    return style === 'answer' ? NO_SENTINEL : this.#deps.ids.token();
  }

  #openLogs(job: Job, started: Started): LogSource | undefined {
    const limitBytes = job.action.entity.limits.logs * MEBIBYTE;
    if (limitBytes === 0) return undefined;
    const logs: ActivationLogs = started.collector.open(limitBytes);
    job.logs = logs;
    return { collector: started.collector, logs, style: started.style, answered: false };
  }

  #limitsOf(job: Job): AnswerLimits {
    if (this.#answerLimits) return this.#answerLimits;
    const limits = effectiveLimits(this.#deps.config.limits, job.message.user.limits);
    return (this.#answerLimits = {
      maxBytes: limits.payloadMaxBytes,
      keepBytes: limits.payloadTruncationBytes,
    });
  }

  #reject(job: Job, why: string): RunEnd {
    job.started = false;
    return { end: 'rejected', why };
  }

  async #failStart(job: Job, error: unknown): Promise<RunEnd> {
    if (this.#abort.signal.aborted) return { end: 'rejected', why: 'it is being removed' };
    const { logger, conclusion } = this.#deps;
    logger.warn({ err: error, action: job.action.path, kind: this.spec.kind }, 'Could not start a container');
    const byDeveloper = error instanceof ContainerStartError && error.fault === 'developer';
    const response = byDeveloper
      ? errorResponse(DEVELOPER_ERROR, error.message)
      : whiskError(resultTexts.noResources);
    return broken('it could not be started', await conclusion.fail(job, response));
  }

  async #failInternally(job: Job, error: unknown): Promise<RunEnd> {
    const { logger, conclusion } = this.#deps;
    const { activationId, transactionId } = job.message;
    logger.error({ err: error, activationId, transactionId }, 'An activation failed inside the platform');
    return broken('the platform failed', await conclusion.fail(job, whiskError()));
  }

  async #ranOutOfMemory(): Promise<boolean> {
    const { container } = await this.#starting;
    const late = new AbortController();
    const patience = this.#deps.clock.sleep(EXIT_PATIENCE_MS, late.signal).catch(() => undefined);
    const exit = this.#exit ?? (await Promise.race([container.died, patience]));
    late.abort();
    return exit?.outOfMemory ?? false;
  }

  #onDeath(exit: ContainerExit, client: ContainerClient): void {
    this.#exit = exit;
    client.stopRetrying();
    this.#deps.clock.after(LAST_BYTES_MS, () => client.close());
    this.#break(exit.outOfMemory ? 'it ran out of memory' : 'it has ended');
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

type Said = Pick<Concluded, 'acknowledgement'>;

function completed({ acknowledgement }: Said): RunEnd {
  return acknowledgement ? { end: 'completed', acknowledgement } : { end: 'completed' };
}

function broken(why: string, { acknowledgement }: Said): RunEnd {
  return { end: 'broken', why, ...(acknowledgement && { acknowledgement }) };
}
