/**
 * Random numbers in [0, 1) that a seed replays (mulberry32). Not for secrets.
 *
 *     const random = seededRandom(42);
 *     const port = 1024 + Math.floor(random() * 1000);
 */
export function seededRandom(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    };
}
//# sourceMappingURL=seeded-random.js.map