import type { TaskSpec } from '@vibrissa/mesos';

/** A task that somebody wants. It stays until its outcome stands in its place. JSON. */
export interface Wish {
  /** Tells it from other wishes of the same id, before and after it. */
  readonly ticket: string;
  /** Absent for a task that was found in Mesos: it is never launched again. */
  readonly spec?: Omit<TaskSpec, 'customize'> & { readonly id: string };
  /** The instance that was asked. */
  readonly by: string;
  /** Epoch milliseconds, by that one's clock. */
  readonly at: number;
  /** Somebody wants it no more: it is withdrawn or killed. */
  readonly unwanted?: { readonly by: string; readonly at: number };
}
