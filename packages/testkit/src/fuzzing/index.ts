export * from './fuzz.ts';
export * from './mutate.ts';
