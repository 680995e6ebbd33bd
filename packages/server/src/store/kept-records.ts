import {
  APPLICATION_ERROR,
  SUCCESS,
  type ActivationMessage,
  type ActivationRecord,
  type ActivationResponse,
  type NamespaceLimits,
} from '@vibrissa/protocol';
import type { UserEvents } from '../observability/user-events.ts';
import type { ActivationJournal } from './activation-journal.ts';

/** Which records are kept (OpenWhisk's names). */
export type StoreLevel = 'STORE_ALWAYS' | 'STORE_FAILURES' | 'STORE_FAILURES_NOT_APPLICATION_ERRORS';

interface StoreLevels {
  readonly storeBlockingResultLevel: StoreLevel;
  readonly storeNonBlockingResultLevel: StoreLevel;
}

/** What decides on the record of an activation, beside its response. */
export type Recorded = Pick<ActivationMessage, 'blocking' | 'extraLogging'> & {
  readonly user: { readonly limits: NamespaceLimits };
};

interface KeptRecordsDeps {
  readonly journal: Pick<ActivationJournal, 'finish' | 'discard'>;
  /** Told of those whose record is not kept; of others the journal tells. */
  readonly events: Pick<UserEvents, 'ended'>;
  readonly levels: StoreLevels;
}

/**
 * Whatever has ended comes by here, be it an action, a sequence, a composition, a trigger or a part of the platform: its
 * record goes into the journal if its namespace's limits and the platform's store levels say so.
 */
export class KeptRecords {
  readonly #deps: KeptRecordsDeps;

  private constructor(deps: KeptRecordsDeps) {
    this.#deps = deps;
  }

  static open(deps: KeptRecordsDeps): KeptRecords {
    return new KeptRecords(deps);
  }

  keeps(activation: Recorded, { statusCode }: Pick<ActivationResponse, 'statusCode'>): boolean {
    const { blocking, extraLogging, user } = activation;
    const { storeBlockingResultLevel, storeNonBlockingResultLevel } = this.#deps.levels;
    const level = blocking ? storeBlockingResultLevel : storeNonBlockingResultLevel;
    if (user.limits.storeActivations === false) return false;
    if (extraLogging === true) return true;
    if (level === 'STORE_ALWAYS' || statusCode > APPLICATION_ERROR) return true;
    return level === 'STORE_FAILURES' && statusCode !== SUCCESS;
  }

  /**
   * Ends an activation that the journal may know of, with its record or without. Resolves when that is written; throws when
   * the journal can't take it. `logs` undefined: they follow.
   */
  finish(activation: Recorded, record: ActivationRecord, logs: readonly string[] | undefined): Promise<void> {
    const { journal } = this.#deps;
    return this.keeps(activation, record.response) ? journal.finish(record, logs) : this.#discard(record);
  }

  /** The same for one that was over at once, so that the journal knows nothing of it. */
  async finishAtOnce(activation: Recorded, record: ActivationRecord, logs: readonly string[]): Promise<void> {
    if (this.keeps(activation, record.response)) await this.#deps.journal.finish(record, logs);
    else this.#deps.events.ended(record);
  }

  async #discard(record: ActivationRecord): Promise<void> {
    await this.#deps.journal.discard(record.activationId);
    this.#deps.events.ended(record);
  }
}
