import type { ActivationRecord } from '@vibrissa/protocol';

/** What happens to users' actions, as it happens; the port that metrics stand behind (OpenWhisk's user events). */
export interface UserEvents {
  /** An activation has ended; also one whose record is not kept. */
  ended(record: ActivationRecord): void;
  /** A request of the namespace was refused: too many in flight, or too many a minute. */
  limited(namespace: string, limit: 'concurrent' | 'timed'): void;
}

/** Heeds nothing: for tests and for platforms that don't want them. */
export const noUserEvents: UserEvents = {
  ended() {},
  limited() {},
};
