import type { ActivationMessage, ActivationRecord } from '@vibrissa/protocol';
import { logFieldsOf } from '../../../observability/log-fields.ts';

import type { Clock, Timer } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { ActivationJournal, Unfinished } from '../../activation-journal.ts';
import type { Sealer } from '../../crypto/sealer.ts';
import {
  decodeIntent,
  DISCARDED,
  STARTED,
  writeAccepted,
  writeFinished,
  writeLogged,
  writeMark,
  writeNoted,
  type IntentParts,
} from './entries.ts';
import type { GroupCommit } from './group-commit.ts';

/** A note is written when the run has lasted one to two of these: short runs leave none. */
const NOTE_TICK_MS = 2;

const done = Promise.resolve();

/** An entry of the table `pending`. */
export interface PendingIntent extends IntentParts {
  readonly started: boolean;
}

/** What the journal works with. */
export interface FileActivationJournalDeps {
  readonly commit: GroupCommit;
  readonly sealer: () => Sealer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What lies in `pending` from before this journal was opened, oldest first. */
  readonly pending: () => Promise<readonly PendingIntent[]>;
}

/**
 * The journal in segment files. What is called is in the batch before the call returns, so that entries have the
 * order of the calls.
 *
 * The note of a run that needs none but after a crash waits a moment in memory: when the run ends before, it is
 * never written.
 */
export class FileActivationJournal implements ActivationJournal {
  readonly #deps: FileActivationJournalDeps;
  readonly #commit: GroupCommit;
  #young = new Map<string, ActivationMessage>();
  #old = new Map<string, ActivationMessage>();
  #noteTimer: Timer | undefined;
  #closed: Promise<void> | undefined;

  constructor(deps: FileActivationJournalDeps) {
    this.#deps = deps;
    this.#commit = deps.commit;
  }

  accept(message: ActivationMessage): Promise<void> {
    try {
      writeAccepted(this.#commit.batch, message, this.#deps.sealer());
      return this.#commit.whenDurable();
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  start(message: ActivationMessage): Promise<void> {
    if (!message.durable) {
      this.#young.set(message.activationId, message);
      this.#noteTimer ??= this.#deps.clock.after(NOTE_TICK_MS, () => this.#writeNotes());
      return done;
    }
    try {
      writeMark(this.#commit.batch, STARTED, message.activationId);
      return this.#commit.whenWritten();
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  finish(record: ActivationRecord, logs: readonly string[] | undefined): Promise<void> {
    try {
      this.#commit.hasten();
      writeFinished(this.#commit.batch, record, logs);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    this.#dropNote(record.activationId);
    return this.#commit.whenWritten();
  }

  logged(activationId: string, logs: readonly string[]): Promise<void> {
    try {
      writeLogged(this.#commit.batch, activationId, logs);
      return this.#commit.whenWritten();
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  discard(activationId: string): Promise<void> {
    try {
      writeMark(this.#commit.batch, DISCARDED, activationId);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    this.#dropNote(activationId);
    return this.#commit.whenWritten();
  }

  async unfinished(): Promise<readonly Unfinished[]> {
    return (await this.#deps.pending()).map((intent) => this.#decode(intent));
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#noteTimer?.cancel();
      this.#writeAllNotes();
      this.#closed = this.#commit.close();
    }
    return this.#closed;
  }

  #decode({ json, sealed, started }: PendingIntent): Unfinished {
    try {
      return { message: decodeIntent({ json, sealed }, this.#deps.sealer()), started };
    } catch (error) {
      // Its caller has a 202: it must still get a record, if only one that says that it could not be run.
      const message = { ...decodeIntent({ json, sealed: undefined }, this.#deps.sealer()), durable: false };
      this.#deps.logger.error(
        { err: error, ...logFieldsOf(message) },
        'the arguments of an activation are lost',
      );
      return { message, started };
    }
  }

  #dropNote(activationId: string): void {
    if (!this.#young.delete(activationId)) this.#old.delete(activationId);
  }

  #writeNotes(): void {
    this.#noteTimer = undefined;
    this.#write(this.#old);
    this.#old = this.#young;
    this.#young = new Map();
    if (this.#old.size > 0) {
      this.#noteTimer = this.#deps.clock.after(NOTE_TICK_MS, () => this.#writeNotes());
    }
  }

  #writeAllNotes(): void {
    this.#write(this.#old);
    this.#write(this.#young);
    this.#old.clear();
    this.#young.clear();
  }

  #write(notes: ReadonlyMap<string, ActivationMessage>): void {
    if (notes.size === 0) return;
    try {
      for (const message of notes.values()) writeNoted(this.#commit.batch, message);
    } catch (error) {
      // A journal that takes nothing now won't take the records either, and those who wait hear of that.
      this.#deps.logger.warn({ err: error, notes: notes.size }, 'notes of running activations are lost');
    }
  }
}
