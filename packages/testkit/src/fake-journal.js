/**
 * The server's `ActivationJournal` in memory, for faults: it can fail, and it can hold its answers back.
 *
 *     const journal = new FakeJournal();
 *     journal.failWith(new Error('disk full'));
 *     const release = journal.hold();                        // accept() stays open until release()
 */
export class FakeJournal {
    accepted = [];
    started = [];
    finished = [];
    discarded = [];
    logs = new Map();
    discarded = [];
    #fault;
    #gate;
    /** Every call fails with this from now on; undefined mends it. */
    failWith(fault) {
        this.#fault = fault;
    }
    /** `accept` does not resolve before the function that this returns was called. */
    hold() {
        let release = () => { };
        this.#gate = new Promise((resolve) => {
            release = () => {
                this.#gate = undefined;
                resolve();
            };
        });
        return release;
    }
    async accept(message) {
        this.#check();
        if (this.#gate)
            await this.#gate;
        this.#check();
        this.accepted.push({ ...message });
    }
    async start(message) {
        this.#check();
        this.started.push({ ...message });
    }
    async finish(record, logs) {
        this.#check();
        if (this.finished.some((known) => known.activationId === record.activationId))
            return;
        this.finished.push(record);
        if (logs)
            this.logs.set(record.activationId, logs);
    }
    async logged(activationId, logs) {
        this.#check();
        this.logs.set(activationId, logs);
    }
    async discard(activationId) {
        this.#check();
        this.discarded.push(activationId);
    }
    async discard(activationId) {
        this.#check();
        this.discarded.push(activationId);
    }
    async unfinished() {
        const done = new Set([...this.finished.map((record) => record.activationId), ...this.discarded]);
        const started = new Map(this.started.map((message) => [message.activationId, message]));
        const open = new Map([
            ...started,
            ...this.accepted.map((message) => [message.activationId, message]),
        ]);
        return [...open.values()]
            .filter((message) => !done.has(message.activationId))
            .map((message) => ({ message, started: started.has(message.activationId) }));
    }
    async close() { }
    #check() {
        if (this.#fault)
            throw this.#fault;
    }
}
//# sourceMappingURL=fake-journal.js.map