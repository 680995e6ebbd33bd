import { Worker } from 'node:worker_threads';

import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import { StoreError } from '../../store-error.ts';
import { DataDirectoryError } from '../data-directory-error.ts';
import type { CallName, FromThread, Request, ThreadCalls, ThreadData } from './calls.ts';

/** A thread that has died is not started again before this. */
const RESTART_AFTER_MS = 1000;

/**
 * The thread turns much text over and keeps none of it; with the engine's own limit it would hold some 30 MB more,
 * and be no faster.
 */
const YOUNG_GENERATION_MB = 8;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface ErrorParts {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly mend?: string;
}

function toError({ name, message, code, mend }: ErrorParts): Error {
  if (name === 'DataDirectoryError') {
    const what = mend === undefined ? message : message.slice(0, -mend.length - 1);
    return new DataDirectoryError(code as DataDirectoryError['code'], { what, mend: mend ?? '' });
  }
  return new StoreError(`The store failed: ${message}${code === undefined ? '' : ` (${code})`}`);
}

/**
 * The store thread's program. From source (under the test runner) it is the compiled one, because Node 20 runs no
 * TypeScript in a thread.
 */
function programUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../../../dist/store/sqlite/thread/worker.js', import.meta.url)
    : new URL('./worker.js', import.meta.url);
}

/** What the client works with. */
export interface ThreadClientDeps {
  readonly data: ThreadData;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Another program than the store thread's own; for tests. */
  readonly program?: URL;
}

/** Asks the store thread, and starts a new one when it has died. */
export class ThreadClient {
  readonly #deps: ThreadClientDeps;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #startedAt = -Infinity;
  #lastId = 0;
  #closed = false;

  constructor(deps: ThreadClientDeps) {
    this.#deps = deps;
  }

  /** Rejects with {@link StoreError} or {@link DataDirectoryError}. */
  call<Name extends CallName>(
    name: Name,
    ...args: Parameters<ThreadCalls[Name]>
  ): Promise<ReturnType<ThreadCalls[Name]>> {
    return new Promise((resolve, reject) => {
      const worker = this.#running();
      if (!worker) return reject(new StoreError('The store thread is not running.'));
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      const request: Request = { id, name, args };
      worker.postMessage(request);
    });
  }

  wake(): void {
    this.#running()?.postMessage('wake');
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  #running(): Worker | undefined {
    const { clock } = this.#deps;
    if (this.#worker || this.#closed || clock.monotonicMs() - this.#startedAt < RESTART_AFTER_MS) {
      return this.#worker;
    }
    this.#startedAt = clock.monotonicMs();
    const worker = new Worker(this.#deps.program ?? programUrl(), {
      workerData: this.#deps.data,
      name: 'store',
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    worker.on('message', (message: FromThread) => this.#take(message));
    worker.on('error', (error) => this.#deps.logger.error({ err: error }, 'the store thread died'));
    worker.on('exit', () => this.#died(worker));
    this.#worker = worker;
    return worker;
  }

  #take(message: FromThread): void {
    if (message.type === 'log') {
      this.#deps.logger[message.level](message.fields, message.message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === 'answer') waiting?.resolve(message.value);
    else waiting?.reject(toError(message.error as ErrorParts));
  }

  #died(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined;
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of lost) reject(new StoreError('The store thread ended.'));
    // The journal goes on growing meanwhile, whether anyone asks for what is in it or not.
    if (!this.#closed) this.#deps.clock.after(RESTART_AFTER_MS, () => this.wake());
  }
}
