/** A timer of a {@link ManualClock}. */
export interface ManualTimer {
    cancel(): void;
}
/** Lets everything that is ready run: microtasks, and what they scheduled for the next turn of the event loop. */
export declare function settle(): Promise<void>;
/**
 * Time that moves only when a test says so. It has the shape of the server's `Clock`.
 *
 *     const clock = new ManualClock();
 *     clock.after(60_000, expire);
 *     await clock.advance(60_000);
 */
export declare class ManualClock {
    #private;
    /** `epochMs`: where `now()` starts; `monotonicMs()` starts at 0. */
    constructor(epochMs?: number);
    now(): number;
    monotonicMs(): number;
    epochNs(): bigint;
    after(delayMs: number, run: () => void): ManualTimer;
    every(periodMs: number, run: () => void): ManualTimer;
    sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
    /** Timers that have not fired and were not cancelled. */
    get pendingTimers(): number;
    /** Sets the machine's clock, as an administrator or NTP would: timers and `monotonicMs()` don't notice. */
    jumpTo(epochMs: number): void;
    /** Moves time on and fires what falls due, in order, without letting promises settle in between. */
    advanceSync(byMs: number): void;
    /** Moves time on, fires what falls due in order, and lets promises settle after each. */
    advance(byMs: number): Promise<void>;
}
//# sourceMappingURL=manual-clock.d.ts.map