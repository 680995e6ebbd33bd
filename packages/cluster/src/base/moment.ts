/** When something happens, as the cores without I/O are told it. */
export interface Moment {
  /** Monotonic milliseconds of this machine. */
  readonly nowMs: number;
}
