/** Lets everything that is ready run: microtasks, and what they scheduled for the next turn of the event loop. */
export function settle() {
    return new Promise((resolve) => {
        setImmediate(() => setImmediate(resolve));
    });
}
/**
 * Time that moves only when a test says so. It has the shape of the server's `Clock`.
 *
 *     const clock = new ManualClock();
 *     clock.after(60_000, expire);
 *     await clock.advance(60_000);
 */
export class ManualClock {
    #epochMs;
    #monotonicMs = 0;
    #order = 0;
    #timers = new Set();
    /** `epochMs`: where `now()` starts; `monotonicMs()` starts at 0. */
    constructor(epochMs = 1_700_000_000_000) {
        this.#epochMs = epochMs;
    }
    now() {
        return this.#epochMs;
    }
    monotonicMs() {
        return this.#monotonicMs;
    }
    epochNs() {
        return BigInt(Math.round(this.#epochMs * 1000)) * 1000n;
    }
    after(delayMs, run) {
        return this.#add(delayMs, undefined, run);
    }
    every(periodMs, run) {
        return this.#add(periodMs, Math.max(1, periodMs), run);
    }
    sleep(delayMs, signal) {
        return new Promise((resolve, reject) => {
            if (signal?.aborted)
                return reject(signal.reason);
            const timer = this.after(delayMs, resolve);
            const abort = () => {
                timer.cancel();
                reject(signal?.reason);
            };
            signal?.addEventListener('abort', abort, { once: true });
        });
    }
    /** Timers that have not fired and were not cancelled. */
    get pendingTimers() {
        return this.#timers.size;
    }
    /** Sets the machine's clock, as an administrator or NTP would: timers and `monotonicMs()` don't notice. */
    jumpTo(epochMs) {
        this.#epochMs = epochMs;
    }
    /** Moves time on and fires what falls due, in order, without letting promises settle in between. */
    advanceSync(byMs) {
        const untilMs = this.#monotonicMs + byMs;
        for (let next = this.#next(untilMs); next; next = this.#next(untilMs))
            this.#fire(next);
        this.#moveTo(untilMs);
    }
    /** Moves time on, fires what falls due in order, and lets promises settle after each. */
    async advance(byMs) {
        const untilMs = this.#monotonicMs + byMs;
        await settle();
        for (let next = this.#next(untilMs); next; next = this.#next(untilMs)) {
            this.#fire(next);
            await settle();
        }
        this.#moveTo(untilMs);
        await settle();
    }
    #add(delayMs, periodMs, run) {
        const dueMs = this.#monotonicMs + Math.max(0, delayMs);
        const entry = { order: this.#order++, periodMs, dueMs, run };
        this.#timers.add(entry);
        return { cancel: () => void this.#timers.delete(entry) };
    }
    #next(untilMs) {
        let first;
        for (const entry of this.#timers) {
            if (entry.dueMs > untilMs)
                continue;
            if (!first || entry.dueMs < first.dueMs || (entry.dueMs === first.dueMs && entry.order < first.order)) {
                first = entry;
            }
        }
        return first;
    }
    #fire(entry) {
        this.#moveTo(Math.max(this.#monotonicMs, entry.dueMs));
        if (entry.periodMs === undefined)
            this.#timers.delete(entry);
        else
            entry.dueMs += entry.periodMs;
        entry.run();
    }
    #moveTo(monotonicMs) {
        this.#epochMs += monotonicMs - this.#monotonicMs;
        this.#monotonicMs = monotonicMs;
    }
}
//# sourceMappingURL=manual-clock.js.map