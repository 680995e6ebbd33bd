/** Why the platform can't start. */
export type StartErrorCode =
  | 'ADDRESS_UNUSABLE'
  | 'MACHINE_UNFIT'
  | 'NOT_ISOLATED'
  | 'TLS_UNUSABLE'
  | 'MANIFEST_UNUSABLE'
  | 'MESOS_UNUSABLE'
  | 'RUNTIMES_MISSING';

/**
 * The platform can't start, for a reason that the operator can mend: the port or the data directory is taken, a file
 * can't be read, the machine isolates nothing. `code` is for programs.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code: StartErrorCode;
  readonly mend: string;

  constructor(
    code: StartErrorCode,
    what: { readonly message: string; readonly mend: string; readonly cause?: unknown },
  ) {
    super(what.message, { cause: what.cause });
    this.code = code;
    this.mend = what.mend;
  }
}
