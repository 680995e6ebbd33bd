import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import type { Ids } from '../base/ids.ts';
import type { AuthStore } from '../store/auth-store.ts';

const GUEST = 'guest';
const OWNER_ONLY = 0o600;

export interface GuestDeps {
  readonly auth: AuthStore;
  readonly ids: Ids;
  readonly dataDir: string;
  /** `uuid:key` of the settings. */
  readonly presetKey: string | undefined;
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'auth.guest');
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all: the file appears under its name when its content is on the disk. */
function write(path: string, key: string): void {
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', OWNER_ONLY);
  try {
    writeSync(file, `${key}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

/**
 * Sees to it that `<data-dir>/auth.guest` holds the key of namespace `guest`, which the first start creates. Returns
 * the key, or undefined where an administrator has deleted the namespace since.
 */
export async function ensureGuest({ auth, ids, dataDir, presetKey }: GuestDeps): Promise<string | undefined> {
  const path = fileOf(dataDir);
  const written = read(path);
  const subject = await auth.getSubject(GUEST);
  const owned = subject?.namespaces.find(({ name }) => name === GUEST);
  if (owned) {
    const key = `${owned.uuid}:${owned.key}`;
    if (written !== key) write(path, key);
    return key;
  }
  if (written !== undefined || subject) return undefined;
  const key = presetKey ?? `${ids.uuid()}:${ids.key()}`;
  const cut = key.indexOf(':');
  const namespace = { name: GUEST, uuid: key.slice(0, cut), key: key.slice(cut + 1) };
  await auth.putSubject({ subject: GUEST, blocked: false, namespaces: [namespace] });
  write(path, key);
  return key;
}
