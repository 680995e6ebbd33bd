/**
 * - `STORAGE_IN_USE`: another process has the directory open.
 * - `STORAGE_FORMAT`: a newer version of this package wrote it.
 * - `STORAGE_CORRUPT`: what stands there was damaged after it had been written.
 * - `OTHER_CLUSTER`: it belongs to a cluster of another name.
 * - `STORAGE_FAILED`: the disk refused to read, write or keep something; nothing is taken any more.
 * - `STORAGE_GAP`: entries that don't follow the last one; a defect of whoever writes them.
 * - `STORAGE_CLOSED`: it was used after `close()`.
 */
export type StorageErrorCode =
  | 'STORAGE_IN_USE'
  | 'STORAGE_FORMAT'
  | 'STORAGE_CORRUPT'
  | 'OTHER_CLUSTER'
  | 'STORAGE_FAILED'
  | 'STORAGE_GAP'
  | 'STORAGE_CLOSED';

/** Thrown by the adapters of `ConsensusStorage`. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;
  /** What happened and why. */
  readonly what: string;
  readonly mend: string;

  constructor(
    code: StorageErrorCode,
    { what, mend, cause }: { readonly what: string; readonly mend: string; readonly cause?: unknown },
  ) {
    super(`${what} ${mend}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.what = what;
    this.mend = mend;
  }
}
