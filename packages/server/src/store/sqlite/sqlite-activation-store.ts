import type {
  ActivationQuery,
  ActivationStore,
  ActivationSummary,
  RecordsQuery,
  StoredActivation,
} from '../activation-store.ts';
import type { ThreadClient } from './thread/thread-client.ts';

/** Activations in `activations.db`; every question waits until the journal's current end is in it. */
export class SqliteActivationStore implements ActivationStore {
  readonly #thread: ThreadClient;
  readonly #barrier: () => number;

  /** `barrier`: the journal's offset up to which everything is written. */
  constructor(thread: ThreadClient, barrier: () => number) {
    this.#thread = thread;
    this.#barrier = barrier;
  }

  get(namespace: string, activationId: string): Promise<StoredActivation | undefined> {
    return this.#thread.call('activations.get', { namespace, activationId, barrier: this.#barrier() });
  }

  list(query: ActivationQuery): Promise<readonly ActivationSummary[]> {
    return this.#thread.call('activations.list', { ...query, barrier: this.#barrier() });
  }

  listRecords(query: RecordsQuery): Promise<readonly StoredActivation[] | 'too-large'> {
    return this.#thread.call('activations.listRecords', { ...query, barrier: this.#barrier() });
  }

  count(query: Omit<ActivationQuery, 'limit'>): Promise<number> {
    return this.#thread.call('activations.count', { ...query, barrier: this.#barrier() });
  }
}
