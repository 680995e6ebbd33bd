const MINUTE_MS = 60_000;
/** Keeps the order of those that wait for the same minute; epoch milliseconds have no finer parts. */
const STEP_MS = 1e-3;

interface Hold {
  readonly untilMs: number;
  waiting: number;
}

/**
 * Namespaces that have fired as often as they may in this minute of the calendar. Their alarms wait for the next one, in the
 * order in which they were due: a tick that is sure to be refused costs neither a write nor anybody else's turn.
 */
export class HeldBack {
  readonly #holds = new Map<string, Hold>();

  hold(namespace: string, nowMs: number): void {
    const untilMs = (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS;
    if (this.#holds.get(namespace)?.untilMs !== untilMs) this.#holds.set(namespace, { untilMs, waiting: 0 });
  }

  /** When an alarm of that namespace has its turn, in epoch milliseconds; undefined: now. */
  turnOf(namespace: string, nowMs: number): number | undefined {
    const hold = this.#holds.get(namespace);
    if (!hold) return undefined;
    // The clock may have been set back since.
    if (hold.untilMs <= nowMs || hold.untilMs > nowMs + MINUTE_MS) {
      this.#holds.delete(namespace);
      return undefined;
    }
    return hold.untilMs + STEP_MS * hold.waiting++;
  }
}
