import { rowOf, rowsOf, transact, type Connection } from '../database.ts';

/** Records that are deleted in one transaction. */
const SLICE_RECORDS = 500;
/** Pages that are given back to the file system at a time. */
const VACUUM_PAGES = 256;
/** A clock that runs ahead of the time that has really passed by more than this was set, rightly or wrongly. */
const TRUSTED_JUMP_MS = 3_600_000;

/** How long and how much is kept: milliseconds, bytes. */
export interface Retention {
  readonly activationAge: number;
  readonly activationSize: number;
}

/** A moment by both clocks. */
export interface Moment {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly monotonicMs: number;
}

/**
 * Records that started before this are too old. A clock that jumps ahead while the platform runs must not delete
 * everything, so the age grows no faster than time passes.
 */
export function oldestKept(opened: Moment, current: Moment, ageMs: number): number {
  const passed = opened.now + (current.monotonicMs - opened.monotonicMs);
  return Math.min(current.now, passed + TRUSTED_JUMP_MS) - ageMs;
}

interface Doomed {
  readonly seq: number;
  readonly bytes: number;
}

/** Deletes old records from `activations.db`, a few at a time. */
export class RetentionTables {
  readonly #connection: Connection;
  readonly #retention: Retention;
  readonly #statements;

  constructor(connection: Connection, retention: Retention) {
    this.#connection = connection;
    this.#retention = retention;
    this.#statements = {
      tooOld: connection.prepare(
        `SELECT seq, bytes FROM activations WHERE start < ? ORDER BY start LIMIT ${SLICE_RECORDS}`,
      ),
      first: connection.prepare(`SELECT seq, bytes FROM activations ORDER BY seq LIMIT ${SLICE_RECORDS}`),
      delete: connection.prepare('DELETE FROM activations WHERE seq = ?'),
      bytes: connection.prepare('SELECT bytes FROM state'),
      count: connection.prepare('UPDATE state SET records = records - ?, bytes = bytes - ?'),
    };
  }

  /** Deletes one slice; returns how many records that were. 0: there is nothing left to delete. */
  slice(oldest: number): number {
    const deleted = transact(this.#connection, () => {
      const tooOld = rowsOf<Doomed>(this.#statements.tooOld, [oldest]);
      return this.#delete(tooOld.length > 0 ? tooOld : this.#tooMany());
    });
    if (deleted > 0) this.giveBack();
    return deleted;
  }

  /** Gives some of the freed pages back to the file system. */
  giveBack(): void {
    this.#connection.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
  }

  #tooMany(): Doomed[] {
    const { bytes } = rowOf<{ bytes: number }>(this.#statements.bytes, [])!;
    let excess = bytes - this.#retention.activationSize;
    if (excess <= 0) return [];
    return rowsOf<Doomed>(this.#statements.first, []).filter((record) => {
      const doomed = excess > 0;
      excess -= record.bytes;
      return doomed;
    });
  }

  #delete(doomed: readonly Doomed[]): number {
    let bytes = 0;
    for (const record of doomed) {
      this.#statements.delete.run([record.seq]);
      bytes += record.bytes;
    }
    if (doomed.length > 0) this.#statements.count.run([doomed.length, bytes]);
    return doomed.length;
  }
}
