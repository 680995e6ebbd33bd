/**
 * Random numbers in [0, 1) that a seed replays (mulberry32). Not for secrets.
 *
 *     const random = seededRandom(42);
 *     const port = 1024 + Math.floor(random() * 1000);
 */
export declare function seededRandom(seed: number): () => number;
//# sourceMappingURL=seeded-random.d.ts.map