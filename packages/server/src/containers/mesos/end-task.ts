import type { TaskHandle } from '@vibrissa/mesos';

import type { Clock } from '../../base/clock.ts';

/** Without a subscription nobody can be told to end it now; the next subscription will tell. */
const UNSUBSCRIBED_PATIENCE_MS = 1000;

export interface EndingDeps {
  readonly clock: Clock;
  readonly isSubscribed: () => boolean;
  /** How long a task's end is waited for. */
  readonly patienceMs: number;
}

/**
 * Has a task killed. Resolves with true when it is gone, or was; with false when that takes longer than anybody should
 * wait: it is killed then, too, as soon as that can be done.
 */
export async function endTask(
  handle: Pick<TaskHandle, 'delete'>,
  { clock, isSubscribed, patienceMs }: EndingDeps,
): Promise<boolean> {
  const deleted = handle.delete().then(
    () => true,
    // It had ended, or the scheduler is closed: there is nobody to wait for.
    () => true,
  );
  const enough = new AbortController();
  const patience = isSubscribed() ? patienceMs : Math.min(patienceMs, UNSUBSCRIBED_PATIENCE_MS);
  const late = clock.sleep(patience, enough.signal).then(
    () => false,
    () => false,
  );
  const isGone = await Promise.race([deleted, late]);
  enough.abort();
  return isGone;
}
