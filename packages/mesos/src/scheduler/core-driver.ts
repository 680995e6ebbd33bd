import { LONGEST_TIMER_MS, type Clock, type Timer } from '../base/clock.ts';
import type { FrameworkState } from '../state/framework-state.ts';
import type { MasterConnection, MasterDetector, MasterTransport, MasterUrl } from '../transport/transport.ts';
import type { AgentTotals, CoreEffect, CoreInput, TaskUpdate } from './core-messages.ts';
import { Deferred } from './deferred.ts';

/** The heart, as its driver sees it. */
export interface DrivenCore {
  /** `nowMs` is monotonic. */
  step(moment: { readonly nowMs: number; readonly epochMs: number }, input: CoreInput): readonly CoreEffect[];
  readonly nextDeadlineMs: number | undefined;
}

/** What the driver does not execute itself. */
export type ToldEffect = Exclude<
  CoreEffect,
  {
    readonly type:
      'detect-masters' | 'connect' | 'disconnect' | 'send' | 'persist' | 'task-update' | 'ask-agents';
  }
>;

export interface DriverDeps {
  readonly core: DrivenCore;
  readonly clock: Clock;
  readonly transport: MasterTransport;
  readonly detector: MasterDetector;
  readonly state: FrameworkState;
  readonly onTask: (told: TaskUpdate) => Promise<void> | void;
  readonly askAgents: (master: MasterUrl, signal: AbortSignal) => Promise<readonly AgentTotals[]>;
  readonly tell: (effect: ToldEffect) => void;
  /** Sees all that goes in and comes out, for the counters. */
  readonly watch: { input(input: CoreInput): void; effect(effect: CoreEffect): void };
}

/** A stream that carries much says so often that it lives; the core needs it told ten times a second. */
const ALIVE_EVERY_MS = 100;
/** Updates that the owner has not handled yet; with more of them the stream is not read. */
const UNHANDLED_MOST = 10_000;

/**
 * Gives the core its inputs one after the other, in the order in which they came, and executes what it answers. What
 * happens during a step waits for the step's end, so that nothing overtakes.
 */
export class CoreDriver {
  readonly #deps: DriverDeps;
  readonly #inputs: CoreInput[] = [];
  #isRunning = false;
  #connection: MasterConnection | undefined;
  #connectionNumber = 0;
  #isPaused = false;
  #unhandled = 0;
  #aliveAtMs = -Infinity;
  #detection: AbortController | undefined;
  readonly #questions = new AbortController();
  #timer: { readonly atMs: number; readonly timer: Timer } | undefined;
  #closing: Deferred<void> | undefined;
  #isClosed = false;

  constructor(deps: DriverDeps) {
    this.#deps = deps;
  }

  /** Takes effect before it returns, unless it comes from within an effect. */
  input(input: CoreInput): void {
    if (this.#isClosed) return;
    this.#inputs.push(input);
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) this.#step(next);
    } finally {
      this.#isRunning = false;
    }
    if (this.#closing) this.#finish(this.#closing);
    else this.#arm();
  }

  /** Lets the core settle everything, then ends all that is under way. Resolves when nothing will happen any more. */
  close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = new Deferred();
      this.input({ type: 'close' });
    }
    return this.#closing.promise;
  }

  #finish(closing: Deferred<void>): void {
    this.#isClosed = true;
    this.#timer?.timer.cancel();
    this.#detection?.abort();
    this.#questions.abort();
    this.#hangUp();
    closing.resolve();
  }

  #step(input: CoreInput): void {
    const { core, clock, watch } = this.#deps;
    watch.input(input);
    for (const effect of core.step({ nowMs: clock.monotonicMs(), epochMs: clock.now() }, input)) {
      watch.effect(effect);
      this.#execute(effect);
    }
  }

  #execute(effect: CoreEffect): void {
    switch (effect.type) {
      case 'detect-masters':
        return this.#detect();
      case 'connect':
        return this.#connect(effect);
      case 'disconnect':
        if (effect.connection === this.#connectionNumber) this.#hangUp();
        return;
      case 'send':
        return this.#send(effect);
      case 'persist':
        return this.#persist(effect);
      case 'task-update':
        return this.#handle(effect.update, effect.told);
      case 'ask-agents':
        return this.#askAgents(effect.master);
      default:
        return this.#deps.tell(effect);
    }
  }

  #detect(): void {
    this.#detection?.abort();
    const detection = (this.#detection = new AbortController());
    const found = (input: CoreInput) => {
      if (this.#detection !== detection) return;
      this.#detection = undefined;
      this.input(input);
    };
    this.#deps.detector.detect(detection.signal).then(
      (masters) => found({ type: 'masters', masters }),
      (error: unknown) => found({ type: 'no-masters', error: asError(error) }),
    );
  }

  #connect({ connection, master, call }: CoreEffect & { type: 'connect' }): void {
    this.#hangUp();
    this.#connectionNumber = connection;
    this.#connection = this.#deps.transport.subscribe(master, call, {
      onOpened: ({ streamId }) => this.input({ type: 'opened', connection, streamId }),
      onAlive: () => this.#alive(connection),
      onEvent: (event) => this.input({ type: 'event', connection, event }),
      onEnded: (end) => this.input({ type: 'ended', connection, end }),
      onAnswered: (answer) => this.input({ type: 'answered', connection, answer }),
    });
    this.#aliveAtMs = -Infinity;
    this.#balance();
  }

  #hangUp(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#isPaused = false;
  }

  #alive(connection: number): void {
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - this.#aliveAtMs < ALIVE_EVERY_MS) return;
    this.#aliveAtMs = nowMs;
    this.input({ type: 'alive', connection });
  }

  #send({ connection, callId, frameworkId, call }: CoreEffect & { type: 'send' }): void {
    if (connection !== this.#connectionNumber) return;
    this.#connection?.send(callId, { ...call, framework_id: { value: frameworkId } });
  }

  #persist({ write, change }: CoreEffect & { type: 'persist' }): void {
    this.#deps.state.write(change).then(
      () => this.input({ type: 'persisted', write }),
      (error: unknown) => this.input({ type: 'persisted', write, error: asError(error) }),
    );
  }

  #handle(update: number, told: TaskUpdate): void {
    this.#unhandled += 1;
    this.#balance();
    // Started in a turn of its own: a handler may well call the scheduler.
    const handled = Promise.resolve(told).then(this.#deps.onTask);
    handled.then(
      () => this.#handled({ type: 'handled', update }),
      (error: unknown) => this.#handled({ type: 'handled', update, error: asError(error) }),
    );
  }

  #handled(input: CoreInput): void {
    this.#unhandled -= 1;
    this.input(input);
    this.#balance();
  }

  /** Reads the stream only as fast as the owner handles what it brings. */
  #balance(): void {
    const shouldPause = this.#unhandled > (this.#isPaused ? UNHANDLED_MOST / 2 : UNHANDLED_MOST);
    if (shouldPause === this.#isPaused || !this.#connection) return;
    this.#isPaused = shouldPause;
    if (shouldPause) return this.#connection.pause?.();
    this.#connection.resume?.();
  }

  #askAgents(master: MasterUrl): void {
    this.#deps.askAgents(master, this.#questions.signal).then(
      (totals) => this.input({ type: 'agents', totals }),
      // Without an answer the task goes on waiting; a refused question is no reason to fail it.
      () => {},
    );
  }

  #arm(): void {
    const atMs = this.#deps.core.nextDeadlineMs;
    if (atMs === undefined || (this.#timer && this.#timer.atMs <= atMs)) return;
    this.#timer?.timer.cancel();
    const delayMs = Math.ceil(atMs - this.#deps.clock.monotonicMs());
    // An early tick does no harm.
    const timer = this.#deps.clock.after(Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS), () =>
      this.#tick(),
    );
    this.#timer = { atMs, timer };
  }

  #tick(): void {
    this.#timer = undefined;
    // The master's silence is our own doing as long as we don't listen.
    if (this.#isPaused) this.input({ type: 'alive', connection: this.#connectionNumber });
    this.input({ type: 'tick' });
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
