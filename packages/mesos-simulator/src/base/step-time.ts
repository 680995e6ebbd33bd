/** The moment of a step: a core has no clock of its own. */
export interface StepTime {
  /** Milliseconds that only grow: deadlines count in these. */
  readonly nowMs: number;
  /** Epoch milliseconds: what stands in timestamps. May jump. */
  readonly epochMs: number;
}
