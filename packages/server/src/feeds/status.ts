import type { JsonObject } from '@vibrissa/protocol';

/** Why a feed of a trigger does nothing: its owner paused it, or the platform had to. */
export interface DisabledReason {
  readonly kind: 'AUTO' | 'USER';
  /** As firing the trigger answered, if that was why. */
  readonly statusCode?: number;
  readonly message: string;
}

/** Is it at work, and since when? */
export interface FeedStatus {
  readonly active: boolean;
  /** Epoch milliseconds. */
  readonly dateChanged: number;
  readonly reason?: DisabledReason;
}

export function activeSince(dateChanged: number): FeedStatus {
  return { active: true, dateChanged };
}

export function disabledSince(dateChanged: number, reason: DisabledReason): FeedStatus {
  return { active: false, dateChanged, reason };
}

/** As the alarms of OpenWhisk show it. */
export function showStatus({ active, dateChanged, reason }: FeedStatus): JsonObject {
  return {
    active,
    dateChanged,
    dateChangedISO: new Date(dateChanged).toISOString(),
    ...(reason && { reason: { ...reason } }),
  };
}
