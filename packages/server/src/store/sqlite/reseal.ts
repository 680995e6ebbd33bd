import type { Sealer } from '../crypto/sealer.ts';
import type { ResealedRow, SealedCursor, SealedRow } from './thread/calls.ts';
import type { ThreadClient } from './thread/thread-client.ts';

const SLICE_ROWS = 50;

/** A key's hash is made of its uuid too, which stands in the clear beside it. */
function hashOf(row: SealedRow, clear: string, sealer: Sealer): Uint8Array | undefined {
  return row.uuid === undefined ? undefined : sealer.hash(`${row.uuid}:${clear}`);
}

/** What a pass over the sealed texts has done. */
export interface ResealOutcome {
  readonly resealed: number;
  /** Texts that no key opens; they stay as they are. */
  readonly unreadable: number;
}

/**
 * Seals with the newest key what older keys have sealed, a few at a time, so that the older ones can be removed.
 * May run beside everything else: a text that changes meanwhile is sealed with the newest key anyway.
 */
export async function resealAll(thread: ThreadClient, sealer: Sealer): Promise<ResealOutcome> {
  let resealed = 0;
  let after: SealedCursor = { entities: 0, subject_keys: 0, pending: 0 };
  let unreadable = 0;
  for (;;) {
    const rows = await thread.call('sealed.stale', { keyId: sealer.keyId, after, limit: SLICE_ROWS });
    if (rows.length === 0) return { resealed, unreadable };
    const done: ResealedRow[] = [];
    for (const row of rows) {
      after = { ...after, [row.table]: Math.max(after[row.table], row.rowid) };
      try {
        const clear = sealer.unseal(row.sealed, row.context);
        done.push({ ...row, resealed: sealer.seal(clear, row.context), hash: hashOf(row, clear, sealer) });
      } catch {
        unreadable += 1;
      }
    }
    await thread.call('sealed.replace', done, sealer.keyId);
    resealed += done.length;
  }
}
