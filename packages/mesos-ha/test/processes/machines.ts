/**
 * A machine of a test: an address, and a way to run programs there. Machines with networks of their own are network
 * namespaces that a bridge joins, where each way from one to another can be cut; without root they are addresses of the
 * loopback, and nothing can be cut.
 */
export interface Machine {
  readonly address: string;
  /** What comes before a command that is to run there. */
  readonly prefix: readonly string[];
}

export interface Machines {
  add(): Promise<Machine>;
  /** From now on nothing that `from` sends reaches `to`. Throws where nothing can be cut. */
  cut(from: Machine, to: Machine): Promise<void>;
  /** Ends all cuts. */
  heal(): Promise<void>;
  /** Nothing is left of them. */
  close(): Promise<void>;
}
