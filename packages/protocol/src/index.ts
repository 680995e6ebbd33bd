export type * from './json.ts';
export type * from './entities.ts';
export * from './activation.ts';
export * from './encode-activation.ts';
export * from './log-line.ts';
export type * from './messages.ts';
export type * from './runtimes-manifest.ts';
export * from './limits.ts';
