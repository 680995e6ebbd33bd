import type { Member } from '../membership/member.ts';
import type { WitnessReport } from './lease-witness.ts';

/** Why the holder's lease is over; undefined: it goes on. */
export function lossByReport(report: WitnessReport, held: { readonly self: string; readonly epoch: number }) {
  const { epoch, holder, isConnected } = report;
  if (isConnected && holder !== undefined && holder !== held.self)
    return `the witness sees ${holder} instead`;
  if (epoch > held.epoch) return `the witness has seen epoch ${epoch}`;
  return undefined;
}

/** The witness sees the holder at work. */
export function isSeen({ holder, isConnected }: WitnessReport, self: string): boolean {
  return isConnected && (holder === undefined || holder === self);
}

/** Nobody acts, or it is this instance itself, from before it was started again. */
export function isVacant({ holder, isConnected }: WitnessReport, self: string): boolean {
  return !isConnected || holder === self;
}

/** Is this the one of those that are there whose turn it is? A suspect is still there. */
export function isFirst(members: readonly Member[], self: string): boolean {
  return members.every(({ id, state }) => id >= self || state === 'dead' || state === 'left');
}
