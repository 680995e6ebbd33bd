const BYTES = 16;
const SLEEPING_AT = 2;

/**
 * The journal's written end in memory that both threads see, so that telling the store thread of new entries costs
 * the main thread nothing while the other is awake.
 */
export class SharedOffset {
  readonly buffer: SharedArrayBuffer;
  readonly #offset: BigInt64Array;
  readonly #flags: Int32Array;

  constructor(buffer = new SharedArrayBuffer(BYTES)) {
    this.buffer = buffer;
    this.#offset = new BigInt64Array(buffer, 0, 1);
    this.#flags = new Int32Array(buffer);
  }

  get value(): number {
    return Number(Atomics.load(this.#offset, 0));
  }

  set value(offset: number) {
    Atomics.store(this.#offset, 0, BigInt(offset));
  }

  /** The store thread goes to sleep; it must look at the value once more afterwards. */
  sleep(): void {
    Atomics.store(this.#flags, SLEEPING_AT, 1);
  }

  /** True for the one who has to wake the store thread. */
  takeSleeper(): boolean {
    return (
      Atomics.load(this.#flags, SLEEPING_AT) === 1 && Atomics.exchange(this.#flags, SLEEPING_AT, 0) === 1
    );
  }
}
