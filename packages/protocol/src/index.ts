export type * from './json.ts';
export type * from './entities.ts';
export * from './activation.ts';
export type * from './messages.ts';
export type * from './runtimes-manifest.ts';
