import { BatchBuffer } from './batch-buffer.ts';

interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

function defer(): Deferred {
  let resolve = () => {};
  let reject = (_error: Error) => {};
  const promise = new Promise<void>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  // Nobody need wait for a batch that holds only notes; then its failure is nobody's.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

/** Entries that are written together. Whoever waits for one of them waits for the batch, on a shared promise. */
export class Batch {
  readonly buffer: BatchBuffer;
  readonly #written = defer();
  #durable: Deferred | undefined;

  /** Takes over an empty buffer. */
  constructor(buffer: BatchBuffer) {
    this.buffer = buffer;
  }

  get written(): Promise<void> {
    return this.#written.promise;
  }

  get durable(): Promise<void> {
    this.#durable ??= defer();
    return this.#durable.promise;
  }

  /** Somebody waits until it is durable. */
  get isUrgent(): boolean {
    return this.#durable !== undefined;
  }

  resolveWritten(): void {
    this.#written.resolve();
  }

  resolveDurable(): void {
    this.#durable?.resolve();
  }

  fail(error: Error): void {
    this.#written.reject(error);
    this.#durable?.reject(error);
  }
}
