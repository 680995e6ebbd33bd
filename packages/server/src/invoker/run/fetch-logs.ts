import type { Clock, Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Container } from '../../containers/container.ts';
import { nextTurn, type LogPatience } from './await-logs.ts';
import type { ActivationLogs, LogCollector } from './collect-logs.ts';

/** From one look at the files to the next, while somebody waits; the last goes on. */
const PAUSES_MS = [5, 10, 20, 50, 100] as const;
/** How often it is seen to that nobody waits beyond their patience for a fetch that does not end. */
const CHECK_MS = 500;
/** A check that comes so long after the last one was held up with its whole process: nobody has looked meanwhile. */
const HELD_UP_MS = 2 * CHECK_MS;
/** A fetch that takes longer has found an agent that does not answer. */
const SLOW_MS = 1000;

/** How waiting for logs ended. */
export interface Fetched {
  readonly whole: boolean;
  /** A sentence that takes the place of lines that could not be read. */
  readonly unreadable?: string;
}

export interface LogFetcherDeps {
  readonly container: Pick<Container, 'id' | 'logs' | 'died'>;
  readonly collector: LogCollector;
  readonly clock: Clock;
  readonly logger: Logger;
  /** An activation's logs, which could be read, have no end: those that follow can't be told apart for certain. */
  readonly onIncomplete: () => void;
}

interface Waiter {
  /** Undefined for one that wants what has been written so far, whatever it is. */
  readonly logs: ActivationLogs | undefined;
  readonly patience: LogPatience;
  readonly sinceMs: number;
  /** A fetch has begun since it came. */
  isServed: boolean;
  readonly resolve: (fetched: Fetched) => void;
}

/**
 * Fetches the logs of one container that lie in files elsewhere, for all activations that wait for theirs: at once,
 * then again and again after growing pauses, and once more when the container has ended. However many wait, one fetch
 * serves them all.
 */
export class LogFetcher {
  readonly #deps: LogFetcherDeps;
  #waiters: Waiter[] = [];
  #heardMs = 0;
  #containerEnded = false;
  #working = false;
  /** Fetches since somebody came last. */
  #rounds = 0;
  #failed = false;
  /** Monotonic milliseconds since when a fetch is under way. */
  #fetchingMs = Infinity;
  #told = false;
  #wake: (() => void) | undefined;
  #check: Timer | undefined;
  /** Monotonic milliseconds of the last check. */
  #checkedMs = 0;
  #fetching: AbortController | undefined;
  /** An activation has written so much that nothing is read any more. */
  #stopped = false;

  private constructor(deps: LogFetcherDeps) {
    this.#deps = deps;
    const { container, collector, clock } = deps;
    container.logs.listen((stream, bytes) => {
      this.#heardMs = clock.monotonicMs();
      collector.feed(stream, bytes);
      if (collector.isFlooded) this.#stop();
    });
    void container.died.then(() => {
      this.#containerEnded = true;
      this.#wake?.();
    });
  }

  /** Takes over listening. The container's logs have `catchUp`. */
  static open(deps: LogFetcherDeps): LogFetcher {
    return new LogFetcher(deps);
  }

  /** Resolves when both streams of these logs have ended, or patience has. Never rejects. */
  rest(logs: ActivationLogs, patience: LogPatience): Promise<Fetched> {
    return this.#await(logs, patience);
  }

  /** Resolves when what has been written by now was read. Never rejects. */
  present(patience: LogPatience): Promise<Fetched> {
    return this.#await(undefined, patience);
  }

  /** Nobody waits any longer. */
  giveUp(): void {
    this.#settle((waiter) => this.#endOf(waiter, false));
  }

  /** Those that follow can't be told apart, nor even found. */
  #stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    const { container, logger, onIncomplete } = this.#deps;
    logger.warn({ containerId: container.id }, 'Its logs are a flood: they are not read any more');
    this.giveUp();
    this.#fetching?.abort();
    onIncomplete();
  }

  #await(logs: ActivationLogs | undefined, patience: LogPatience): Promise<Fetched> {
    if (this.#stopped)
      return Promise.resolve({ whole: logs?.isComplete === true || logs?.truncated === true });
    const sinceMs = this.#deps.clock.monotonicMs();
    this.#rounds = 0;
    if (!this.#check) this.#checkedMs = sinceMs;
    this.#check ??= this.#deps.clock.every(CHECK_MS, () => this.#expire());
    return new Promise((resolve) => {
      this.#waiters.push({ logs, patience, sinceMs, isServed: false, resolve });
      // The answer for which these logs were written leaves first.
      void nextTurn().then(() => (this.#working ? this.#wake?.() : this.#work()));
    });
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#waiters.length > 0) {
      const isLast = this.#containerEnded;
      this.#rounds += 1;
      for (const waiter of this.#waiters) waiter.isServed = true;
      await this.#fetch();
      this.#look(isLast);
      // Who came meanwhile may have written after the fetch had begun.
      if (this.#waiters.length > 0 && this.#rounds > 0) await this.#pause();
    }
    this.#working = false;
  }

  async #fetch(): Promise<void> {
    const { clock, container, logger } = this.#deps;
    this.#fetchingMs = clock.monotonicMs();
    this.#fetching = new AbortController();
    try {
      await container.logs.catchUp?.(this.#fetching.signal);
      this.#failed = false;
    } catch (error) {
      this.#failed = true;
      if (!this.#told) logger.warn({ err: error, containerId: container.id }, 'Could not read logs');
      this.#told = true;
    }
    this.#fetchingMs = Infinity;
    this.#fetching = undefined;
  }

  #look(isLast: boolean): void {
    this.#settle((waiter) => {
      const hasAll = waiter.logs ? waiter.logs.isComplete : waiter.isServed && !this.#failed;
      const isOver = waiter.isServed && (isLast || waiter.logs === undefined);
      if (hasAll || isOver || this.#isOver(waiter)) return this.#endOf(waiter, hasAll);
      return undefined;
    });
  }

  #expire(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    // Timers fire before sockets are looked at: what has come meanwhile is read first.
    if (nowMs - this.#checkedMs > HELD_UP_MS) this.#heardMs = nowMs;
    this.#checkedMs = nowMs;
    this.#settle((waiter) => (this.#isOver(waiter) ? this.#endOf(waiter, false) : undefined));
  }

  #isOver({ patience, sinceMs }: Waiter): boolean {
    const nowMs = this.#deps.clock.monotonicMs();
    return (
      nowMs - sinceMs >= patience.overallMs || nowMs - Math.max(sinceMs, this.#heardMs) >= patience.idleMs
    );
  }

  #endOf({ logs }: Waiter, hasAll: boolean): Fetched {
    // The notice that logs were truncated says all that there is to say of a flood.
    if (hasAll || logs?.isComplete || logs?.isFlooded) return { whole: true };
    const { unreadable } = this.#deps.container.logs;
    return { whole: false, ...(this.#failed && unreadable !== undefined && { unreadable }) };
  }

  /** They could not be read, which does not say that they have no end. */
  #mayEndLater({ logs }: Waiter): boolean {
    const { clock, collector } = this.#deps;
    const silentMs = clock.monotonicMs() - Math.max(this.#fetchingMs, this.#heardMs);
    const isUnread = this.#failed || silentMs > SLOW_MS;
    return isUnread && logs !== undefined && collector.keepEndOf(logs);
  }

  /** Lets those go for which `end` finds one. */
  #settle(end: (waiter: Waiter) => Fetched | undefined): void {
    let isIncomplete = false;
    this.#waiters = this.#waiters.filter((waiter) => {
      const fetched = end(waiter);
      if (!fetched) return true;
      waiter.resolve(fetched);
      isIncomplete ||= !fetched.whole && !this.#mayEndLater(waiter);
      return false;
    });
    if (this.#waiters.length === 0) {
      this.#check?.cancel();
      this.#check = undefined;
      this.#fetching?.abort();
      this.#wake?.();
    }
    if (isIncomplete) this.#deps.onIncomplete();
  }

  #pause(): Promise<void> {
    const index = Math.min(this.#rounds, PAUSES_MS.length) - 1;
    return new Promise((resolve) => {
      const timer = this.#deps.clock.after(PAUSES_MS[index] as number, () => this.#wake?.());
      this.#wake = () => {
        this.#wake = undefined;
        timer.cancel();
        resolve();
      };
    });
  }
}
