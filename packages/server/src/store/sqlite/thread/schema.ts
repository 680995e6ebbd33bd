/** Schema of `entities.db`; entry n brings version n to n + 1. */
export const entityMigrations: readonly string[] = [
  `
  CREATE TABLE revision (last INTEGER NOT NULL);
  INSERT INTO revision VALUES (0);
  CREATE TABLE entities (
    seq INTEGER PRIMARY KEY,
    path TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, root TEXT NOT NULL,
    updated INTEGER NOT NULL, revision INTEGER NOT NULL, digest TEXT,
    json TEXT NOT NULL, sealed BLOB, key_id TEXT
  );
  CREATE UNIQUE INDEX entities_by_name ON entities (path, name);
  CREATE INDEX entities_of_root ON entities (root, type, updated, revision);
  CREATE INDEX entities_of_path ON entities (path, type, updated, revision);
  CREATE INDEX entities_by_digest ON entities (digest) WHERE digest IS NOT NULL;
  CREATE TABLE attachments (digest TEXT PRIMARY KEY, orphaned INTEGER NOT NULL, code TEXT NOT NULL);
  CREATE TABLE subjects (seq INTEGER PRIMARY KEY, subject TEXT NOT NULL UNIQUE, blocked INTEGER NOT NULL);
  CREATE TABLE subject_keys (
    seq INTEGER PRIMARY KEY,
    subject TEXT NOT NULL, namespace TEXT NOT NULL, uuid TEXT NOT NULL,
    hash BLOB NOT NULL, sealed BLOB NOT NULL, key_id TEXT NOT NULL
  );
  CREATE INDEX subject_keys_by_hash ON subject_keys (hash);
  CREATE INDEX subject_keys_by_namespace ON subject_keys (namespace);
  CREATE INDEX subject_keys_by_subject ON subject_keys (subject);
  CREATE TABLE limits (namespace TEXT PRIMARY KEY, json TEXT NOT NULL);
  `,
];

/**
 * Schema of `activations.db`. The great texts stand last in a row, so that nothing of them is read for what stands
 * before; a list needs `head` only.
 */
export const activationMigrations: readonly string[] = [
  `
  CREATE TABLE state (position INTEGER NOT NULL, records INTEGER NOT NULL, bytes INTEGER NOT NULL,
    duplicates INTEGER NOT NULL);
  INSERT INTO state VALUES (0, 0, 0, 0);
  CREATE TABLE activations (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, start INTEGER NOT NULL,
    status INTEGER NOT NULL, bytes INTEGER NOT NULL,
    head TEXT NOT NULL, body TEXT NOT NULL, logs TEXT
  );
  CREATE UNIQUE INDEX activations_by_id ON activations (id);
  CREATE INDEX activations_of_namespace ON activations (namespace, start);
  CREATE INDEX activations_by_name ON activations (namespace, name, start);
  CREATE INDEX activations_by_age ON activations (start);
  CREATE TABLE pending (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE, offset INTEGER NOT NULL, started INTEGER NOT NULL,
    json TEXT NOT NULL, sealed BLOB, key_id TEXT
  );
  `,
];
