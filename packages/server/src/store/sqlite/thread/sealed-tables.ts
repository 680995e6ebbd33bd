import { intentContext } from '../journal/entries.ts';
import { rowsOf, transact, type Connection } from '../database.ts';
import type { ResealedRow, SealedRow, SealedTable, StaleQuery } from './calls.ts';

/** What an entity's parameters are bound to. */
export function entityContext({ path, name }: { readonly path: string; readonly name: string }): string {
  return `entity/${path}/${name}`;
}

/** What a subject's key is bound to. */
export function keyContext(subject: string, namespace: string): string {
  return `key/${subject}/${namespace}`;
}

interface Columns {
  readonly seq: number;
  readonly a: string;
  readonly b: string;
  readonly uuid: string | null;
  readonly sealed: Uint8Array;
}

/** What of a row its secret is bound to. */
const columns: { readonly [table in SealedTable]: string } = {
  entities: 'path AS a, name AS b, NULL AS uuid',
  subject_keys: 'subject AS a, namespace AS b, uuid',
  pending: "lower(hex(id)) AS a, '' AS b, NULL AS uuid",
};

const contexts: { readonly [table in SealedTable]: (a: string, b: string) => string } = {
  entities: (path, name) => entityContext({ path, name }),
  subject_keys: keyContext,
  pending: intentContext,
};

/** Finds what was sealed with an older key and replaces it, for a change of keys. */
export class SealedTables {
  readonly #connections: { readonly [table in SealedTable]: Connection };

  constructor(entities: Connection, activations: Connection) {
    this.#connections = { entities, subject_keys: entities, pending: activations };
  }

  stale({ keyId, after, limit }: StaleQuery): SealedRow[] {
    return (Object.keys(columns) as SealedTable[]).flatMap((table) => {
      const statement = this.#connections[table].prepare(
        `SELECT seq, ${columns[table]}, sealed FROM ${table}
           WHERE seq > ? AND sealed IS NOT NULL AND key_id <> ? ORDER BY seq LIMIT ?`,
      );
      const rows = rowsOf<Columns>(statement, [after[table], keyId, limit]);
      return rows.map(({ seq, a, b, uuid, sealed }) => {
        return { table, rowid: seq, context: contexts[table](a, b), sealed, uuid: uuid ?? undefined };
      });
    });
  }

  /** Puts in the new texts; leaves out a row that has changed since it was read. */
  replace(rows: readonly ResealedRow[], keyId: string): void {
    for (const [connection, tables] of [
      [this.#connections.entities, ['entities', 'subject_keys']],
      [this.#connections.pending, ['pending']],
    ] as const) {
      const own = rows.filter(({ table }) => (tables as readonly string[]).includes(table));
      if (own.length > 0) transact(connection, () => own.forEach((row) => this.#replace(row, keyId)));
    }
  }

  #replace({ table, rowid, sealed, resealed, hash }: ResealedRow, keyId: string): void {
    const connection = this.#connections[table];
    if (hash) {
      connection
        .prepare(`UPDATE ${table} SET sealed = ?, key_id = ?, hash = ? WHERE seq = ? AND sealed = ?`)
        .run([resealed, keyId, hash, rowid, sealed]);
    } else {
      connection
        .prepare(`UPDATE ${table} SET sealed = ?, key_id = ? WHERE seq = ? AND sealed = ?`)
        .run([resealed, keyId, rowid, sealed]);
    }
  }
}
