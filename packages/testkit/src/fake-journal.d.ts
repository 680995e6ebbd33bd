import type { ActivationMessage, ActivationRecord } from '@vibrissa/protocol';
/**
 * The server's `ActivationJournal` in memory, for faults: it can fail, and it can hold its answers back.
 *
 *     const journal = new FakeJournal();
 *     journal.failWith(new Error('disk full'));
 *     const release = journal.hold();                        // accept() stays open until release()
 */
export declare class FakeJournal {
    #private;
    readonly accepted: ActivationMessage[];
    readonly started: ActivationMessage[];
    readonly finished: ActivationRecord[];
    readonly discarded: string[];
    readonly logs: Map<string, readonly string[]>;
    readonly discarded: string[];
    /** Every call fails with this from now on; undefined mends it. */
    failWith(fault: Error | undefined): void;
    /** `accept` does not resolve before the function that this returns was called. */
    hold(): () => void;
    accept(message: ActivationMessage): Promise<void>;
    start(message: ActivationMessage): Promise<void>;
    finish(record: ActivationRecord, logs: readonly string[] | undefined): Promise<void>;
    logged(activationId: string, logs: readonly string[]): Promise<void>;
    discard(activationId: string): Promise<void>;
    unfinished(): Promise<readonly {
        readonly message: ActivationMessage;
        readonly started: boolean;
    }[]>;
    close(): Promise<void>;
}
//# sourceMappingURL=fake-journal.d.ts.map