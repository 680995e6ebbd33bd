/** What can go wrong with a cluster, for programs. */
export type ClusterErrorCode =
  | 'INVALID_OPTIONS'
  /** A change of the map with what JSON can't say, or too much of it. */
  | 'INVALID_CHANGE'
  /** Nothing was written or read: nobody led for so long. */
  | 'NO_LEADER'
  | 'CONFLICT'
  | 'EPOCH_OVER'
  /** It may have been written, or not: read before you write again. */
  | 'OUTCOME_UNKNOWN'
  | 'CLOSED';

/** The message says what, why, and how to mend it. */
export class ClusterError extends Error {
  readonly code: ClusterErrorCode;

  constructor(code: ClusterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClusterError';
    this.code = code;
  }
}

/** A write whose conditions did not hold: another one came first. */
export class ConflictError extends ClusterError {
  readonly keys: readonly string[];

  constructor(keys: readonly string[]) {
    super(
      'CONFLICT',
      `Nothing was written: ${keys.join(', ')} had another version. Read again, and decide anew.`,
    );
    this.name = 'ConflictError';
    this.keys = keys;
  }
}
