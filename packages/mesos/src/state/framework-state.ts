import type { TaskRecord } from '../tasks/task-record.ts';

/**
 * What outlives the process: the framework's id and the tasks that it has launched.
 *
 * A record is written before the ACCEPT that launches it (one write for all launches of a round), when its state
 * changes in a way that a successor must know, and removed when its end was acknowledged. So a successor that loads
 * the state knows every task that may run:
 *
 *     const state = await FileFrameworkState.open('/var/lib/my-framework');
 *     const { frameworkId, tasks } = await state.load();
 */
export interface FrameworkState {
  /** Everything that was written; empty at first. Rejects when it can't be read: starting empty would lose tasks. */
  load(): Promise<StoredState>;
  /** Atomic and durable when it resolves. Writes take effect in the order of the calls. */
  write(change: StateChange): Promise<void>;
  /** Waits for the writes under way; idempotent. */
  close(): Promise<void>;
}

export interface StoredState {
  readonly frameworkId?: string;
  readonly tasks: readonly TaskRecord[];
}

/** `frameworkId: null` forgets it. A record is identified by its `id`. */
export interface StateChange {
  readonly frameworkId?: string | null;
  readonly put?: readonly TaskRecord[];
  readonly remove?: readonly string[];
}
