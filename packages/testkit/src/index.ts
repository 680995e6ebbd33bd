export * from './builders.ts';
export * from './fake-journal.ts';
export * from './manual-clock.ts';
export * from './mesos-transcript.ts';
export * from './own-port.ts';
export * from './seeded-ids.ts';
export * from './seeded-random.ts';
