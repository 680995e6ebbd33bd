export type * from './calls.ts';
export type * from './events.ts';
export type * from './offers.ts';
export { MalformedEvent, readEvent } from './read-event.ts';
export * from './record-io.ts';
export type * from './resources.ts';
export type * from './tasks.ts';
