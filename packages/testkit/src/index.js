export * from "./builders.js";
export * from "./fake-journal.js";
export * from "./manual-clock.js";
export * from "./seeded-ids.js";
export * from "./seeded-random.js";
//# sourceMappingURL=index.js.map