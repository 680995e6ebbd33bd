/**
 * - `WEAK_SECRET`: no secret, or one that is too short.
 * - `ADDRESS_IN_USE`: another program listens at the port.
 * - `ADDRESS_UNAVAILABLE`: this machine does not have the address to listen at, or its name is not known.
 * - `LISTEN_FAILED`: the system refuses for another reason (a port below 1024, no more file descriptors).
 */
export type TransportErrorCode = 'WEAK_SECRET' | 'ADDRESS_IN_USE' | 'ADDRESS_UNAVAILABLE' | 'LISTEN_FAILED';

/** Thrown when a transport can't be opened; once it is open it throws nothing. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: TransportErrorCode;
  /** What happened and why. */
  readonly what: string;
  readonly mend: string;

  constructor(
    code: TransportErrorCode,
    { what, mend, cause }: { readonly what: string; readonly mend: string; readonly cause?: unknown },
  ) {
    super(`${what} ${mend}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.what = what;
    this.mend = mend;
  }
}
