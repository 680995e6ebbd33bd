/**
 * Somebody outside the cluster who sees who acts: for a framework the Mesos master, which lets one scheduler be connected
 * under the framework's id.
 */
export interface LeaseWitness {
  /** Asked about once a second. Rejects, or takes too long, where the witness can't be asked. */
  observe(): Promise<WitnessReport>;
}

export interface WitnessReport {
  /** The member's id that acted last, where the witness knows it. */
  readonly holder?: string;
  /** The highest that it has ever seen; 0: none. */
  readonly epoch: number;
  /** Is somebody acting now? */
  readonly isConnected: boolean;
  /**
   * Another one than before: somebody has begun to act since, even if nobody does now. Without it nobody knows who acted
   * between two questions.
   */
  readonly begun?: string;
}
