import { join } from 'node:path';

import type { Ids } from '../base/ids.ts';
import type { AuthStore } from '../store/auth-store.ts';
import { readOwnerFile, writeOwnerFile } from './owner-file.ts';

const GUEST = 'guest';

export interface GuestDeps {
  readonly auth: AuthStore;
  readonly ids: Ids;
  readonly dataDir: string;
  /** `uuid:key` of the settings. */
  readonly presetKey: string | undefined;
}

/** The file with the key of namespace `guest`. */
export function guestKeyFile(dataDir: string): string {
  return join(dataDir, 'auth.guest');
}

/**
 * Sees to it that `<data-dir>/auth.guest` holds the key of namespace `guest`, which the first start creates. Returns
 * the key, or undefined where an administrator has deleted the namespace since.
 */
export async function ensureGuest({ auth, ids, dataDir, presetKey }: GuestDeps): Promise<string | undefined> {
  const path = guestKeyFile(dataDir);
  const written = readOwnerFile(path);
  const subject = await auth.getSubject(GUEST);
  const owned = subject?.namespaces.find(({ name }) => name === GUEST);
  if (owned) {
    const key = `${owned.uuid}:${owned.key}`;
    if (written !== key) writeOwnerFile(path, key);
    return key;
  }
  if (written !== undefined || subject) return undefined;
  const key = presetKey ?? `${ids.uuid()}:${ids.key()}`;
  const cut = key.indexOf(':');
  const namespace = { name: GUEST, uuid: key.slice(0, cut), key: key.slice(cut + 1) };
  await auth.putSubject({ subject: GUEST, blocked: false, namespaces: [namespace] });
  writeOwnerFile(path, key);
  return key;
}
