/** When something happens, as the cores without I/O are told it. */
export interface Moment {
  /** Monotonic milliseconds of this machine. */
  readonly nowMs: number;
}

/** With the wall clock, for what people read. */
export interface WallMoment extends Moment {
  /** Epoch milliseconds. */
  readonly epochMs: number;
}
