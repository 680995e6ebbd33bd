/**
 * The append-only log that comes before everything: what it has taken is never lost.
 *
 * Life of an activation in it: *accepted* (with its arguments when it must survive: `durable`), *started* (its code
 * may have run from here on), *finished* (its record), *logged* (its log lines, where they came after the record).
 * Exactly one *finished* is kept for an id: a second is ignored and counted.
 *
 *     await journal.accept(message);      // then 202 may leave
 *     await journal.start(message);       // then /run may be sent, where the intent is durable
 *     await journal.finish(record, logs); // then a blocking reply may leave
 *
 * "Written" means that write() returned: it survives the death of the process. "Durable" means that fdatasync()
 * returned: it survives the death of the machine. What is written is durable within 5 ms (group commit).
 * A journal that cannot write throws {@link JournalUnavailableError} (503): never an acknowledgement.
 */
import type { ActivationMessage, ActivationRecord } from '@vibrissa/protocol';

/**
 * The journal can't take anything now: the disk is full or broken, or an earlier sync failed. Whoever waited for
 * an acknowledgement gets 503. A full disk heals by itself once there is room; a failed sync needs a restart.
 */
export class JournalUnavailableError extends Error {
  readonly code = 'JOURNAL_UNAVAILABLE';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JournalUnavailableError';
  }
}

/** What a crash left behind. */
export interface Unfinished {
  /** With `content` when it was durable, so that it can be run. */
  readonly message: ActivationMessage;
  readonly started: boolean;
}

export interface ActivationJournal {
  /** Takes an intent with its arguments; resolves when durable. */
  accept(message: ActivationMessage): Promise<void>;
  /**
   * Says that code may run from now on. For a durable intent it resolves when written; for another it notes what
   * is needed for an error record after a crash, and nobody needs to wait for it (written within 5 ms).
   */
  start(message: ActivationMessage): Promise<void>;
  /** Takes a record; resolves when written. `logs` undefined means that they follow by {@link logged}. */
  finish(record: ActivationRecord, logs: readonly string[] | undefined): Promise<void>;
  /** Takes the log lines of a finished activation; resolves when written. */
  logged(activationId: string, logs: readonly string[]): Promise<void>;
  /**
   * Ends an activation whose record is not kept (`storeActivations: false`, store levels): it is no longer
   * unfinished, and nothing can be read of it. Resolves when written.
   */
  discard(activationId: string): Promise<void>;
  /** What was accepted or started and not finished when the journal was opened. */
  unfinished(): Promise<readonly Unfinished[]>;
  /** Writes and syncs all it has, fills the store, and closes. */
  close(): Promise<void>;
}
