/** The server's `Ids` with values that a seed replays. */
export declare class SeededIds {
    #private;
    constructor(seed?: number);
    activationId(): string;
    transactionId(): string;
    uuid(): string;
    key(): string;
    token(): string;
}
//# sourceMappingURL=seeded-ids.d.ts.map