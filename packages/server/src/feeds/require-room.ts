import { FeedError } from './feed-error.ts';

/** How many feeds of one sort a namespace may have. */
export interface FeedRoom {
  readonly max: number;
  /** What they are called, and how an administrator raises their number. */
  readonly noun: 'alarms' | 'webhooks';
  readonly flag: '--maxAlarms' | '--maxWebhooks';
}

/** Throws {@link FeedError} when a namespace that has `count` feeds of a sort may have no more. */
export function requireRoom(namespace: string, count: number, { flag, max, noun }: FeedRoom): void {
  if (count < max) return;
  throw new FeedError(
    `Namespace ${namespace} has no room for more ${noun}: it may have ${max}, and has ${count}. Delete a trigger that nobody needs, or have the limit raised: vibrissa admin limits set ${namespace} ${flag} ${Math.max(count + 1, 2 * max)}`,
  );
}
