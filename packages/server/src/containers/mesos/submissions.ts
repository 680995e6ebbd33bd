import type { MesosScheduler, TaskHandle, TaskSpec } from '@vibrissa/mesos';

import type { Clock } from '../../base/clock.ts';

/** What may come together is submitted together: nobody notices so little. */
const GATHER_MS = 2;
/** From one batch to the next, at least. */
const PERIOD_MS = 10;
/** An offer is used up by the first task on it; its rest comes back with the next allocation, or a REVIVE after this. */
const REST_MS = 20;
/**
 * From REVIVE to REVIVE, at least, here and in the scheduler. Each lets the master allocate at once instead of within its
 * next second, and makes it look at all its agents for that.
 */
export const REVIVE_MS = 200;

export interface SubmissionsDeps {
  readonly scheduler: Pick<MesosScheduler, 'submitAll' | 'call' | 'isSubscribed'>;
  readonly clock: Clock;
  readonly role: string;
}

interface Waiting {
  readonly spec: TaskSpec;
  readonly submitted: (handle: TaskHandle) => void;
}

/**
 * Submits tasks in batches. A launch uses up its whole offer, whatever its task needs of it: tasks that are matched
 * together share one, while of tasks that come one after the other each but the first has to wait for the next allocation.
 */
export class Submissions {
  readonly #deps: SubmissionsDeps;
  #waiting: Waiting[] = [];
  #flushedMs = -Infinity;
  #revivedMs = -Infinity;

  constructor(deps: SubmissionsDeps) {
    this.#deps = deps;
  }

  /** Never rejects: what is wrong is told by the handle. */
  submit(spec: TaskSpec): Promise<TaskHandle> {
    return new Promise((submitted) => {
      this.#waiting.push({ spec, submitted });
      if (this.#waiting.length > 1) return;
      const { clock } = this.#deps;
      const pauseMs = this.#flushedMs + PERIOD_MS - clock.monotonicMs();
      clock.after(Math.max(GATHER_MS, pauseMs), () => this.#flush());
    });
  }

  #flush(): void {
    const { clock, scheduler } = this.#deps;
    this.#flushedMs = clock.monotonicMs();
    const batch = this.#waiting;
    this.#waiting = [];
    const handles = scheduler.submitAll(batch.map(({ spec }) => spec));
    for (const [index, handle] of handles.entries()) batch[index]?.submitted(handle);
    this.#reviveLater(handles, REST_MS);
  }

  /** Asks for what is left of the offers that were used up, if somebody of the batch still waits for one. */
  #reviveLater(handles: readonly TaskHandle[], delayMs: number): void {
    const { clock, role, scheduler } = this.#deps;
    clock.after(delayMs, () => {
      const waiting = handles.filter((handle) => handle.explain().kind === 'waiting');
      if (waiting.length === 0 || !scheduler.isSubscribed) return;
      const pauseMs = this.#revivedMs + REVIVE_MS - clock.monotonicMs();
      if (pauseMs > 0) return this.#reviveLater(waiting, pauseMs);
      this.#revivedMs = clock.monotonicMs();
      // A refusal is told by the scheduler's own log; the next allocation comes all the same.
      scheduler.call({ type: 'REVIVE', revive: { roles: [role] } }).catch(() => {});
    });
  }
}
