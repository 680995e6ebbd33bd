/** Why a read or a write of the map did not come to its end. */
type MapErrorCode = 'CONFLICT' | 'EPOCH_OVER' | 'NO_LEADER' | 'OUTCOME_UNKNOWN' | 'CLOSED';

const codes: Readonly<Record<MapErrorCode, true>> = {
  CONFLICT: true,
  EPOCH_OVER: true,
  NO_LEADER: true,
  OUTCOME_UNKNOWN: true,
  CLOSED: true,
};

/** Undefined: it is no error of the map. */
export function mapErrorCode(error: unknown): MapErrorCode | undefined {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && Object.hasOwn(codes, code) ? (code as MapErrorCode) : undefined;
}

/** The same may be tried again, and nothing was decided. */
export function isPassing(error: unknown): boolean {
  const code = mapErrorCode(error);
  return code === 'NO_LEADER' || code === 'OUTCOME_UNKNOWN';
}
