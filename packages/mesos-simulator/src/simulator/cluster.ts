import type { Clock, Timer } from '../base/clock.ts';
import type { AgentHost } from './agent-host.ts';
import type { MasterHost } from './master-host.ts';

/** How long agents take to find a new leader: a framework can be there before them. */
const AGENT_DETECTION_MS = 100;

/**
 * Masters and agents, and who leads. The election is ZooKeeper's as it looks from outside: who came first leads; when
 * its process dies the others go on pointing to it until its session ends.
 */
export class Cluster {
  readonly masters: MasterHost[] = [];
  readonly agents: AgentHost[] = [];
  readonly #clock: Clock;
  readonly #sessionTimeoutMs: number;
  /** Running masters in the order in which they came. */
  #candidates: MasterHost[] = [];
  /** Perhaps dead already. */
  #leader: MasterHost | undefined;
  #sessionEnd: Timer | undefined;
  #detection: Timer | undefined;

  constructor(clock: Clock, sessionTimeoutMs: number) {
    this.#clock = clock;
    this.#sessionTimeoutMs = sessionTimeoutMs;
  }

  /** Undefined while nobody leads, or the leader is dead and nobody has noticed. */
  get leader(): MasterHost | undefined {
    return this.#leader?.isRunning ? this.#leader : undefined;
  }

  async startMaster(master: MasterHost): Promise<void> {
    if (master.isRunning) return;
    await master.start();
    this.#candidates.push(master);
    // Its former session ends with the new one: nobody points to a dead process at a living address.
    if (this.#leader === undefined || this.#leader === master) this.#electNext();
    else master.setLeader(this.#leader.address);
  }

  async killMaster(master: MasterHost): Promise<void> {
    await master.kill();
    this.masterEnded(master);
  }

  /** Its process has ended, of itself or not. */
  masterEnded(master: MasterHost): void {
    this.#candidates = this.#candidates.filter((each) => each !== master);
    if (master !== this.#leader || this.#sessionEnd) return;
    this.#sessionEnd = this.#clock.after(this.#sessionTimeoutMs, () => this.#electNext());
  }

  /** Makes a running master the leader at once; the former one ends its process. */
  elect(master: MasterHost): void {
    if (master.isRunning && master !== this.#leader) this.#lead(master);
  }

  async close(): Promise<void> {
    this.#sessionEnd?.cancel();
    this.#detection?.cancel();
    await Promise.all(this.agents.map((agent) => agent.close()));
    await Promise.all(this.masters.map((master) => master.kill()));
  }

  #electNext(): void {
    const [next] = this.#candidates;
    if (next) this.#lead(next);
    else {
      this.#endSession();
      this.#leader = undefined;
    }
  }

  #lead(master: MasterHost): void {
    this.#endSession();
    this.#leader = master;
    // The new leader first: whom it follows ends its process on hearing of it.
    for (const each of [master, ...this.#candidates.filter((other) => other !== master)]) {
      each.setLeader(master.address);
    }
    this.#detection?.cancel();
    this.#detection = this.#clock.after(AGENT_DETECTION_MS, () => {
      for (const agent of this.agents) agent.connect();
    });
  }

  #endSession(): void {
    this.#sessionEnd?.cancel();
    this.#sessionEnd = undefined;
  }
}
