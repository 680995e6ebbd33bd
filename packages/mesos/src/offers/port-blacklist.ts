/**
 * Ports of agents that a container could not bind (`docker run` ended with 125), though the master offers them:
 * something outside of Mesos uses them. They are left out until they expire.
 */
export class PortBlacklist {
  readonly #expiryMs: number;
  /** Agent → port → when it may be tried again. */
  readonly #blocked = new Map<string, Map<number, number>>();

  constructor(options: { readonly expiryMs: number }) {
    this.#expiryMs = options.expiryMs;
  }

  /** Blocks it, or blocks it anew. */
  block(agentId: string, port: number, nowMs: number): void {
    const ports = this.#blocked.get(agentId) ?? new Map<number, number>();
    this.#blocked.set(agentId, ports.set(port, nowMs + this.#expiryMs));
  }

  /** What is blocked at that moment, for a round of matching. Forgets what has expired. */
  blockedAt(nowMs: number): (agentId: string, port: number) => boolean {
    for (const [agentId, ports] of this.#blocked) {
      for (const [port, untilMs] of ports) if (untilMs <= nowMs) ports.delete(port);
      if (ports.size === 0) this.#blocked.delete(agentId);
    }
    return (agentId, port) => this.#blocked.get(agentId)?.has(port) === true;
  }
}
