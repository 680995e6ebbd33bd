import { encodeActivation, encodeSummary, type ActivationRecord } from '@vibrissa/protocol';
import type {
  ActivationQuery,
  ActivationStore,
  ActivationSummary,
  RecordsQuery,
  StoredActivation,
} from '../activation-store.ts';

interface Kept {
  readonly record: ActivationRecord;
  logs: readonly string[];
}

/** `action` or `package/action`, without the namespace; `binding/action`, where it was called so. */
function filterName({ binding, name, path }: ActivationRecord): string {
  if (binding !== undefined) return `${binding.slice(binding.indexOf('/') + 1)}/${name}`;
  return path.slice(path.indexOf('/') + 1);
}

function show({ record, logs }: Kept): StoredActivation {
  const { activationId, response } = record;
  return { activationId, statusCode: response.statusCode, recordJson: encodeActivation(record, logs) };
}

/** Keeps finished activations for the life of the process; `finish` and `logged` are the journal's. */
export class MemoryActivationStore implements ActivationStore {
  readonly #kept = new Map<string, Kept>();

  /** The first record of an activation counts. */
  async finish(record: ActivationRecord, logs: readonly string[] | undefined): Promise<void> {
    if (!this.#kept.has(record.activationId))
      this.#kept.set(record.activationId, { record, logs: logs ?? [] });
  }

  async logged(activationId: string, logs: readonly string[]): Promise<void> {
    const kept = this.#kept.get(activationId);
    if (kept !== undefined) kept.logs = logs;
  }

  async get(namespace: string, activationId: string): Promise<StoredActivation | undefined> {
    const kept = this.#kept.get(activationId);
    return kept?.record.namespace === namespace ? show(kept) : undefined;
  }

  async list(query: ActivationQuery): Promise<readonly ActivationSummary[]> {
    return this.#page(query).map(({ record }) => ({
      activationId: record.activationId,
      summaryJson: encodeSummary(record),
    }));
  }

  async listRecords(query: RecordsQuery): Promise<readonly StoredActivation[] | 'too-large'> {
    const records = this.#page(query).map(show);
    const chars = records.reduce((sum, { recordJson }) => sum + recordJson.length, 0);
    return records.length > 1 && chars > query.maxChars ? 'too-large' : records;
  }

  async count(query: Omit<ActivationQuery, 'limit'>): Promise<number> {
    return Math.max(0, this.#matching(query).length - query.skip);
  }

  #page(query: ActivationQuery): Kept[] {
    // Of two that started in the same millisecond, the one that came later is the newer.
    return this.#matching(query)
      .reverse()
      .sort((left, right) => right.record.start - left.record.start)
      .slice(query.skip, query.skip + query.limit);
  }

  #matching({ namespace, name, since, upto }: Omit<ActivationQuery, 'limit'>): Kept[] {
    return [...this.#kept.values()].filter(
      ({ record }) =>
        record.namespace === namespace &&
        (name === undefined || filterName(record) === name) &&
        (since === undefined || record.start >= since) &&
        (upto === undefined || record.start <= upto),
    );
  }
}
