/**
 * Finished activations, for reading. They are written through the {@link ActivationJournal}; whatever the journal
 * had taken when a read is called, the read sees.
 *
 * A record is kept as the JSON text that a client gets (the *extended* form of `GET …/activations/{id}`), so that
 * a reader copies text and nothing is parsed.
 */
import type { StatusCode } from '@vibrissa/protocol';

export interface ActivationQuery {
  /** The invoking namespace. */
  readonly namespace: string;
  /** `action` or `package/action`; what was called through a binding lies under that binding's name. */
  readonly name?: string;
  /** Epoch milliseconds, inclusive, on `start`. */
  readonly since?: number;
  readonly upto?: number;
  readonly skip: number;
  readonly limit: number;
}

/** A query for whole records: of results and logs together there may be hundreds of megabytes. */
export interface RecordsQuery extends ActivationQuery {
  /** What they may come to, roughly, in characters of JSON; one record alone may have any size. */
  readonly maxChars: number;
}

/** What a list shows of an activation: JSON texts, ready to be joined. */
export interface ActivationSummary {
  readonly activationId: string;
  /** The summary document's JSON text. */
  readonly summaryJson: string;
}

export interface StoredActivation {
  readonly activationId: string;
  readonly statusCode: StatusCode;
  /** The whole extended record with its logs. */
  readonly recordJson: string;
}

export interface ActivationStore {
  get(namespace: string, activationId: string): Promise<StoredActivation | undefined>;
  /** Newest `start` first. */
  list(query: ActivationQuery): Promise<readonly ActivationSummary[]>;
  /** As `list`, with whole records; `too-large` when they are more than `maxChars`, found out without reading them. */
  listRecords(query: RecordsQuery): Promise<readonly StoredActivation[] | 'too-large'>;
  /** How many match, less `skip`, never below 0. */
  count(query: Omit<ActivationQuery, 'limit'>): Promise<number>;
}
