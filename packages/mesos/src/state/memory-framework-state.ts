import type { FrameworkState, StateChange, StoredState } from './framework-state.ts';
import { FrameworkStateError } from './state-error.ts';
import { StoredTasks } from './stored-tasks.ts';

/**
 * Keeps the state as long as the object lives: for tests, and for frameworks whose tasks may be orphaned. When such a
 * process dies, its successor is another framework to Mesos, and the tasks run on until the failover timeout.
 */
export class MemoryFrameworkState implements FrameworkState {
  readonly #stored = new StoredTasks();
  #closed = false;

  async load(): Promise<StoredState> {
    this.#checkOpen();
    return this.#stored.snapshot();
  }

  async write(change: StateChange): Promise<void> {
    this.#checkOpen();
    this.#stored.apply(change);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #checkOpen(): void {
    if (this.#closed) throw new FrameworkStateError('STATE_CLOSED', 'The framework state is closed.');
  }
}
