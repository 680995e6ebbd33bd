import Database from 'libsql';

import { DataDirectoryError } from './data-directory-error.ts';

export type { Database };
export type Connection = Database.Database;
export type Statement = Database.Statement<unknown[]>;

/** How a database file is opened. */
export interface DatabaseOptions {
  readonly path: string;
  /** `FULL`: a commit is on the disk when it returns. `NORMAL`: it is consistent, and on the disk at a checkpoint. */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** SQL that brings the schema from version n (its index) to n + 1. */
  readonly migrations: readonly string[];
  readonly cacheKb: number;
}

/** What a statement is given. */
export type Parameter = string | number | null | Uint8Array;

/** All rows. The library gives blobs as bare `ArrayBuffer`s here, and as `Buffer`s for a single row. */
export function rowsOf<Row extends object>(statement: Statement, parameters: readonly Parameter[]): Row[] {
  const rows = statement.all(parameters) as { [column: string]: unknown }[];
  for (const row of rows) {
    for (const column in row) {
      const value = row[column];
      if (value instanceof ArrayBuffer) row[column] = Buffer.from(value);
    }
  }
  return rows as Row[];
}

/** The first row. */
export function rowOf<Row extends object>(
  statement: Statement,
  parameters: readonly Parameter[],
): Row | undefined {
  return statement.get(parameters) as Row | undefined;
}

/** Runs `work` in a transaction and undoes it all when it throws. */
export function transact<T>(connection: Connection, work: () => T): T {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    // The engine undoes a transaction by itself after some errors (a full disk), and then there is none to undo.
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

function migrate(connection: Connection, { path, migrations }: DatabaseOptions): void {
  const row = rowOf<{ user_version: number }>(connection.prepare('PRAGMA user_version'), [])!;
  if (row.user_version > migrations.length) {
    throw new DataDirectoryError('DATA_DIRECTORY_NEWER', {
      what: `${path} has schema ${row.user_version}; this version of Vibrissa knows schemas up to ${migrations.length}.`,
      mend: 'Start the newer version that wrote it, or give this one another directory with --data-dir.',
    });
  }
  for (let version = row.user_version; version < migrations.length; version++) {
    transact(connection, () => {
      connection.exec(migrations[version]!);
      connection.exec(`PRAGMA user_version = ${version + 1}`);
    });
  }
}

/** Opens a database file in WAL mode and brings its schema up to date. Throws {@link DataDirectoryError}. */
export function openDatabase(options: DatabaseOptions): Connection {
  const connection = new Database(options.path);
  try {
    // Takes effect only in a file without tables; freed pages are then given back a few at a time.
    connection.exec('PRAGMA auto_vacuum = INCREMENTAL');
    connection.pragma('journal_mode = WAL');
    connection.exec(`PRAGMA synchronous = ${options.synchronous}`);
    connection.exec(`PRAGMA cache_size = -${options.cacheKb}`);
    connection.exec('PRAGMA wal_autocheckpoint = 2000');
    migrate(connection, options);
    return connection;
  } catch (error) {
    connection.close();
    const { code } = error as { code?: string };
    if (code !== 'SQLITE_NOTADB' && code !== 'SQLITE_CORRUPT') throw error;
    throw new DataDirectoryError('DATA_DIRECTORY_UNUSABLE', {
      what: `The database ${options.path} is damaged.`,
      mend: 'Restore the data directory from a backup, or move it away to start with an empty one.',
      cause: error,
    });
  }
}
