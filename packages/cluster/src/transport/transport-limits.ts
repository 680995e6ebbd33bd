/** What a transport allows its peers and strangers. Milliseconds and bytes. */
export interface TransportLimits {
  /** From asking for a connection until the peer's machine has accepted it. */
  readonly connectMs: number;
  /** From then on until both have proved that they have the secret. */
  readonly handshakeMs: number;
  /** A peer must have read what it was sent within this time, and a second more for each megabyte that waits. */
  readonly stallMs: number;
  /** A connection on which nothing was sent for so long is closed; the accepting side waits twice as long. */
  readonly idleMs: number;
  /** Before a peer that could not be reached is tried again; doubles from the first to the second. */
  readonly backOffMinMs: number;
  readonly backOffMaxMs: number;
  /** Connections that have not proved anything yet; one more closes the oldest. */
  readonly strangers: number;
  readonly frameBytes: number;
  /** What waits for a peer; more resets the connection, and what waited is lost. */
  readonly queueBytes: number;
}

export const defaultLimits: TransportLimits = {
  connectMs: 2_000,
  handshakeMs: 5_000,
  stallMs: 5_000,
  idleMs: 120_000,
  backOffMinMs: 100,
  backOffMaxMs: 1_000,
  strangers: 64,
  frameBytes: 16 * 1024 * 1024,
  queueBytes: 32 * 1024 * 1024,
};
