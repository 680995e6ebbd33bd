import type { ActivationRecord } from '@vibrissa/protocol';
import type { Clock, Timer } from '../base/clock.ts';

const RETRY_MS = 1000;
/** More are not kept: what the journal has accepted gets an error record at the next start. */
const MAX_KEPT = 10_000;

export interface UnwrittenRecordsDeps {
  readonly clock: Clock;
  readonly write: (record: ActivationRecord, logs: readonly string[]) => Promise<void>;
}

/**
 * Records that the journal could not take. A full disk heals by itself, and an activation that was accepted has to
 * get its record then, although nobody waits for it any more.
 */
export class UnwrittenRecords {
  readonly #deps: UnwrittenRecordsDeps;
  readonly #kept: { readonly record: ActivationRecord; readonly logs: readonly string[] }[] = [];
  #timer: Timer | undefined;
  #closed = false;

  private constructor(deps: UnwrittenRecordsDeps) {
    this.#deps = deps;
  }

  static open(deps: UnwrittenRecordsDeps): UnwrittenRecords {
    return new UnwrittenRecords(deps);
  }

  get length(): number {
    return this.#kept.length;
  }

  keep(record: ActivationRecord, logs: readonly string[]): void {
    if (this.#closed || this.#kept.length >= MAX_KEPT) return;
    this.#kept.push({ record, logs });
    this.#timer ??= this.#setTimer();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #setTimer(): Timer {
    return this.#deps.clock.after(RETRY_MS, () => void this.#retry());
  }

  /** In order, until one fails again. */
  async #retry(): Promise<void> {
    try {
      for (let next = this.#kept[0]; next; next = this.#kept[0]) {
        await this.#deps.write(next.record, next.logs);
        this.#kept.shift();
      }
    } catch {
      // The journal still can't: that was logged when the record first failed.
    }
    this.#timer = this.#kept.length > 0 && !this.#closed ? this.#setTimer() : undefined;
  }
}
