import type { Clock } from '../../base/clock.ts';
import type { ContainerSpec } from '../container-factory.ts';

/** Starts of containers that failed in the same way, for operators. JSON. */
export interface StartFailure {
  /** `nodejs:20`, or an image. */
  readonly kind: string;
  readonly memoryMb: number;
  /** Hostname; absent where it came to none. */
  readonly agent?: string;
  /** Of the last time. */
  readonly reason: string;
  /** Epoch milliseconds of the last time. */
  readonly at: number;
  readonly times: number;
}

const KEPT = 10;
/** Directories of sandboxes have the task's name in them: the same failure names another one each time. */
const path = /\/[^\s'":]+/g;

/** The last starts that failed. */
export class StartFailures {
  readonly #clock: Clock;
  /** The latest last. */
  readonly #failures = new Map<string, StartFailure>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(
    { image, kind, memoryMb }: Pick<ContainerSpec, 'kind' | 'image' | 'memoryMb'>,
    failure: { readonly agent: string | undefined; readonly reason: string },
  ): void {
    const { agent, reason } = failure;
    const what = { kind: image ?? kind, memoryMb, ...(agent !== undefined && { agent }) };
    const key = JSON.stringify([what, reason.replace(path, '/')]);
    const times = (this.#failures.get(key)?.times ?? 0) + 1;
    this.#failures.delete(key);
    this.#failures.set(key, { ...what, reason, at: this.#clock.now(), times });
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size <= KEPT) return;
      this.#failures.delete(oldest);
    }
  }

  /** At most ten, the latest first. */
  list(): StartFailure[] {
    return [...this.#failures.values()].toReversed();
  }
}
