/**
 * - `INVALID_ADDRESS`, `INVALID_OPTIONS`: how the source is described makes no sense.
 * - `NO_SEEDS`: the source works and lists nothing.
 * - `SEEDS_UNREACHABLE`: DNS, the file or Marathon can't be asked now.
 * - `UNAUTHORIZED`: Marathon wants to know who asks, or does not let this one.
 * - `APP_NOT_FOUND`, `PORT_NOT_FOUND`: Marathon has no such app, or the app no such port.
 * - `NOT_MARATHON`: what answers there is something else.
 */
export type SeedErrorCode =
  | 'INVALID_ADDRESS'
  | 'INVALID_OPTIONS'
  | 'NO_SEEDS'
  | 'SEEDS_UNREACHABLE'
  | 'UNAUTHORIZED'
  | 'APP_NOT_FOUND'
  | 'PORT_NOT_FOUND'
  | 'NOT_MARATHON';

/** Why a seed source can't say where others are. Holds no secrets. */
export class SeedError extends Error {
  override readonly name = 'SeedError';
  readonly code: SeedErrorCode;
  /** What happened and why. */
  readonly what: string;
  readonly mend: string;

  constructor(
    code: SeedErrorCode,
    { what, mend, cause }: { readonly what: string; readonly mend: string; readonly cause?: unknown },
  ) {
    super(`${what} ${mend}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.what = what;
    this.mend = mend;
  }
}
