import type { RandomSource } from '../base/random.ts';
import type { MemberBook } from './member-book.ts';
import type { Address } from './member.ts';
import type { SwimCarry, SwimMessage } from './swim-messages.ts';
import type { SwimTiming } from './swim-options.ts';

/** A message without what every message brings along. */
export type SwimBody = SwimMessage extends infer M
  ? M extends SwimMessage
    ? Omit<M, keyof SwimCarry>
    : never
  : never;

/** What the parts of membership share. */
export interface SwimParts {
  readonly options: SwimTiming;
  readonly random: RandomSource;
  readonly book: MemberBook;
  /** `about`: this member should hear first what is held of it. */
  readonly send: (to: Address, body: SwimBody, about?: string) => void;
}
