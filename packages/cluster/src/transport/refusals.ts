import type { Clock, Timer } from '../base/clock.ts';
import type { Address } from '../membership/member.ts';
import type { RefusalReason, TransportListener } from './transport.ts';

const TELL_EVERY_MS = 1_000;

/** Counts what was refused, and tells it at most once a second for each reason: a flood must not become one of the log. */
export class Refusals {
  readonly #clock: Clock;
  readonly #listener: TransportListener;
  readonly #quiet = new Map<RefusalReason, { timer: Timer; count: number; from: Address }>();

  constructor(clock: Clock, listener: TransportListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  note(why: RefusalReason, from: Address): void {
    const quiet = this.#quiet.get(why);
    if (!quiet) return this.#tell(why, from, 1);
    quiet.count += 1;
    quiet.from = from;
  }

  close(): void {
    for (const { timer } of this.#quiet.values()) timer.cancel();
    this.#quiet.clear();
  }

  #tell(why: RefusalReason, from: Address, count: number): void {
    const timer = this.#clock.after(TELL_EVERY_MS, () => this.#secondIsOver(why));
    this.#quiet.set(why, { timer, count: 0, from });
    this.#listener.onRefused({ from, why, count });
  }

  #secondIsOver(why: RefusalReason): void {
    const quiet = this.#quiet.get(why);
    this.#quiet.delete(why);
    if (quiet && quiet.count > 0) this.#tell(why, quiet.from, quiet.count);
  }
}
